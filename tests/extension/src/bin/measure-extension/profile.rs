//! What the content script costs the page's main thread, by the browsers' own profilers: they see
//! the script in its isolated world, which the page does not. Chromium's tells the time that passed,
//! with whatever else the machine did meanwhile; Firefox's tells the processor's time.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::{Context as _, Result};
use extension_tests::privileged;
use letterlock_tests::browser::Kind;
use letterlock_tests::page::Page;
use serde::Deserialize;
use serde_json::{Value, json};

/// The content script, as profilers call it.
const SCRIPT: &str = "/content.js";
/// Chromium's profiler looks at the stack this often, in microseconds.
const INTERVAL: u32 = 100;

/// Time that went into a script and all that it called.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Cost {
    /// Milliseconds in all
    #[serde(rename = "total")]
    pub(crate) millis: f64,
    /// The same by the script's innermost function
    pub(crate) functions: BTreeMap<String, f64>,
}

impl Cost {
    /// The dearest functions, for finding out where the time goes.
    pub(crate) fn told(&self) -> String {
        let mut functions: Vec<_> = self.functions.iter().collect();
        functions.sort_by(|one, other| other.1.total_cmp(one.1));
        let told: Vec<String> = functions
            .iter()
            .take(8)
            .map(|(name, millis)| format!("{name} {millis:.1}"))
            .collect();
        format!("{:.1} ms: {}", self.millis, told.join(", "))
    }
}

/// Begins.
///
/// # Errors
///
/// When the browser has no profiler.
pub(crate) async fn start(page: &Page, kind: Kind) -> Result<()> {
    match kind {
        Kind::Chromium => {
            let tools = page.driver().cdp();
            tools.send_raw("Profiler.enable", json!({})).await?;
            let interval = json!({ "interval": INTERVAL });
            tools
                .send_raw("Profiler.setSamplingInterval", interval)
                .await?;
            tools.send_raw("Profiler.start", json!({})).await?;
        }
        Kind::Firefox => {
            const START: &str = "await Services.profiler.StartProfiler(1 << 23, 0.5, ['js', 'cpu'], ['GeckoMain']);";
            privileged::run(page, START, Vec::new()).await?;
        }
    }
    Ok(())
}

/// Ends, and tells what the content script cost meanwhile.
///
/// # Errors
///
/// When the browser's profile cannot be read.
pub(crate) async fn stop(page: &Page, kind: Kind) -> Result<Cost> {
    match kind {
        Kind::Chromium => {
            let tools = page.driver().cdp();
            let answer = tools.send_raw("Profiler.stop", json!({})).await?;
            tools.send_raw("Profiler.disable", json!({})).await?;
            cost(answer["profile"].clone(), SCRIPT)
        }
        Kind::Firefox => {
            let sum = include_str!("firefox.js");
            let answer = privileged::run(page, sum, vec![json!(SCRIPT)]).await?;
            Ok(serde_json::from_value(answer)?)
        }
    }
}

/// Counts calls from here on; in Chromium alone, and it makes the script slower.
///
/// # Errors
///
/// When the browser refuses.
pub(crate) async fn count_calls(page: &Page) -> Result<()> {
    let tools = page.driver().cdp();
    tools.send_raw("Profiler.enable", json!({})).await?;
    let what = json!({ "callCount": true, "detailed": false });
    tools
        .send_raw("Profiler.startPreciseCoverage", what)
        .await?;
    Ok(())
}

/// How often a function of the content script was called; of several with this name, the most.
///
/// # Errors
///
/// When nothing was counted.
pub(crate) async fn calls(page: &Page, function: &str) -> Result<f64> {
    let tools = page.driver().cdp();
    let coverage = tools
        .send_raw("Profiler.takePreciseCoverage", json!({}))
        .await?;
    tools.send_raw("Profiler.disable", json!({})).await?;
    most_calls(&coverage, SCRIPT, function)
        .with_context(|| format!("{function} of {SCRIPT} was not seen"))
}

fn most_calls(coverage: &Value, script: &str, function: &str) -> Option<f64> {
    coverage["result"]
        .as_array()?
        .iter()
        .filter(|one| one["url"].as_str().is_some_and(|url| url.ends_with(script)))
        .filter_map(|one| one["functions"].as_array())
        .flatten()
        .filter(|one| one["functionName"] == function)
        .filter_map(|one| one["ranges"][0]["count"].as_f64())
        .reduce(f64::max)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Profile {
    nodes: Vec<Node>,
    samples: Vec<u64>,
    /// Microseconds between a sample and the one before.
    time_deltas: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    id: u64,
    call_frame: CallFrame,
    #[serde(default)]
    children: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallFrame {
    function_name: String,
    url: String,
    #[serde(default)]
    line_number: i64,
    #[serde(default)]
    column_number: i64,
}

/// Sums a profile of V8's.
fn cost(profile: Value, script: &str) -> Result<Cost> {
    let profile: Profile = serde_json::from_value(profile).context("a profile of another shape")?;
    let nodes: HashMap<u64, &Node> = profile.nodes.iter().map(|node| (node.id, node)).collect();
    let children: HashSet<u64> = profile
        .nodes
        .iter()
        .flat_map(|node| node.children.iter().copied())
        .collect();
    // From the roots down, each with the innermost function of the script above it.
    let mut owners: HashMap<u64, Option<String>> = HashMap::new();
    let mut open: Vec<(u64, Option<String>)> = profile
        .nodes
        .iter()
        .filter(|node| !children.contains(&node.id))
        .map(|node| (node.id, None))
        .collect();
    while let Some((id, above)) = open.pop() {
        let Some(node) = nodes.get(&id) else { continue };
        let frame = &node.call_frame;
        let owner = if frame.url.ends_with(script) {
            Some(format!(
                "{}:{}:{}",
                frame.function_name, frame.line_number, frame.column_number
            ))
        } else {
            above
        };
        open.extend(node.children.iter().map(|child| (*child, owner.clone())));
        owners.insert(id, owner);
    }
    let mut cost = Cost::default();
    // A sample holds until the next one.
    for (sample, micros) in profile
        .samples
        .iter()
        .zip(profile.time_deltas.iter().skip(1))
    {
        if let Some(Some(owner)) = owners.get(sample) {
            let millis = micros / 1000.0;
            cost.millis += millis;
            *cost.functions.entry(owner.clone()).or_default() += millis;
        }
    }
    Ok(cost)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{cost, most_calls};

    fn node(id: u64, function: &str, url: &str, children: &[u64]) -> Value {
        json!({ "id": id, "callFrame": { "functionName": function, "url": url }, "children": children })
    }

    #[test]
    fn what_the_script_calls_is_counted_with_it_and_nothing_else() -> anyhow::Result<()> {
        let ours = "chrome-extension://abc/content.js";
        let profile = json!({
            "nodes": [
                node(1, "(root)", "", &[2, 5]),
                node(2, "scan", ours, &[3]),
                node(3, "querySelectorAll", "", &[4]),
                node(4, "(garbage collector)", "", &[]),
                node(5, "route", "https://mail.google.com/static/gmail.js", &[6]),
                node(6, "append", "", &[]),
            ],
            "samples": [1, 2, 3, 4, 6, 1],
            "timeDeltas": [0, 1000, 2000, 4000, 8000, 16000],
        });
        let cost = cost(profile, "/content.js")?;
        // Each sample until the next: 2, 3 and 4 hold for 2, 4 and 8 ms.
        assert!((cost.millis - 14.0).abs() < 1e-9, "{cost:?}");
        assert_eq!(cost.functions.len(), 1);
        Ok(())
    }

    #[test]
    fn calls_are_those_of_the_script_asked_for() {
        let functions = |name: &str, count: u32| json!([{ "functionName": name, "ranges": [{ "count": count }] }]);
        let coverage = json!({ "result": [
            { "url": "https://page/scan.js", "functions": functions("scan", 90) },
            { "url": "chrome-extension://abc/content.js", "functions": functions("scan", 7) },
            { "url": "chrome-extension://abc/content.js", "functions": functions("end", 50) },
        ] });
        assert_eq!(most_calls(&coverage, "/content.js", "scan"), Some(7.0));
        assert_eq!(most_calls(&coverage, "/content.js", "other"), None);
    }
}

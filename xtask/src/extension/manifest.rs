//! One manifest for all browsers: what only one family knows stands under the family's name.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value};

use super::FAMILIES;
use crate::paths;

/// The manifest of a family, as bytes.
///
/// # Errors
///
/// When the template is no JSON object, or a family's key would hide a common one.
pub(crate) fn render(family: &str) -> Result<Vec<u8>> {
    let path = paths::root().join("extension/manifest.json");
    let template =
        std::fs::read(&path).with_context(|| format!("cannot read {}", paths::shown(&path)))?;
    let template: Map<String, Value> =
        serde_json::from_slice(&template).context("in extension/manifest.json")?;
    let rendered = for_family(template, family)?;
    let mut bytes = serde_json::to_vec_pretty(&rendered)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn for_family(mut template: Map<String, Value>, family: &str) -> Result<Map<String, Value>> {
    let mut own = Map::new();
    for name in FAMILIES {
        if let Some(Value::Object(keys)) = template.remove(name)
            && name == family
        {
            own = keys;
        }
    }
    for (key, value) in own {
        if template.insert(key.clone(), value).is_some() {
            bail!("{key} stands in the manifest twice: for all, and for {family}");
        }
    }
    template.insert("version".into(), env!("CARGO_PKG_VERSION").into());
    Ok(template)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template() -> Map<String, Value> {
        let template = serde_json::json!({
            "name": "x",
            "chromium": { "minimum_chrome_version": "1" },
            "firefox": { "browser_specific_settings": {} },
        });
        template.as_object().unwrap().clone()
    }

    #[test]
    fn a_family_gets_its_own_keys_alone() {
        let chromium = for_family(template(), "chromium").unwrap();
        let mut keys: Vec<&str> = chromium.keys().map(String::as_str).collect();
        // The map keeps an order or sorts, as other crates' features have it.
        keys.sort_unstable();
        assert_eq!(keys, ["minimum_chrome_version", "name", "version"]);
        let firefox = for_family(template(), "firefox").unwrap();
        assert!(firefox.contains_key("browser_specific_settings"));
        assert!(!firefox.contains_key("minimum_chrome_version"));
    }

    #[test]
    fn a_key_that_stands_twice_is_refused() {
        let mut template = template();
        template.insert("minimum_chrome_version".into(), "2".into());
        assert!(for_family(template, "chromium").is_err());
    }
}

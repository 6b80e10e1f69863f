//! Figures: collected, printed as a table, written as JSON.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

/// One thing that was measured, several times.
#[derive(Debug)]
pub struct Row {
    browser: &'static str,
    what: String,
    unit: &'static str,
    aim: Option<f64>,
    samples: Vec<f64>,
}

/// All that was measured.
#[derive(Debug, Default)]
pub struct Rows(Vec<Row>);

impl Rows {
    /// Adds a sample to a row: its name, unit (empty for counts) and aim; makes the row when it is the first.
    pub fn add(
        &mut self,
        browser: &'static str,
        (what, unit, aim): (&str, &'static str, Option<f64>),
        sample: f64,
    ) {
        let known = self
            .0
            .iter_mut()
            .find(|row| row.browser == browser && row.what == what);
        match known {
            Some(row) => row.samples.push(sample),
            None => self.0.push(Row {
                browser,
                what: what.to_owned(),
                unit,
                aim,
                samples: vec![sample],
            }),
        }
    }

    /// The table, for people.
    pub fn table(&self) -> String {
        let mut table = String::from(
            "| browser | what | median | least | most | samples | aim |\n|---|---|---|---|---|---|---|\n",
        );
        for row in &self.0 {
            let (median, least, most) = row.spread();
            let aim = row.aim.map_or_else(String::new, |aim| shown(aim, row.unit));
            table.push_str(&format!(
                "| {} | {} | {} | {} | {} | {} | {aim} |\n",
                row.browser,
                row.what,
                shown(median, row.unit),
                shown(least, row.unit),
                shown(most, row.unit),
                row.samples.len(),
            ));
        }
        table
    }

    /// Writes the rows, with all samples, for programs.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, file: &Path) -> Result<()> {
        let rows: Vec<Value> = self
            .0
            .iter()
            .map(|row| {
                let (median, least, most) = row.spread();
                json!({
                    "browser": row.browser, "what": row.what, "unit": row.unit, "aim": row.aim,
                    "median": median, "least": least, "most": most, "samples": row.samples,
                })
            })
            .collect();
        std::fs::write(file, serde_json::to_vec_pretty(&rows)?)?;
        Ok(())
    }
}

impl Row {
    /// Median, least and most.
    fn spread(&self) -> (f64, f64, f64) {
        let mut sorted = self.samples.clone();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            at(middle)
        } else {
            f64::midpoint(at(middle.saturating_sub(1)), at(middle))
        };
        (median, at(0), at(sorted.len().saturating_sub(1)))
    }
}

fn shown(value: f64, unit: &str) -> String {
    if unit.is_empty() {
        // Something that is counted.
        format!("{value}")
    } else if value < 10.0 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::Rows;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        let mut rows = Rows::default();
        for sample in [9.0, 300.0, 20.0] {
            rows.add("firefox", ("sending", "ms", None), sample);
        }
        assert!(
            rows.table()
                .contains("| firefox | sending | 20 ms | 9.0 ms | 300 ms | 3 |  |")
        );
        rows.add("firefox", ("clicks", "", Some(8.0)), 7.0);
        assert!(
            rows.table()
                .contains("| firefox | clicks | 7 | 7 | 7 | 1 | 8 |")
        );
        for sample in [40.0, 10.0, 30.0, 20.0] {
            rows.add("chromium", ("opening", "ms", Some(50.0)), sample);
        }
        assert!(
            rows.table()
                .contains("| chromium | opening | 25 ms | 10 ms | 40 ms | 4 | 50 ms |")
        );
    }
}

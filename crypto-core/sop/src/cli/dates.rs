//! The draft's dates: ISO 8601 in UTC, `now`, or `-` for no bound.

use std::time::SystemTime;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// A bound in time; `-` is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound(pub(crate) Option<SystemTime>);

/// The first moment that a date names.
pub(crate) fn earliest(text: &str) -> Result<Bound, String> {
    read(text, NaiveTime::MIN)
}

/// The last second that a date names.
pub(crate) fn latest(text: &str) -> Result<Bound, String> {
    read(
        text,
        NaiveTime::from_hms_opt(23, 59, 59).unwrap_or(NaiveTime::MIN),
    )
}

fn read(text: &str, day_without_time: NaiveTime) -> Result<Bound, String> {
    let time = match text {
        "-" => return Ok(Bound(None)),
        "now" => Utc::now(),
        _ => {
            let zoned = DateTime::parse_from_rfc3339(text)
                .or_else(|_| DateTime::parse_from_str(text, "%Y%m%dT%H%M%S%#z"))
                .map(|time| time.to_utc());
            let local = || {
                ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y%m%dT%H%M%S"]
                    .iter()
                    .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
                    .map(|time| time.and_utc())
            };
            let day = || {
                ["%Y-%m-%d", "%Y%m%d"]
                    .iter()
                    .find_map(|form| NaiveDate::parse_from_str(text, form).ok())
                    .map(|day| day.and_time(day_without_time).and_utc())
            };
            zoned
                .ok()
                .or_else(local)
                .or_else(day)
                .ok_or_else(|| "it is not a date in ISO 8601".to_owned())?
        }
    };
    Ok(Bound(Some(time.into())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_days_reach_to_their_ends() {
        let seconds = |bound: Result<Bound, String>| {
            let time = bound.unwrap().0.unwrap();
            time.duration_since(SystemTime::UNIX_EPOCH)
                .unwrap()
                .as_secs()
        };
        for text in [
            "2017-03-04T13:25:35Z",
            "2017-03-04T21:55:35+08:30",
            "2017-03-04T13:25:35",
            "20170304T132535Z",
        ] {
            assert_eq!(seconds(earliest(text)), 1_488_633_935, "{text}");
        }
        assert_eq!(seconds(earliest("2017-03-04")), 1_488_585_600);
        assert_eq!(seconds(latest("2017-03-04")), 1_488_671_999);
        assert_eq!(earliest("-").unwrap(), Bound(None));
        assert!(earliest("now").unwrap().0.is_some());
        assert!(earliest("yesterday").is_err());
    }
}

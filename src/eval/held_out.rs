//! Clicks as judgments: what readers followed after a time, for panels that know only what was done before.

use std::path::Path;

use super::judgments::Judgments;
use super::steps::Steps;
use crate::engine::Snapshot;
use crate::error::{Error, Result};
use crate::model::Problem;
use crate::signals::behavior::Examination;

/// What a step in a low place counts at most, in steps: one that is hardly ever looked at would outweigh all others
/// (clipping: Strehl, Langford, Li and Kakade 2010).
pub(super) const MOST_WORTH: f64 = 10.0;
/// The part of all steps that is held out where no time is given.
const PART: f64 = 0.2;

/// Steps of readers after a time.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// The time after which they were taken, in milliseconds since 1970.
    pub since: i64,
    /// How many they are.
    pub steps: usize,
    /// The pages that readers came from, and what they went to: each step is worth 1 over the chance that its place is
    /// looked at, and the worths add up to the grade.
    pub judgments: Judgments,
    /// What of the journal is damaged.
    pub problems: Vec<Problem>,
}

impl HeldOut {
    /// The steps in the journal of `data` between the published articles of `snapshot`, later than `since` and not than
    /// `until`; without `since` the last fifth of all.
    ///
    /// # Errors
    /// [`Error::Failed`] if there is none.
    pub fn of(data: &Path, snapshot: &Snapshot, since: Option<i64>, until: i64) -> Result<Self> {
        let Steps { steps, problems } = Steps::read(data, snapshot, until)?;
        let since = since.unwrap_or_else(|| {
            let kept = (steps.len() as f64 * (1.0 - PART)) as usize;
            kept.checked_sub(1).map_or(i64::MIN, |last| steps[last].at)
        });
        let held = &steps[steps.partition_point(|step| step.at <= since)..];
        if held.is_empty() {
            return Err(Error::Failed(
                "found no click, and no read after another read, in the held-out time; import events of readers with `readnext events import`"
                    .to_owned(),
            ));
        }
        let looked = snapshot.examination();
        let mut judgments = Judgments::default();
        for step in held {
            let (host, card) = (snapshot.id(step.host), snapshot.id(step.card));
            judgments.add(host, card, |before| before + worth(looked, step.position));
        }
        Ok(Self {
            since,
            steps: held.len(),
            judgments,
            problems,
        })
    }
}

/// What a step counts by the place of the card that was followed (inverse propensity: Joachims, Swaminathan and Schnabel
/// 2017, Unbiased learning-to-rank with biased feedback).
pub(super) fn worth(looked: Examination, position: Option<u32>) -> f64 {
    (1.0 / looked.chance(position)).min(MOST_WORTH)
}

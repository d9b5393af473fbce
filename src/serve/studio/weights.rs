//! The weights that a page is asked to compare with: one number for each signal, and which of them are on.

use maud::{Markup, html};

use crate::model::{PerSignal, SignalKind};
use crate::ranking::Weights;
use crate::serve::parameters::Pairs;
use crate::serve::why::signal_name;

/// The largest number of a signal.
const MOST: f64 = 100.0;

/// What is to be compared with the weights that the site has.
pub(super) struct Compared {
    /// The numbers, and whether each signal is on; of the site's weights, if nothing is asked.
    numbers: PerSignal<f64>,
    on: PerSignal<bool>,
    /// The weights they make, if something is asked, or what is wrong with them.
    pub(super) weights: Option<Result<Weights, String>>,
}

impl Compared {
    /// What `pairs` ask for, on a site with the weights `now`.
    pub(super) fn of(pairs: &Pairs, now: &Weights) -> Self {
        let value = |name: &str| pairs.iter().find(|(given, _)| given == name);
        let asked = SignalKind::ALL
            .iter()
            .any(|signal| value(signal.name()).is_some());
        let own = PerSignal::from_fn(|signal| MOST * now.of(signal));
        if !asked {
            return Self {
                numbers: own,
                on: PerSignal::from_fn(|signal| own[signal] > 0.0),
                weights: None,
            };
        }
        let on = PerSignal::from_fn(|signal| {
            let mut switched = pairs.iter().filter(|(name, _)| name == "on");
            switched.any(|(_, which)| which == signal.name())
        });
        let mut wrong = None;
        let numbers = PerSignal::from_fn(|signal| match value(signal.name()) {
            None => own[signal],
            Some((name, text)) => match text.trim().parse::<f64>() {
                Ok(number) if (0.0..=MOST).contains(&number) => number,
                _ => {
                    wrong = Some(format!(
                        "{name}: found {text:?}, expected a number from 0 to {MOST}"
                    ));
                    own[signal]
                }
            },
        });
        let given = PerSignal::from_fn(|signal| match on[signal] {
            true => numbers[signal],
            false => 0.0,
        });
        let weights = match wrong {
            Some(wrong) => Err(wrong),
            None => Weights::scaled(given),
        };
        Self {
            numbers,
            on,
            weights: Some(weights),
        }
    }

    /// The form that asks, on the page of the article `id`.
    pub(super) fn form(&self, id: &str) -> Markup {
        html! {
            form.weights #weights action="/studio/article" {
                fieldset {
                    legend { "Signal weights" }
                    input type="hidden" name="id" value=(id);
                    @for signal in SignalKind::ALL {
                        div.weight {
                            label {
                                input type="checkbox" name="on" value=(signal.name()) checked[self.on[signal]];
                                span.dot.(signal.name()) aria-hidden="true" {}
                                (signal_name(signal))
                            }
                            input type="range" name=(signal.name()) min="0" max=(MOST) step="0.1" value=(format!("{:.1}", self.numbers[signal])) aria-label={ "Weight of " (signal_name(signal)) };
                            output { (format!("{:.0}", self.numbers[signal])) }
                        }
                    }
                    div.weight-acts {
                        button.main { "Compare" }
                        a href=(super::article_href(id)) { "Back to the site’s weights" }
                    }
                }
            }
        }
    }
}

/// The weights in a line.
pub(super) fn told(weights: &Weights) -> String {
    let parts = SignalKind::ALL
        .map(|signal| format!("{} {:.0}%", signal.name(), 100.0 * weights.of(signal)));
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(query: &[(&str, &str)]) -> Option<Result<Weights, String>> {
        let pairs = query.iter();
        let pairs: Pairs = pairs
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Compared::of(&pairs, &Weights::default()).weights
    }

    #[test]
    fn weights_are_compared_where_some_are_asked_for() {
        assert_eq!(compared(&[("id", "/a")]), None);
        let some = compared(&[
            ("content", "30"),
            ("on", "content"),
            ("seo", "10"),
            ("on", "seo"),
        ]);
        let some = some.expect("asked").expect("some weights");
        assert_eq!(some.of(SignalKind::Content), 0.75);
        assert_eq!(some.of(SignalKind::Behavior), 0.0);
        for wrong in [
            &[("content", "x"), ("on", "content")][..],
            &[("content", "101"), ("on", "content")],
            &[("content", "-1"), ("on", "content")],
            &[("content", "50")],
            &[("content", "0"), ("on", "content")],
        ] {
            assert!(compared(wrong).expect("asked").is_err(), "{wrong:?}");
        }
    }
}

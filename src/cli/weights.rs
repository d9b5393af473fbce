//! What `--signals` and `--weights` say, over what the site has.

use serde_json::{Map, Value, json};

use super::arguments::{Common, Signals};
use crate::config::{Learned, SiteWeights, parse_weights};
use crate::error::{Error, Result};
use crate::model::SignalKind;
use crate::ranking::Weights;

impl Signals {
    /// The weights now.
    pub(super) fn weights(&self, common: &Common) -> Result<Weights> {
        self.of_site(common)?.now().map(|(weights, _)| weights)
    }

    /// The site's weights, with what the flags say.
    pub(super) fn of_site(&self, common: &Common) -> Result<SiteWeights> {
        let config = common.config()?;
        let weights = self
            .weights
            .as_deref()
            .map(|text| named(text, common))
            .transpose()?;
        let kept = self.list.as_deref().map(kept).transpose()?;
        Ok(SiteWeights::of(&common.data(), &config).with(weights, kept))
    }
}

/// The weights that `--weights` names.
pub(super) fn named(text: &str, common: &Common) -> Result<Weights> {
    match text {
        "shipped" => Ok(Weights::default()),
        "learned" => Learned::under(&common.data()).load()?.ok_or_else(|| {
            Error::Usage(
                "--weights: found no learned weights; run `readnext tune` first".to_owned(),
            )
        }),
        list => parse_weights(list).map_err(|wrong| Error::Usage(format!("--weights: {wrong}"))),
    }
}

/// The signals that `--signals` names.
pub(super) fn kept(list: &str) -> Result<Vec<SignalKind>> {
    let names = list.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(|name| {
            SignalKind::named(name).ok_or_else(|| {
                Error::Usage(format!(
                    "--signals: found {name:?}, expected behavior, content, research or seo"
                ))
            })
        })
        .collect()
}

/// Weights by the names of their signals.
pub(super) fn weights_json(weights: &Weights) -> Value {
    let named = SignalKind::ALL
        .into_iter()
        .map(|signal| (signal.name().to_owned(), json!(weights.of(signal))));
    Value::Object(named.collect::<Map<_, _>>())
}

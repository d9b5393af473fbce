//! The weights of a running server: what `tune` learns counts without a restart.

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::App;
use super::apart;
use crate::config::SiteWeights;
use crate::error::{Result, say};
use crate::ranking::Weights;

/// The site's weights, read again from time to time; requests never wait for that.
#[derive(Debug)]
pub struct LiveWeights {
    site: ArcSwap<SiteWeights>,
    current: ArcSwap<Weights>,
    /// What was said last of weights that cannot be used.
    told: Mutex<String>,
}

impl LiveWeights {
    /// Those of `site`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::error::Error::Config) if they cannot be used.
    pub fn of(site: SiteWeights) -> Result<Self> {
        let (weights, _) = site.now()?;
        Ok(Self {
            site: ArcSwap::from_pointee(site),
            current: ArcSwap::from_pointee(weights),
            told: Mutex::default(),
        })
    }

    /// What they are now.
    pub fn get(&self) -> Weights {
        **self.current.load()
    }

    /// Goes by `site` from now on.
    ///
    /// # Errors
    /// As [`LiveWeights::of`]; those before go on counting.
    pub(super) fn reload(&self, site: SiteWeights) -> Result<()> {
        let (weights, _) = site.now()?;
        self.site.store(Arc::new(site));
        self.current.store(Arc::new(weights));
        Ok(())
    }

    /// Reads those of `app` again. Where they cannot be used those before go on counting, and why is said once.
    pub(super) async fn follow(&self, app: &Arc<App>) {
        let shared = Arc::clone(app);
        let Ok(read) = apart::ended(move || shared.weights.site.load().now()).await else {
            return;
        };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok((weights, _)) => {
                told.clear();
                if weights != self.get() {
                    self.current.store(Arc::new(weights));
                    say("the weights of the signals changed");
                }
            }
            Err(error) => {
                let wrong = error.to_string();
                if wrong != *told {
                    say(format_args!("the weights before go on counting: {wrong}"));
                    *told = wrong;
                }
            }
        }
    }
}

//! The settings of the service in the form in which requests need them; another set replaces them while it runs.

use axum::http::HeaderValue;

use crate::config::Config;

/// What requests are answered by.
#[derive(Debug)]
pub(super) struct Settings {
    /// The `Cache-Control` of panels.
    pub(super) cache_control: HeaderValue,
}

impl Settings {
    pub(super) fn of(config: &Config) -> Self {
        let cache_control = HeaderValue::try_from(&config.service.cache_control);
        Self {
            cache_control: cache_control.expect("checked when the settings were read"),
        }
    }
}

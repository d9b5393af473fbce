//! How the HTTP service answers: the table `[serve]` of `readnext.toml`.

/// What the answers with panels say to caches.
const CACHE_CONTROL: &str =
    "public, max-age=0, s-maxage=10, stale-while-revalidate=60, stale-if-error=86400";
/// MiB of rendered panels that are kept in memory.
const CACHE: u32 = 64;

/// How the HTTP service answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// The `Cache-Control` of panels.
    pub cache_control: String,
    /// MiB of rendered panels that are kept in memory.
    pub cache: u32,
}

impl Default for Service {
    fn default() -> Self {
        Self {
            cache_control: CACHE_CONTROL.to_owned(),
            cache: CACHE,
        }
    }
}

//! The research signal: what is known about how articles relate, apart from their texts. Today these are the site's own
//! links.

mod links;

pub use links::{Connections, Linkage, Links};

/// Calibration of the strength of a connection, `x / (x + k)`.
pub const CALIBRATION: f64 = 1.0;
/// Evidence of the research signal about a host, `n / (n + k)` over its `n` links apart from those with the candidate.
pub const EVIDENCE: f64 = 1.0;

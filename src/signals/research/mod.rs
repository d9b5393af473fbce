//! The research signal: what is known of how articles relate, apart from what their texts share.

pub mod topics;

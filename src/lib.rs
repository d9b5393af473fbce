//! readnext: a related-content engine that publishers run themselves.
//!
//! The modules are the stages of the data flow, lowest floor first; `ARCHITECTURE.md` shows the picture.

pub mod error;

pub mod model;

pub mod keys;
pub mod text;

pub mod corpus;

pub mod index;
pub mod journal;
pub mod store;

pub mod signals;

pub mod ranking;

pub mod panel;

pub mod config;

pub mod engine;

pub mod eval;

pub mod serve;

pub mod cli;

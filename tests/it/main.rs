//! The one integration binary: tests that use readnext as its users do.

mod bad_files;
mod beside;
mod chance;
mod check;
mod commands;
mod demo;
mod determinism;
mod disk_full;
mod diversity;
mod documents;
mod edits;
mod flips;
mod http;
mod incremental;
mod journal;
mod kills;
mod languages;
mod links;
mod nesting;
mod recovery;
mod sample_panel;
mod site;
mod small_sites;
mod standard_input;
mod tidy;
mod topics;

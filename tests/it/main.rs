//! The one integration binary: tests that use readnext as its users do.

mod bad_files;
mod commands;
mod demo;
mod determinism;
mod documents;
mod http;
mod incremental;
mod nesting;
mod sample_panel;
mod site;
mod small_sites;
mod tidy;

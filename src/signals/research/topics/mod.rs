//! The graph of topics: what topics there are, how they relate, and how near two articles are in it.
//!
//! Topics come from the articles' `topic` and `tags` and from the editors' file ([`Catalogue`]); which articles name which is
//! given ([`Mention`]). From these relations are mined ([`mine`]). [`TopicGraph`] walks them. Nothing here reads a text.

mod catalogue;
mod graph;
mod membership;
mod mine;
mod significance;
#[cfg(test)]
mod tests;
mod walk;

pub use catalogue::{Catalogue, Labels};
pub use graph::{TopicGraph, Walk, Why};
pub use membership::{Mention, Place};
pub use mine::{Findings, mine};

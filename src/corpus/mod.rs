//! From files to articles: folders of Markdown with YAML front matter, and JSON Lines.
//!
//! A reader takes one [`Piece`] (a file, or a line of one) and returns an article or says why it cannot: one bad piece is
//! a [`Problem`](crate::model::Problem), never a stop. What an article's body says is [`Prose`]. Nothing here knows terms.

pub mod embedded;
mod front_matter;
mod html;
mod json_lines;
mod markdown;
mod pieces;
mod prose;
mod record;
mod tree;
pub mod url;

pub use markdown::to_html;
pub use pieces::{Piece, Root, pieces, records};
pub use prose::Prose;
pub use record::{Read, Rules};

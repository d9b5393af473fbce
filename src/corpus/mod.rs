//! From files to articles: folders of Markdown with front matter and of HTML pages, and JSON Lines. Beside them `events`
//! reads what readers did.
//!
//! A reader takes one [`Piece`] (a file, or a line of one) and returns an article or says why it cannot: one bad piece is
//! a [`Problem`](crate::model::Problem), never a stop. What an article's body says is [`Prose`]. Nothing here knows terms.

mod address;
mod data_folder;
mod decode;
mod editing;
mod editors_file;
pub mod embedded;
pub mod events;
mod fields;
mod files;
mod findings;
mod front_matter;
mod html;
mod json_ld;
mod json_lines;
mod lines;
mod main_text;
mod markdown;
mod page;
mod pieces;
mod place;
mod prose;
mod record;
mod search_console;
mod shallow;
mod shown;
mod topics;
mod tree;
pub mod url;

pub use address::address;
pub use editing::{Instructed, ToldTable, instructed, told_tables, with_table, without_table};
pub use editors_file::{EDITORIAL, EditorsFile};
pub use files::Root;
pub use json_lines::RECORD_KEYS;
pub use lines::records;
pub use pieces::{Piece, pieces};
pub use prose::Prose;
pub use record::{Read, Rules};
pub use search_console::{SearchExport, read_search_export};
pub use shown::to_html;
pub use topics::{Editorial, EditorialRelation, EditorialTopic};

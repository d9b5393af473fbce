//! The sample site, inside the binary.

use super::editors_file::{EditorsFile, TOPICS};
use super::pieces::Piece;

include!(concat!(env!("OUT_DIR"), "/sample.rs"));

/// The pieces of the sample site, in the byte order of their paths.
pub fn sample() -> impl Iterator<Item = Piece> {
    SAMPLE
        .iter()
        .map(|(path, text)| Piece::file(path, text.as_bytes()))
}

/// What the sample site's editors state of its topics.
pub fn topics() -> EditorsFile {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/topics.toml"));
    EditorsFile {
        path: TOPICS.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

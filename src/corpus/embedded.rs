//! The sample site, inside the binary.

use super::pieces::Piece;

include!(concat!(env!("OUT_DIR"), "/sample.rs"));

/// The pieces of the sample site, in the byte order of their paths.
pub fn sample() -> impl Iterator<Item = Piece> {
    SAMPLE
        .iter()
        .map(|(path, text)| Piece::file(path, text.as_bytes()))
}

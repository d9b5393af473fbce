//! The sample site, inside the binary.

use std::io::Read;

use flate2::read::DeflateDecoder;

use super::editors_file::{EditorsFile, TOPICS};
use super::pieces::Piece;

/// Paths and texts, each with a 0 at its end, as the build packed them.
static SAMPLE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/sample.deflate"));

/// The pieces of the sample site, in the byte order of their paths.
pub fn sample() -> impl Iterator<Item = Piece> {
    let mut packed = String::new();
    let unpacked = DeflateDecoder::new(SAMPLE).read_to_string(&mut packed);
    unpacked.expect("what the build packed");
    let mut texts = packed.split_terminator('\0');
    let piece = || Some(Piece::file(texts.next()?, texts.next()?.as_bytes()));
    let pieces: Vec<Piece> = std::iter::from_fn(piece).collect();
    pieces.into_iter()
}

/// What the sample site's editors state of its topics.
pub fn topics() -> EditorsFile {
    let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/corpus/topics.toml"));
    EditorsFile {
        path: TOPICS.to_owned(),
        bytes: text.as_bytes().to_vec(),
    }
}

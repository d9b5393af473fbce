//! JSON Lines files cut into lines, in bounded memory whatever their size.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use memchr::memchr;

use super::decode::decode;
use super::pieces::{LARGEST_PIECE, Piece, read_capped, too_large, unreadable};
use crate::error::Result;
use crate::model::{Problem, Severity};

type Found = std::result::Result<Piece, Problem>;

/// Calls `each` with every line of `file` that is not blank, or with what is wrong with it.
pub(super) fn pieces(file: &Path, each: &mut impl FnMut(Found) -> Result<()>) -> Result<()> {
    let path = file.display().to_string();
    let mut reader = match File::open(file) {
        Ok(opened) => BufReader::with_capacity(1 << 18, opened),
        Err(error) => return each(Err(unreadable(&path, &error))),
    };
    match reader.fill_buf() {
        Ok([0xff, 0xfe, ..] | [0xfe, 0xff, ..]) => wide_pieces(file, &path, each),
        _ => records(&path, &mut reader, each),
    }
}

/// UTF-16 cannot be cut before it is decoded, so such a file is read as a whole.
fn wide_pieces(file: &Path, path: &str, each: &mut impl FnMut(Found) -> Result<()>) -> Result<()> {
    let bytes = match read_capped(file) {
        Ok(bytes) => bytes,
        Err(error) => return each(Err(unreadable(path, &error))),
    };
    if bytes.len() as u64 > LARGEST_PIECE {
        return each(Err(dropped(
            path,
            "found UTF-16, which is read up to 8 MiB only; save the file as UTF-8",
        )));
    }
    match decode(&bytes) {
        Ok(decoded) => records(path, &mut decoded.text.as_bytes(), each),
        Err(message) => each(Err(dropped(path, &message))),
    }
}

/// Calls `each` with every line of `reader` that is not blank, or with what is wrong with it; `path` names the reader in
/// messages. Memory is bounded whatever the length of a line.
///
/// # Errors
/// What `each` returns.
pub fn records(
    path: &str,
    reader: &mut (impl BufRead + ?Sized),
    each: &mut impl FnMut(Found) -> Result<()>,
) -> Result<()> {
    let mut number = 0;
    let mut begun = false;
    let mut usual = 0;
    loop {
        // Lines of one file are of like length; one that fits is not moved while it grows.
        let mut line = Vec::with_capacity(usual);
        let length = match read_line(reader, &mut line, LARGEST_PIECE) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(error) => return each(Err(unreadable(path, &error))),
        };
        usual = line.len() + line.len() / 4;
        number += 1;
        if number == 1 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if length > LARGEST_PIECE {
            begun = true;
            each(Err(too_large(path, length).at(number, 1)))?;
            continue;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        if !begun && let Some(message) = other_layout(&line) {
            return each(Err(dropped(path, message).at(number, 1)));
        }
        begun = true;
        each(Ok(Piece::record(path, number, line)))?;
    }
}

/// What is said of a file whose first line shows that it is JSON of another layout.
fn other_layout(line: &[u8]) -> Option<&'static str> {
    let line = line.trim_ascii();
    if line.starts_with(b"[") {
        Some(
            "found a JSON array, expected one article record a line; `jq -c '.[]'` writes it that way",
        )
    } else if line == b"{" {
        Some(
            "found an object over several lines, expected one article record a line; `jq -c .` writes it that way",
        )
    } else {
        None
    }
}

fn dropped(path: &str, message: &str) -> Problem {
    Problem::new(Severity::Error, path, format!("dropped: {message}"))
}

/// Adds a line to `line`, which is empty, unless it has more than `most` bytes; the bytes that the line has, 0 at the end.
pub(super) fn read_line(
    reader: &mut (impl BufRead + ?Sized),
    line: &mut Vec<u8>,
    most: u64,
) -> io::Result<u64> {
    let mut length = 0;
    loop {
        let found = match reader.fill_buf() {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = memchr(b'\n', found);
        let taken = end.map_or(found.len(), |end| end + 1);
        length += taken as u64;
        if length <= most {
            line.extend_from_slice(&found[..taken]);
        } else if line.capacity() > 0 {
            *line = Vec::new();
        }
        reader.consume(taken);
        if end.is_some() || taken == 0 {
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_text(text: &[u8]) -> Vec<String> {
        let mut found = Vec::new();
        records(
            "a.jsonl",
            &mut BufReader::with_capacity(16, text),
            &mut |piece| {
                found.push(match piece {
                    Ok(piece) => format!("line {}", piece.line),
                    Err(problem) => problem.to_string(),
                });
                Ok(())
            },
        )
        .expect("no callback fails");
        found
    }

    #[test]
    fn blank_lines_are_counted_and_left_out() {
        assert_eq!(
            cut_text(b"\xef\xbb\xbf{\"id\": 1}\n\n  \r\n{}"),
            ["line 1", "line 4"]
        );
        assert_eq!(cut_text(b""), Vec::<String>::new());
    }

    #[test]
    fn a_line_over_the_cap_costs_itself_alone() {
        let mut text = vec![b'x'; LARGEST_PIECE as usize + 10];
        text.extend_from_slice(b"\n{\"id\": 2}\n");
        let found = cut_text(&text);
        assert!(
            found[0].starts_with("a.jsonl:1:1: error: dropped: 8388619 bytes"),
            "{found:?}"
        );
        assert_eq!(found[1], "line 2");
    }

    #[test]
    fn json_of_another_layout_is_told_once() {
        for (text, words) in [
            ("\n[\n  {\"id\": 1},\n  {\"id\": 2}\n]\n", "JSON array"),
            ("[{\"id\": 1}]", "JSON array"),
            ("{\n  \"id\": 1\n}\n", "over several lines"),
        ] {
            let found = cut_text(text.as_bytes());
            assert!(found.len() == 1 && found[0].contains(words), "{found:?}");
        }
    }
}

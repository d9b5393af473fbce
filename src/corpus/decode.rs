//! The bytes of a file as text: whatever an editor saved is read if it can be, and what was not text is named.
//!
//! Every reader behind this sees valid text without NULs, whose lines end with `\n`.

use std::borrow::Cow;

use super::place::line_and_column;

/// Of the first bytes of a file, those that are looked at to recognise UTF-16 without a byte order mark.
const SAMPLE: usize = 4096;
/// A file of which more than one character in so many is no text is no article.
const NOISE: usize = 5;

/// What is said of data that is no text.
pub(super) const NO_TEXT: &str = "found data that is not text; expected UTF-8";

/// A file's text, and what its author should know about it.
#[derive(Debug, PartialEq)]
pub(super) struct Decoded<'a> {
    pub(super) text: Cow<'a, str>,
    /// Line, column and message of each warning.
    pub(super) warnings: Vec<(u64, u64, String)>,
}

/// The text of `bytes`, or what was found instead of text.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded<'_>, String> {
    let mut warnings = Vec::new();
    let text = match wide_order(bytes) {
        Some((order, marked)) => {
            if !marked {
                warnings.push((1, 1, "found UTF-16 without a byte order mark; it is read as that, save the file as UTF-8".to_owned()));
            }
            Cow::Owned(wide_text(bytes, order))
        }
        None => narrow_text(bytes, &mut warnings),
    };
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)),
        Cow::Owned(text) => match text.strip_prefix('\u{feff}') {
            Some(rest) => Cow::Owned(rest.to_owned()),
            None => Cow::Owned(text),
        },
    };
    if warnings.is_empty() && is_plain(text.as_bytes()) {
        return Ok(Decoded { text, warnings });
    }
    let noise = text.chars().filter(|&c| is_noise(c)).count();
    if noise * NOISE > text.chars().count() {
        return Err(format!(
            "{NO_TEXT}: save the file as UTF-8, or move it out of the corpus"
        ));
    }
    let text = without_nuls(text, &mut warnings);
    Ok(Decoded {
        text: with_line_feeds(text),
        warnings,
    })
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Order {
    Little,
    Big,
}

/// The byte order if `bytes` are UTF-16, and whether a mark says so.
fn wide_order(bytes: &[u8]) -> Option<(Order, bool)> {
    match bytes {
        [0xff, 0xfe, ..] => return Some((Order::Little, true)),
        [0xfe, 0xff, ..] => return Some((Order::Big, true)),
        _ => {}
    }
    let pairs = bytes[..bytes.len().min(SAMPLE)].chunks_exact(2);
    let count = pairs.len();
    let (mut high, mut low) = (0, 0);
    for pair in pairs {
        high += usize::from(pair[0] == 0);
        low += usize::from(pair[1] == 0);
    }
    // Text of any Latin script has a NUL in nearly every pair, and always at the same side.
    let mostly = |zeros: usize, others: usize| zeros * 2 > count && others * 20 < count;
    if mostly(low, high) {
        Some((Order::Little, false))
    } else if mostly(high, low) {
        Some((Order::Big, false))
    } else {
        None
    }
}

fn wide_text(bytes: &[u8], order: Order) -> String {
    let units = bytes.chunks_exact(2).map(|pair| match order {
        Order::Little => u16::from_le_bytes([pair[0], pair[1]]),
        Order::Big => u16::from_be_bytes([pair[0], pair[1]]),
    });
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

fn narrow_text<'a>(bytes: &'a [u8], warnings: &mut Vec<(u64, u64, String)>) -> Cow<'a, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes);
            let (line, column) = line_and_column(&text, error.valid_up_to());
            warnings.push((
                line,
                column,
                "found bytes that are not UTF-8 and replaced them with U+FFFD; save the file as UTF-8".to_owned(),
            ));
            text
        }
    }
}

/// Whether nothing in `bytes` needs a closer look: no control characters but tabs and line feeds.
/// Nearly every text is plain, and this loop, which never stops early, looks at many bytes at once.
fn is_plain(bytes: &[u8]) -> bool {
    let odd = |byte: u8| (byte < 0x20 && byte != b'\t' && byte != b'\n') || byte == 0x7f;
    !bytes.iter().fold(false, |found, &byte| found | odd(byte))
}

fn is_noise(c: char) -> bool {
    c == char::REPLACEMENT_CHARACTER
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}' | '\u{1b}'))
}

fn without_nuls<'a>(text: Cow<'a, str>, warnings: &mut Vec<(u64, u64, String)>) -> Cow<'a, str> {
    let Some(first) = text.find('\0') else {
        return text;
    };
    let (line, column) = line_and_column(&text, first);
    let count = text.matches('\0').count();
    let what = if count == 1 {
        "found a NUL character and removed it".to_owned()
    } else {
        format!("found {count} NUL characters and removed them")
    };
    warnings.push((line, column, format!("{what}; save the file as UTF-8 text")));
    Cow::Owned(text.replace('\0', ""))
}

/// Every `\r\n` and lone `\r` becomes `\n`.
fn with_line_feeds(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str, order: Order, marked: bool) -> Vec<u8> {
        let mark = if marked { "\u{feff}" } else { "" };
        let units = mark.encode_utf16().chain(text.encode_utf16());
        units
            .flat_map(|unit| match order {
                Order::Little => unit.to_le_bytes(),
                Order::Big => unit.to_be_bytes(),
            })
            .collect()
    }

    #[test]
    fn whatever_an_editor_saved_is_read() {
        let text = "# Grüße\n\nText 🦀\n";
        for (bytes, warning) in [
            (text.as_bytes().to_vec(), None),
            (format!("\u{feff}{text}").into_bytes(), None),
            (text.replace('\n', "\r\n").into_bytes(), None),
            (text.replace('\n', "\r").into_bytes(), None),
            (wide(text, Order::Little, true), None),
            (wide(text, Order::Big, true), None),
            (wide(text, Order::Little, false), Some("byte order mark")),
            (wide(text, Order::Big, false), Some("byte order mark")),
            (
                text.replace("Text", "Te\0xt").into_bytes(),
                Some("a NUL character"),
            ),
        ] {
            let decoded = decode(&bytes).expect("text");
            assert_eq!(decoded.text, text, "{bytes:?}");
            let first = decoded
                .warnings
                .first()
                .map(|(_, _, message)| message.as_str());
            assert_eq!(first.is_some(), warning.is_some(), "{first:?}");
            assert!(
                first
                    .unwrap_or_default()
                    .contains(warning.unwrap_or_default())
            );
        }
    }

    #[test]
    fn bytes_that_are_no_utf_8_are_replaced_and_their_place_named() {
        let decoded = decode(b"A long line of text\nand a caf\xe9 in it").expect("text");
        assert!(decoded.text.contains("caf\u{fffd} in"));
        let (line, column, _) = &decoded.warnings[0];
        assert_eq!((*line, *column), (2, 10));
    }

    #[test]
    fn data_is_no_text() {
        let picture: Vec<u8> = (0..=255).cycle().take(2000).collect();
        assert!(decode(&picture).is_err());
        assert!(decode(&[0; 64]).is_err());
        assert_eq!(decode(b"").expect("text").text, "");
    }
}

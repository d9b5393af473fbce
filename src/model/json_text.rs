//! A text as JSON holds it: in quotes, with what may not stand there escaped as a general serialiser escapes it.

/// Adds `text`, UTF-8, to `json`. Most texts hold nothing to escape.
#[inline]
pub fn push_json(text: impl AsRef<[u8]>, json: &mut Vec<u8>) {
    let text = text.as_ref();
    json.push(b'"');
    match is_plain(text) {
        true => json.extend_from_slice(text),
        false => escape(text, json),
    }
    json.push(b'"');
}

#[cold]
fn escape(text: &[u8], json: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for &byte in text {
        match byte {
            b'"' => json.extend_from_slice(b"\\\""),
            b'\\' => json.extend_from_slice(b"\\\\"),
            b'\n' => json.extend_from_slice(b"\\n"),
            b'\r' => json.extend_from_slice(b"\\r"),
            b'\t' => json.extend_from_slice(b"\\t"),
            0x08 => json.extend_from_slice(b"\\b"),
            0x0c => json.extend_from_slice(b"\\f"),
            ..b' ' => {
                let digit = |half: u8| DIGITS[usize::from(half)];
                json.extend_from_slice(b"\\u00");
                json.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            }
            _ => json.push(byte),
        }
    }
}

/// Bytes that are looked at together, without a branch.
const TOGETHER: usize = 16;

/// Whether a text holds nothing that JSON does not let stand in one.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let (chunks, rest) = text.as_chunks::<TOGETHER>();
    let bad = chunks.iter().fold(false, |bad, chunk| bad | any_bad(chunk));
    !bad && !any_bad(rest)
}

#[inline(always)]
fn any_bad(bytes: &[u8]) -> bool {
    let is_bad = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\');
    bytes.iter().fold(false, |bad, &byte| bad | is_bad(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_the_serialiser_makes_of_it() {
        let every: String = (0..0x250).filter_map(char::from_u32).collect();
        let mut texts: Vec<String> = (0..40)
            .map(|length| "\u{fffd}ä".repeat(length) + "\"" + &"x".repeat(length) + "\u{1f}\\")
            .collect();
        texts.extend(["".to_owned(), every, "\u{7f}\u{80}\u{2028}𝄞".to_owned()]);
        for text in texts {
            let mut json = Vec::new();
            push_json(&text, &mut json);
            let expected = serde_json::to_vec(&text).expect("a text serialises");
            assert_eq!(json, expected, "{text:?}");
        }
    }
}

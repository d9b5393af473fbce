//! What leads to a page: the address of an article as a link holds it, so that whoever shows a card need not look at it again.
//!
//! A valid URL string of the URL standard (<https://url.spec.whatwg.org/#url-writing>): its code points, letters beyond ASCII
//! among them, and percent-encoded bytes.

use std::borrow::Cow;
use std::fmt::Write;

/// What may stand in an address beside letters and digits.
const PLAIN: &[u8] = b"!$&'()*+,-./:;=?@_~%#";
/// What means something in an address, and nothing in the name of a file.
const SPECIAL: &[u8] = b"%?#";

/// `url`, which may be an id or was written by a person, as an address: what may not stand in one is percent-encoded, and
/// so is a percent sign that begins no encoded byte. What is encoded already stays.
pub fn address(url: &str) -> Cow<'_, str> {
    // Of an address the host may have brackets: `http://[::1]/`.
    let host = url.find("://").map_or(0, |scheme| {
        let rest = &url[scheme + 3..];
        scheme + 3 + rest.find(['/', '?', '#']).unwrap_or(rest.len())
    });
    let hash = url.find('#').unwrap_or(url.len());
    encoded(url, |at, byte| match byte {
        b'%' => !is_encoded(&url.as_bytes()[at..]),
        b'[' | b']' => at >= host,
        b'#' => at > hash,
        byte => byte.is_ascii() && !byte.is_ascii_alphanumeric() && !PLAIN.contains(&byte),
    })
}

/// The path of a file as the path of an address, in which every character stands for itself.
pub(super) fn of_file(path: &str) -> Cow<'_, str> {
    encoded(path, |_, byte| SPECIAL.contains(&byte))
}

fn is_encoded(text: &[u8]) -> bool {
    let digits = text.get(1..3);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// `text` with those bytes encoded that `is_odd` says of with their place.
fn encoded(text: &str, is_odd: impl Fn(usize, u8) -> bool) -> Cow<'_, str> {
    let is_odd = |(at, byte): (usize, u8)| is_odd(at, byte);
    if !text.bytes().enumerate().any(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len() + 8);
    for (at, letter) in text.char_indices() {
        match letter.is_ascii() && is_odd((at, letter as u8)) {
            true => {
                let _ = write!(whole, "%{:02X}", letter as u8);
            }
            false => whole.push(letter),
        }
    }
    Cow::Owned(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_valid_and_leads_where_it_led() {
        for (url, valid) in [
            ("/tool/pandas/overview", "/tool/pandas/overview"),
            ("/100% done", "/100%25%20done"),
            ("/50%-off", "/50%25-off"),
            ("/a%20b", "/a%20b"),
            ("/a%2", "/a%252"),
            ("/caf\u{e9}/\u{65e5}\u{672c}", "/caf\u{e9}/\u{65e5}\u{672c}"),
            ("/a?b=c d#e", "/a?b=c%20d#e"),
            ("/a#b#c", "/a#b%23c"),
            ("/a[1]", "/a%5B1%5D"),
            ("http://[::1]:80/a[1]", "http://[::1]:80/a%5B1%5D"),
            ("/\\evil.test", "/%5Cevil.test"),
            ("/<b>\"'`{|}^", "/%3Cb%3E%22'%60%7B%7C%7D%5E"),
            ("", ""),
        ] {
            assert_eq!(address(url), valid, "{url}");
            assert_eq!(address(valid), valid, "once is enough");
        }
    }

    #[test]
    fn the_name_of_a_file_says_what_it_says() {
        for (path, url) in [
            ("/a/b-c_d.e", "/a/b-c_d.e"),
            ("/100% done", "/100%25 done"),
            ("/a%20b", "/a%2520b"),
            ("/why?", "/why%3F"),
            ("/c#", "/c%23"),
        ] {
            assert_eq!(of_file(path), url, "{path}");
        }
    }
}

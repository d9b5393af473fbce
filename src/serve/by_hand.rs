//! The body of a panel, written by hand: what `wire.rs` says of a panel without evidence, in a fifth of the time that a general
//! serialiser takes. It is what a front page asks for; a test compares the two.

use crate::model::{Date, EntryView, PerSignal, SignalKind};
use crate::panel::{Card, Panel};

/// Bytes that a card takes beside its texts, and what stands around the cards.
const CARD: usize = 384;
const AROUND: usize = 1024;
/// Scores are printed in parts of this.
const PARTS: f64 = 10_000.0;

/// A panel's body, and where its items stand in it.
pub(super) fn written(panel: &Panel<'_>, token: Option<&str>) -> (Vec<u8>, std::ops::Range<usize>) {
    let texts = panel.cards.iter().map(|card| length(&card.entry));
    let room = AROUND + length(&panel.host) + texts.map(|texts| texts + CARD).sum::<usize>();
    let mut body = Body(Vec::with_capacity(room));
    body.raw("{\"article\":{");
    body.article(&panel.host, None);
    body.raw(",\"lang\":");
    body.text(panel.host.lang);
    body.raw("},\"items\":");
    let start = body.0.len();
    body.raw("[");
    for (place, card) in panel.cards.iter().enumerate() {
        body.raw(if place == 0 { "{" } else { ",{" });
        body.card(card);
        body.raw("}");
    }
    body.raw("]");
    let items = start..body.0.len();
    body.raw(",\"generation\":");
    body.whole(panel.generation);
    if let Some(token) = token {
        body.raw(",\"panel\":");
        body.text(token);
    }
    body.raw("}");
    (body.0, items)
}

/// Bytes of the texts of an article.
fn length(entry: &EntryView<'_>) -> usize {
    let texts = [entry.id, entry.url, entry.title, entry.summary];
    texts.iter().map(|text| text.len()).sum()
}

/// JSON so far. Bytes, so that nothing looks through all of it once more for what it is made of already.
struct Body(Vec<u8>);

impl Body {
    #[inline(always)]
    fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// The members of an article that its card has as well, with the reason for that where it is one.
    #[inline]
    fn article(&mut self, entry: &EntryView<'_>, reason: Option<&str>) {
        self.raw("\"id\":");
        self.text(entry.id);
        self.raw(",\"url\":");
        self.text(entry.url);
        self.raw(",\"kind\":");
        self.text(entry.kind);
        if let Some(reason) = reason {
            self.raw(",\"reason\":");
            self.text(reason);
        }
        self.raw(",\"title\":");
        self.text(entry.title);
        self.raw(",\"summary\":");
        self.text(entry.summary);
        self.raw(",\"topic\":");
        self.or_null(entry.topic, Self::text);
        self.raw(",\"author\":");
        self.or_null(entry.author, Self::text);
        self.raw(",\"image\":");
        self.or_null(entry.image, Self::text);
        self.raw(",\"published\":");
        self.or_null(entry.published, Self::date);
    }

    #[inline]
    fn card(&mut self, card: &Card<'_>) {
        self.article(&card.entry, Some(card.reason.label()));
        self.raw(",\"match\":");
        self.or_null(card.percent, |body, percent| {
            body.whole(percent.get().into());
        });
        self.raw(",\"score\":");
        self.or_null(card.score, |body, score| body.rounded(score.get()));
        self.raw(",\"signals\":");
        self.or_null(card.contributions.as_ref(), |body, given| {
            body.signals(given, card.editor);
        });
    }

    #[inline]
    fn signals(&mut self, given: &PerSignal<f64>, editor: f64) {
        self.raw("{\"behavior\":");
        self.rounded(given[SignalKind::Behavior]);
        self.raw(",\"content\":");
        self.rounded(given[SignalKind::Content]);
        self.raw(",\"research\":");
        self.rounded(given[SignalKind::Research]);
        self.raw(",\"seo\":");
        self.rounded(given[SignalKind::Seo]);
        if editor != 0.0 {
            self.raw(",\"editor\":");
            self.rounded(editor);
        }
        self.raw("}");
    }

    #[inline]
    fn or_null<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            Some(value) => write(self, value),
            None => self.raw("null"),
        }
    }

    fn date(&mut self, date: Date) {
        self.raw("\"");
        date.push_to(&mut self.0);
        self.raw("\"");
    }

    /// A text in quotes. Most texts hold nothing to escape.
    #[inline]
    fn text(&mut self, text: &str) {
        self.raw("\"");
        match is_plain(text.as_bytes()) {
            true => self.raw(text),
            false => self.escaped(text),
        }
        self.raw("\"");
    }

    #[cold]
    fn escaped(&mut self, text: &str) {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        for &byte in text.as_bytes() {
            match byte {
                b'"' => self.raw("\\\""),
                b'\\' => self.raw("\\\\"),
                b'\n' => self.raw("\\n"),
                b'\r' => self.raw("\\r"),
                b'\t' => self.raw("\\t"),
                0x08 => self.raw("\\b"),
                0x0c => self.raw("\\f"),
                ..b' ' => {
                    let digit = |half: u8| DIGITS[usize::from(half)];
                    self.raw("\\u00");
                    self.0.extend([digit(byte >> 4), digit(byte & 15)]);
                }
                _ => self.0.push(byte),
            }
        }
    }

    /// A whole number.
    fn whole(&mut self, mut number: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.0.extend_from_slice(&digits[at..]);
    }

    /// A number to four decimals, with one at least.
    #[inline]
    fn rounded(&mut self, value: f64) {
        let parts = value.abs() * PARTS;
        let below = parts as u64;
        // As `round`, which is a call: what is cut off is exact.
        let parts = below as u32 + u32::from(parts - below as f64 >= 0.5);
        if value.is_sign_negative() {
            self.raw("-");
        }
        let (ones, decimals) = (parts / PARTS as u32, parts % PARTS as u32);
        match ones {
            0..=9 => self.0.push(b'0' + ones as u8),
            _ => self.whole(ones.into()),
        }
        let digit = |place: u32| b'0' + (decimals / place % 10) as u8;
        let digits = [b'.', digit(1000), digit(100), digit(10), digit(1)];
        let zeros = digits[2..].iter().rev().take_while(|&&digit| digit == b'0');
        let zeros = zeros.count();
        self.0.extend_from_slice(&digits);
        self.0.truncate(self.0.len() - zeros);
    }
}

/// Bytes that are looked at together, without a branch.
const TOGETHER: usize = 16;
/// The same of a short text.
const FEW: usize = 4;

/// Whether a text holds nothing that JSON does not let stand in one.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let (chunks, rest) = text.as_chunks::<TOGETHER>();
    let bad = chunks.iter().fold(false, |bad, chunk| bad | any_bad(chunk));
    // The last ones once more: that is faster than one by one.
    !bad && match text.last_chunk::<TOGETHER>() {
        _ if rest.is_empty() => true,
        Some(last) => !any_bad(last),
        None => {
            let (chunks, _) = text.as_chunks::<FEW>();
            let bad = chunks.iter().fold(false, |bad, chunk| bad | any_bad(chunk));
            let last = text.len().saturating_sub(FEW);
            !bad && !any_bad(&text[last..])
        }
    }
}

#[inline(always)]
fn any_bad(bytes: &[u8]) -> bool {
    let is_bad = |byte: u8| (byte < b' ') | (byte == b'"') | (byte == b'\\');
    bytes.iter().fold(false, |bad, &byte| bad | is_bad(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{MatchPercent, Score};
    use crate::panel::Reason;
    use crate::serve::wire::{panel_json, serialised};

    /// A panel whose texts are all `text`.
    fn panel(text: &str, values: [f64; 2]) -> Panel<'_> {
        let entry = EntryView {
            id: text,
            url: text,
            kind: text,
            title: text,
            summary: text,
            topic: Some(text),
            lang: "en",
            published: Date::parse("2025-08-26T10:00:00Z"),
            author: None,
            image: Some(text),
        };
        let [score, editor] = values;
        let fill = Card {
            entry: EntryView {
                published: Date::parse("0031-12-01"),
                topic: None,
                ..entry
            },
            reason: Reason::Latest,
            percent: None,
            score: None,
            contributions: None,
            editor: 0.0,
            evidence: Vec::new(),
        };
        let related = Card {
            reason: Reason::Recommended,
            percent: Some(MatchPercent::of(Score::new(score), Score::new(1.0))),
            score: Some(Score::new(score)),
            contributions: Some(PerSignal::from_fn(|signal| {
                score / (signal as u8 + 1) as f64
            })),
            editor,
            ..fill.clone()
        };
        Panel {
            host: entry,
            cards: vec![related, fill],
            off: false,
            generation: 12_345_678_901,
        }
    }

    #[test]
    fn by_hand_a_panel_is_what_the_serialiser_makes_of_it() {
        let every: String = (0..0x250).filter_map(char::from_u32).collect();
        let mut texts: Vec<String> = (0..40)
            .map(|length| "\u{fffd}ä".repeat(length) + "\"" + &"x".repeat(length) + "\u{1f}\\")
            .collect();
        texts.extend(["".to_owned(), every, "\u{7f}\u{80}\u{2028}𝄞".to_owned()]);
        for text in &texts {
            for token in [None, Some(text.as_str())] {
                let panel = panel(text, [0.8132, -0.04]);
                let (body, items) = written(&panel, token);
                let body = String::from_utf8(body).expect("UTF-8");
                let (expected, expected_items) = serialised(&panel, token, false);
                assert_eq!(body, expected);
                assert_eq!(body[items], *expected_items);
                assert_eq!(panel_json(&panel, token, false), expected);
            }
        }
    }

    #[test]
    fn by_hand_numbers_are_what_the_serialiser_makes_of_them() {
        for parts in 0..=20_000 {
            let score = f64::from(parts) / 20_000.0;
            for editor in [0.0, score - 0.5, -score / 1e4] {
                let panel = panel("", [score, editor]);
                let (expected, _) = serialised(&panel, None, false);
                assert_eq!(
                    written(&panel, None).0,
                    expected.as_bytes(),
                    "{score} {editor}"
                );
            }
        }
    }
}

//! The body of a panel, joined by hand: what `wire.rs` says of a panel without evidence. Cards come in JSON, so that reasons and
//! numbers are all that is written. It is what a front page asks for; tests compare the two.

use std::ops::Range;

use crate::engine::{Piece, Pieces};
use crate::index::{packed, shown};
use crate::model::{PerSignal, SignalKind, push_json};
use crate::panel::{Panel, Reason};

/// Bytes that a card takes beside what is kept of it, at most, and what stands around the cards beside the texts of the host.
const CARD: usize = 224;
const AROUND: usize = 256;
/// Scores are printed in parts of this.
const PARTS: f64 = 10_000.0;

/// The body of a panel of any articles, and where its items stand in it.
pub(super) fn written(panel: &Panel<'_>, token: Option<&str>) -> (Vec<u8>, Range<usize>) {
    let packs: Vec<Vec<u8>> = panel.cards.iter().map(|card| packed(&card.entry)).collect();
    let host = packed(&panel.host);
    let read = |bytes| shown(bytes).expect("packed just now");
    let cards = panel.cards.iter().zip(&packs).map(|(card, packed)| Piece {
        shown: read(packed),
        reason: card.reason,
        percent: card.percent,
        score: card.score,
        contributions: card.contributions,
        editor: card.editor,
    });
    let pieces = Pieces {
        host: read(&host),
        cards: cards.collect(),
        generation: panel.generation,
    };
    joined(&pieces, token, Vec::new())
}

/// The body of a panel of such pieces, in `room`, which is empty; and where its items stand in it.
pub(super) fn joined(
    panel: &Pieces<'_>,
    token: Option<&str>,
    mut room: Vec<u8>,
) -> (Vec<u8>, Range<usize>) {
    let cards = panel.cards.iter();
    let cards = cards.map(|card| card.shown.length() + CARD);
    let around = AROUND + panel.host.length() + token.map_or(0, str::len);
    room.reserve(around + cards.sum::<usize>());
    let mut body = Body(room);
    body.raw("{\"article\":{");
    body.0.extend_from_slice(panel.host.before);
    panel.host.push_after(&mut body.0);
    body.raw(",\"lang\":");
    push_json(panel.host.lang, &mut body.0);
    body.raw("},\"items\":[");
    let start = body.0.len() - 1;
    for (place, card) in panel.cards.iter().enumerate() {
        body.raw(if place == 0 { "{" } else { ",{" });
        body.card(card);
    }
    body.raw("]");
    let items = start..body.0.len();
    body.raw(",\"generation\":");
    body.whole(panel.generation);
    if let Some(token) = token {
        body.raw(",\"panel\":");
        push_json(token, &mut body.0);
    }
    body.raw("}");
    (body.0, items)
}

/// JSON so far. Bytes, so that nothing looks through all of it once more for what it is made of already.
struct Body(Vec<u8>);

impl Body {
    #[inline(always)]
    fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// A card but for the brace before it.
    #[inline]
    fn card(&mut self, card: &Piece<'_>) {
        self.0.extend_from_slice(card.shown.before);
        self.raw(match card.reason {
            Reason::SimilarContent => ",\"reason\":\"Similar content\"",
            Reason::Recommended => ",\"reason\":\"Recommended\"",
            Reason::EditorsPick => ",\"reason\":\"Editor's pick\"",
            Reason::Latest => ",\"reason\":\"Latest\"",
        });
        card.shown.push_after(&mut self.0);
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
        self.raw("}");
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
        let below = parts as u32;
        // As `round`, which is a call: what is cut off is exact.
        let parts = below + u32::from(parts - f64::from(below) >= 0.5);
        if value.is_sign_negative() {
            self.raw("-");
        }
        let (ones, decimals) = (parts / PARTS as u32, parts % PARTS as u32);
        let [first, last] = [decimals / 100, decimals % 100].map(|pair| pair as usize);
        let ([d0, d1], [d2, d3]) = (PAIRS[first], PAIRS[last]);
        let cut = match last {
            0 => 2 + ZEROS[first].min(1),
            _ => ZEROS[last],
        };
        match ones {
            // All of it at once, then without the zeros at its end.
            0..=9 => self
                .0
                .extend_from_slice(&[b'0' + ones as u8, b'.', d0, d1, d2, d3]),
            _ => {
                self.whole(ones.into());
                self.0.extend_from_slice(&[b'.', d0, d1, d2, d3]);
            }
        }
        self.0.truncate(self.0.len() - cut);
    }
}

/// The two digits of each number below 100.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut number = 0;
    while number < 100 {
        pairs[number] = [b'0' + (number / 10) as u8, b'0' + (number % 10) as u8];
        number += 1;
    }
    pairs
};

/// How many zeros these end with.
const ZEROS: [usize; 100] = {
    let mut zeros = [0; 100];
    let mut number = 0;
    while number < 100 {
        zeros[number] = if number == 0 {
            2
        } else if number % 10 == 0 {
            1
        } else {
            0
        };
        number += 1;
    }
    zeros
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Date, EntryView, MatchPercent, Score};
    use crate::panel::{Card, Reason};
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
    fn by_hand_reasons_are_what_the_serialiser_makes_of_them() {
        use Reason::{EditorsPick, Latest, Recommended, SimilarContent};
        let mut panel = panel("x", [0.5, 0.0]);
        for reason in [SimilarContent, Recommended, EditorsPick, Latest] {
            panel.cards.iter_mut().for_each(|card| card.reason = reason);
            let (expected, _) = serialised(&panel, None, false);
            assert_eq!(written(&panel, None).0, expected.as_bytes());
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

//! Chance on fixed seeds: numbers, and pages of made-up words that are about something.

use crate::site::Site;

const SYLLABLES: [&str; 16] = [
    "ba", "ko", "ri", "tu", "me", "sha", "lo", "pin", "gra", "vel", "dos", "nar", "qui", "fen",
    "zor", "hy",
];

/// A generator of numbers (splitmix64): the same for the same seed.
pub(crate) struct Chance(u64);

impl Chance {
    /// Starts from `seed`.
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.bits() % end.max(1) as u64) as usize
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of `choices`.
    pub(crate) fn of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

/// How often something is tried: `usual` times, or as often as this variable of the environment says.
pub(crate) fn times(variable: &str, usual: u64) -> u64 {
    std::env::var(variable).map_or(usual, |text| text.parse().expect("a number"))
}

/// Word `number` of a made-up language.
pub(crate) fn word(number: usize) -> String {
    let count = SYLLABLES.len();
    let mut word = String::new();
    let mut rest = number + count;
    while rest > 0 {
        word.push_str(SYLLABLES[rest % count]);
        rest /= count;
    }
    word
}

/// The text of page `number`: `words` words, most of them of the page's subject.
pub(crate) fn page(number: usize, words: usize, seed: u64) -> String {
    let mut chance = Chance::seeded(seed ^ (number as u64) << 20);
    let subject = number % 4;
    let mut text = format!(
        "---\ntitle: {} {}\ndate: 2026-01-{:02}\n---\n",
        word(1000 + subject),
        word(2000 + number),
        number % 28 + 1
    );
    for place in 0..words {
        let number = match chance.below(10) {
            0..5 => 40 * subject + chance.below(40),
            5..9 => 600 + chance.below(300),
            _ => 3000 + chance.below(4000),
        };
        text.push_str(&word(number));
        text.push(if place % 12 == 11 { '\n' } else { ' ' });
    }
    text
}

/// Writes `pages` pages of `words` words.
pub(crate) fn write_pages(site: &Site, pages: usize, words: usize, seed: u64) {
    for number in 0..pages {
        site.write(&format!("corpus/p{number}.md"), &page(number, words, seed));
    }
}

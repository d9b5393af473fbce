//! What of a text was there before: it is cut into commands, each some new bytes and then a copy (RFC 7932, 4 and 5).

/// Bytes that a place is looked up by.
const KEY: usize = 4;
/// Bytes that are compared at once.
const WORD: usize = 8;
/// The shortest copy there is.
const SHORTEST: usize = 2;
/// Places with the same hash that are compared, at most.
const COMPARED: usize = 32;
const HASH_BITS: u32 = 15;
const NONE: u32 = u32::MAX;
/// A copy of this length is taken without looking further.
const LONG: usize = 96;
/// About what a byte costs that is not copied, in quarters of a bit as all that follows.
const LITERAL: usize = 16;
/// What a copy costs, and each time that its distance doubles.
const COPY: usize = 34;
const DOUBLED: usize = 4;
/// What a copy costs whose distance is the last one, and each copy of another distance since.
const KNOWN_COPY: usize = 10;
const EARLIER: usize = 4;
/// By how much a copy that begins a byte later must be better.
const BETTER: usize = 24;
/// How many bytes later it may begin.
const LATER: usize = 4;
/// Distances of copies before that have a name, and their order at the beginning.
const FIRST_DISTANCES: [usize; 4] = [4, 11, 15, 16];

/// New bytes, then a copy of bytes before.
#[derive(Clone, Copy, Debug)]
pub(super) struct Command {
    pub(super) inserted: usize,
    /// 0 at the end of a text.
    pub(super) copied: usize,
    pub(super) distance: Distance,
}

/// How far back what is copied begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Distance {
    /// As at one of the last four copies of another distance, the last one 0.
    Known(usize),
    Bytes(usize),
}

/// A copy that could be made.
#[derive(Clone, Copy, Debug)]
struct Found {
    length: usize,
    distance: usize,
    /// What it saves, in quarters of a bit.
    saved: usize,
}

/// A text, and where in it which bytes stand.
#[derive(Debug)]
pub(super) struct Matches<'a> {
    text: &'a [u8],
    farthest: usize,
    /// The last place of each hash, and the place before each place with the same.
    last: Vec<u32>,
    before: Vec<u32>,
    noted: usize,
    distances: [usize; 4],
}

impl<'a> Matches<'a> {
    /// Nothing of `text` is cut yet. No copy comes from more than `farthest` bytes before.
    pub(super) fn new(text: &'a [u8], farthest: usize) -> Self {
        Self {
            text,
            farthest,
            last: vec![NONE; 1 << HASH_BITS],
            before: vec![NONE; text.len()],
            noted: 0,
            distances: FIRST_DISTANCES,
        }
    }

    /// The commands for the bytes from `start` to `end`, which follow those that were cut before.
    pub(super) fn commands(&mut self, start: usize, end: usize) -> Vec<Command> {
        let mut commands = Vec::new();
        let (mut at, mut new) = (start, start);
        while at < end {
            let Some(found) = self.best(at, end) else {
                at += 1;
                continue;
            };
            let (begins, found) = self.put_off(at, end, found);
            commands.push(Command {
                inserted: begins - new,
                copied: found.length,
                distance: self.named(found.distance),
            });
            at = begins + found.length;
            new = at;
        }
        if new < end {
            commands.push(Command {
                inserted: end - new,
                copied: 0,
                distance: Distance::Known(0),
            });
        }
        commands
    }

    /// `found` at `at`, or a better copy that begins a little later.
    fn put_off(&mut self, mut at: usize, end: usize, mut found: Found) -> (usize, Found) {
        for _ in 0..LATER {
            if found.length >= LONG || at + 1 >= end {
                break;
            }
            match self.best(at + 1, end) {
                Some(later) if later.saved > found.saved + BETTER => {
                    at += 1;
                    found = later;
                }
                _ => break,
            }
        }
        (at, found)
    }

    /// The copy at `at` that saves the most.
    fn best(&mut self, at: usize, end: usize) -> Option<Found> {
        self.note_until(at);
        let text = &self.text[..end];
        let mut best = None;
        for (rank, &distance) in self.distances.iter().enumerate() {
            if distance <= at.min(self.farthest) {
                let length = alike(text, at - distance, at);
                better(&mut best, length, distance, KNOWN_COPY + EARLIER * rank);
            }
        }
        if at + KEY > end {
            return best;
        }
        let mut place = self.last[hash(&text[at..at + KEY])];
        for _ in 0..COMPARED {
            if place == NONE || at - place as usize > self.farthest {
                break;
            }
            let distance = at - place as usize;
            let length = alike(text, place as usize, at);
            if length >= KEY {
                let named = COPY + DOUBLED * distance.ilog2() as usize;
                better(&mut best, length, distance, named);
            }
            if length >= LONG {
                break;
            }
            place = self.before[place as usize];
        }
        best
    }

    /// Notes where bytes stand that begin before `at`.
    fn note_until(&mut self, at: usize) {
        let last = self.text.len().saturating_sub(KEY - 1);
        for place in self.noted..at.min(last) {
            let head = &mut self.last[hash(&self.text[place..place + KEY])];
            self.before[place] = *head;
            *head = place as u32;
        }
        self.noted = self.noted.max(at);
    }

    /// What `distance` is called; it counts as the last one from now on.
    fn named(&mut self, distance: usize) -> Distance {
        let known = self.distances.iter().position(|&known| known == distance);
        if known != Some(0) {
            self.distances.rotate_right(1);
            self.distances[0] = distance;
        }
        known.map_or(Distance::Bytes(distance), Distance::Known)
    }
}

/// Takes a copy of `length` that costs `named` to name, if it saves more than `best` does.
fn better(best: &mut Option<Found>, length: usize, distance: usize, named: usize) {
    let saved = (LITERAL * length).saturating_sub(named);
    if length >= SHORTEST && saved > best.map_or(0, |best| best.saved) {
        *best = Some(Found {
            length,
            distance,
            saved,
        });
    }
}

/// How many bytes from `one` and from `other`, which is later, are the same.
fn alike(text: &[u8], one: usize, other: usize) -> usize {
    let (one, other) = (&text[one..], &text[other..]);
    let words = one.chunks_exact(WORD).zip(other.chunks_exact(WORD));
    let same = WORD * words.take_while(|(one, other)| one == other).count();
    let bytes = one[same..].iter().zip(&other[same..]);
    same + bytes.take_while(|(one, other)| one == other).count()
}

fn hash(key: &[u8]) -> usize {
    let key = u32::from_le_bytes(key.try_into().expect("a key of four bytes"));
    (key.wrapping_mul(0x9e37_79b1) >> (u32::BITS - HASH_BITS)) as usize
}

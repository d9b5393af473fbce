//! Brotli (RFC 7932), as much of it as makes answers small: copies of what stood before, and prefix codes by context.
//!
//! The reference encoder does more, among it words of a list that every reader has, and is a megabyte of the program. This
//! one takes panels to about the same length.

mod bits;
mod contexts;
mod matches;
mod prefix;
#[cfg(test)]
mod tests;

use bits::Bits;
use contexts::{BYTES, CONTEXTS, Counts, context};
use matches::{Command, Distance, Matches};
use prefix::Prefix;

/// How far back a copy may begin, as a power of two of bytes: the panels of a hundred cards fit.
const WINDOW: u32 = 18;
/// Bytes of the window that the format keeps for itself.
const KEPT_BACK: usize = 16;
/// Bytes that share their prefix codes, at most.
const PIECE: usize = 1 << 16;

/// Symbols for the lengths of what is inserted and copied, two in one.
const LENGTHS: usize = 704;
/// Symbols for distances: 16 that depend on copies before, then two a power of two.
const DISTANCES: usize = 64;
const KNOWN_DISTANCES: usize = 16;

/// What a symbol stands for begins here, and the bits behind it tell how far from here it is.
type Range = (usize, u32);

const INSERTED: [Range; 24] = [
    (0, 0),
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 1),
    (8, 1),
    (10, 2),
    (14, 2),
    (18, 3),
    (26, 3),
    (34, 4),
    (50, 4),
    (66, 5),
    (98, 5),
    (130, 6),
    (194, 7),
    (322, 8),
    (578, 9),
    (1090, 10),
    (2114, 12),
    (6210, 14),
    (22594, 24),
];
const COPIED: [Range; 24] = [
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 1),
    (12, 1),
    (14, 2),
    (18, 2),
    (22, 3),
    (30, 3),
    (38, 4),
    (54, 4),
    (70, 5),
    (102, 5),
    (134, 6),
    (198, 7),
    (326, 8),
    (582, 9),
    (1094, 10),
    (2118, 24),
];
/// Where the symbols begin of 8 lengths inserted and 8 copied, by eighths of both lists.
const CELLS: [[usize; 3]; 3] = [[128, 192, 384], [256, 320, 512], [448, 576, 640]];

/// `text`, compressed.
pub(in crate::serve) fn encode(text: &[u8]) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.put(((WINDOW - 17) << 1) | 1, 4);
    let mut matches = Matches::new(text, (1 << WINDOW) - KEPT_BACK);
    for start in (0..text.len()).step_by(PIECE) {
        let end = text.len().min(start + PIECE);
        let commands = matches.commands(start, end);
        let commands = &commands;
        Piece {
            text,
            start,
            end,
            commands,
        }
        .write(&mut bits);
    }
    // A last piece, which is empty.
    bits.put(0b11, 2);
    bits.finish()
}

/// A piece of a text as it is written.
#[derive(Debug)]
struct Piece<'a> {
    text: &'a [u8],
    start: usize,
    end: usize,
    commands: &'a [Command],
}

impl Piece<'_> {
    fn write(&self, bits: &mut Bits) {
        let (codes, counts) = contexts::joined(&self.by_context());
        let literals: Vec<Prefix> = counts.iter().map(|counts| Prefix::of(counts)).collect();
        let (lengths, distances) = self.prefixes();
        self.write_head(&codes, literals.len(), bits);
        for prefix in literals.iter().chain([&lengths, &distances]) {
            prefix.store(bits);
        }
        let mut at = self.start;
        for command in self.commands {
            let symbols = Symbols::of(command);
            lengths.put(symbols.lengths, bits);
            symbols.inserted.put(bits);
            symbols.copied.put(bits);
            for place in at..at + command.inserted {
                literals[codes[self.context_at(place)]].put(self.text[place].into(), bits);
            }
            if let Some((symbol, extra)) = symbols.distance {
                distances.put(symbol, bits);
                extra.put(bits);
            }
            at += command.inserted + command.copied;
        }
    }

    /// How often each byte is written in each context.
    fn by_context(&self) -> Box<[Counts; CONTEXTS]> {
        let mut counts = Box::new([[0; BYTES]; CONTEXTS]);
        let mut at = self.start;
        for command in self.commands {
            for place in at..at + command.inserted {
                counts[self.context_at(place)][usize::from(self.text[place])] += 1;
            }
            at += command.inserted + command.copied;
        }
        counts
    }

    /// The context of the byte at `place`.
    fn context_at(&self, place: usize) -> usize {
        let before = |count: usize| place.checked_sub(count).map_or(0, |at| self.text[at]);
        context(before(2), before(1))
    }

    /// The codes of lengths and of distances.
    fn prefixes(&self) -> (Prefix, Prefix) {
        let (mut lengths, mut distances) = ([0; LENGTHS], [0; DISTANCES]);
        for symbols in self.commands.iter().map(Symbols::of) {
            lengths[symbols.lengths] += 1;
            if let Some((symbol, _)) = symbols.distance {
                distances[symbol] += 1;
            }
        }
        (Prefix::of(&lengths), Prefix::of(&distances))
    }

    /// Writes what comes before the prefix codes: which of the `literals` each context has.
    fn write_head(&self, codes: &[usize; CONTEXTS], literals: usize, bits: &mut Bits) {
        // Not the last piece; a length of 16 bits; not as it is.
        bits.put(0, 3);
        bits.put((self.end - self.start - 1) as u32, 16);
        bits.put(0, 1);
        // One type of block for each of three kinds; nothing special about distances.
        bits.put(0, 3 + 6);
        bits.put(contexts::MODE, 2);
        if let Some(count @ 1..) = literals.checked_sub(1) {
            bits.put(1, 1);
            bits.put(count.ilog2(), 3);
            bits.put((count - (1 << count.ilog2())) as u32, count.ilog2());
            let mut counts = vec![0; literals];
            codes.iter().for_each(|&code| counts[code] += 1);
            let prefix = Prefix::of(&counts);
            // No runs, and no moving to the front.
            bits.put(0, 1);
            prefix.store(bits);
            codes.iter().for_each(|&code| prefix.put(code, bits));
            bits.put(0, 1);
        } else {
            bits.put(0, 1);
        }
        // One code for all distances.
        bits.put(0, 1);
    }
}

/// The bits behind a symbol: a number and how many bits it takes.
#[derive(Clone, Copy, Debug)]
struct Extra(u32, u32);

impl Extra {
    fn put(self, bits: &mut Bits) {
        bits.put(self.0, self.1);
    }
}

/// A command as it is written.
#[derive(Debug)]
struct Symbols {
    lengths: usize,
    inserted: Extra,
    copied: Extra,
    /// None where the symbol of the lengths says that it is that of the copy before, and where nothing is copied.
    distance: Option<(usize, Extra)>,
}

impl Symbols {
    fn of(command: &Command) -> Self {
        let (insert, inserted) = ranged(&INSERTED, command.inserted);
        let (copy, copied) = ranged(&COPIED, command.copied.max(COPIED[0].0));
        let within = ((insert % 8) << 3) | (copy % 8);
        let is_implied = command.distance == Distance::Known(0) && insert < 8 && copy < 16;
        let (cell, distance) = if is_implied {
            ((copy / 8) << 6, None)
        } else {
            let distance = (command.copied > 0).then(|| distance_symbol(command.distance));
            (CELLS[insert / 8][copy / 8], distance)
        };
        Self {
            lengths: cell + within,
            inserted,
            copied,
            distance,
        }
    }
}

/// The range that `value` lies in, and how far from its beginning.
fn ranged(ranges: &[Range], value: usize) -> (usize, Extra) {
    let at = ranges.partition_point(|&(begins, _)| begins <= value) - 1;
    let (begins, count) = ranges[at];
    (at, Extra((value - begins) as u32, count))
}

fn distance_symbol(distance: Distance) -> (usize, Extra) {
    match distance {
        Distance::Known(rank) => (rank, Extra(0, 0)),
        Distance::Bytes(bytes) => {
            // The first two ranges, of one bit each, begin at 4.
            let bytes = bytes + 3;
            let count = bytes.ilog2() - 1;
            let half = (bytes >> count) & 1;
            let extra = bytes - ((2 + half) << count);
            let symbol = KNOWN_DISTANCES + 2 * (count as usize - 1) + half;
            (symbol, Extra(extra as u32, count))
        }
    }
}

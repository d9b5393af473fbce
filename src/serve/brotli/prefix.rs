//! Prefix codes: frequent symbols get short ones. What is stored of a code is the length of each symbol's (RFC 7932, 3).

use super::bits::Bits;

/// The longest code of a symbol, and of a length of such codes.
const LONGEST: u8 = 15;
const LONGEST_OF_LENGTHS: u8 = 5;
/// Lengths 0 to 15, and two symbols for what is repeated.
const LENGTHS: usize = 18;
const REPEATED: u8 = 16;
const ZEROS: u8 = 17;
/// In which order the lengths of the codes of lengths are stored, and how each is.
const ORDER: [usize; LENGTHS] = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const STORED: [(u32, u32); 6] = [(0, 2), (7, 4), (3, 3), (2, 2), (1, 2), (15, 4)];
/// Symbols that are named instead of given a length each, at most.
const FEW: usize = 4;

/// Repetitions that are worth a symbol.
const SHORTEST_RUN: usize = 3;

/// A code for each symbol of an alphabet.
#[derive(Debug)]
pub(super) struct Prefix {
    /// In bits; 0 where a symbol does not come, or comes alone.
    lengths: Vec<u8>,
    codes: Vec<u16>,
    /// The symbol that takes no bits, if it is the only one.
    only: usize,
}

impl Prefix {
    /// The code for symbols that come as often as `counts` says.
    pub(super) fn of(counts: &[u32]) -> Self {
        Self::limited(counts, LONGEST)
    }

    fn limited(counts: &[u32], longest: u8) -> Self {
        let lengths = lengths(counts, longest);
        let codes = codes(&lengths);
        let only = counts.iter().position(|&count| count > 0).unwrap_or(0);
        Self {
            lengths,
            codes,
            only,
        }
    }

    /// Writes the code of `symbol`.
    pub(super) fn put(&self, symbol: usize, bits: &mut Bits) {
        bits.put(self.codes[symbol].into(), self.lengths[symbol].into());
    }

    /// Writes the code itself.
    pub(super) fn store(&self, bits: &mut Bits) {
        let used = |&symbol: &usize| self.lengths[symbol] > 0;
        let mut few: Vec<usize> = (0..self.lengths.len()).filter(used).take(FEW + 1).collect();
        if few.len() > FEW {
            return self.store_lengths(bits);
        }
        few.sort_unstable_by_key(|&symbol| (self.lengths[symbol], symbol));
        if few.is_empty() {
            few.push(self.only);
        }
        let width = usize::BITS - (self.lengths.len() - 1).leading_zeros();
        bits.put(1, 2);
        bits.put(few.len() as u32 - 1, 2);
        for &symbol in &few {
            bits.put(symbol as u32, width);
        }
        if few.len() == FEW {
            bits.put(u32::from(self.lengths[few[0]] == 1), 1);
        }
    }

    fn store_lengths(&self, bits: &mut Bits) {
        let runs = runs(&self.lengths);
        let mut counts = [0; LENGTHS];
        for &(symbol, _) in &runs {
            counts[usize::from(symbol)] += 1;
        }
        if counts.iter().filter(|&&count| count > 0).count() == 1 {
            // One code alone is written in another way, which two spare.
            counts[0] = 1;
        }
        let of_lengths = Self::limited(&counts, LONGEST_OF_LENGTHS);
        let stored = ORDER.map(|symbol| of_lengths.lengths[symbol]);
        let skipped = match stored {
            [0, 0, 0, ..] => 3,
            [0, 0, ..] => 2,
            _ => 0,
        };
        bits.put(skipped, 2);
        let end = stored.iter().rposition(|&length| length > 0).unwrap_or(0) + 1;
        for &length in &stored[skipped as usize..end] {
            let (value, count) = STORED[usize::from(length)];
            bits.put(value, count);
        }
        for (symbol, extra) in runs {
            of_lengths.put(symbol.into(), bits);
            bits.put(extra, extra_bits(symbol));
        }
    }
}

/// The lengths of codes for symbols that come as often as `counts` says, none longer than `longest`.
fn lengths(counts: &[u32], longest: u8) -> Vec<u8> {
    let mut least = 1;
    loop {
        let lengths = unlimited(counts, least);
        if lengths.iter().all(|&length| length <= longest) {
            return lengths;
        }
        least *= 2;
    }
}

/// Huffman's lengths, each symbol counted `least` times at least.
fn unlimited(counts: &[u32], least: u32) -> Vec<u8> {
    let used = counts.iter().enumerate().filter(|&(_, &count)| count > 0);
    let mut leaves: Vec<(u32, usize)> = used.map(|(at, &n)| (n.max(least), at)).collect();
    leaves.sort_unstable();
    let mut lengths = vec![0; counts.len()];
    // Nodes are the leaves, then pairs in the order they are made, which is by weight too.
    let mut weights: Vec<u32> = leaves.iter().map(|&(count, _)| count).collect();
    let mut parents = vec![0; (2 * leaves.len()).saturating_sub(1)];
    let (mut leaf, mut pair) = (0, leaves.len());
    while weights.len() < parents.len() {
        let made = weights.len();
        let mut weight = 0;
        for _ in 0..2 {
            let is_leaf = leaf < leaves.len() && (pair == made || weights[leaf] <= weights[pair]);
            let next = if is_leaf { &mut leaf } else { &mut pair };
            weight += weights[*next];
            parents[*next] = made;
            *next += 1;
        }
        weights.push(weight);
    }
    let mut depths = vec![0u8; parents.len()];
    for node in (0..parents.len().saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
        if let Some(&(_, symbol)) = leaves.get(node) {
            lengths[symbol] = depths[node];
        }
    }
    lengths
}

/// The codes that follow from `lengths`: shorter ones first, then by symbol; the first bit lowest.
fn codes(lengths: &[u8]) -> Vec<u16> {
    let mut next = [0u32; LONGEST as usize + 2];
    for &length in lengths.iter().filter(|&&length| length > 0) {
        next[usize::from(length) + 1] += 1;
    }
    for length in 1..next.len() {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    let code = |&length: &u8| {
        if length == 0 {
            return 0;
        }
        let code = next[usize::from(length)];
        next[usize::from(length)] += 1;
        (code as u16).reverse_bits() >> (16 - u32::from(length))
    };
    lengths.iter().map(code).collect()
}

/// `lengths` up to the last that is not 0, those that repeat taken together: symbols, each with what its extra bits say.
fn runs(lengths: &[u8]) -> Vec<(u8, u32)> {
    let end = lengths.iter().rposition(|&length| length > 0).unwrap_or(0) + 1;
    let mut runs = Vec::new();
    // A reader takes this for the length before the first.
    let mut before = 8;
    for run in lengths[..end].chunk_by(|one, next| one == next) {
        let length = run[0];
        let mut count = run.len();
        if length > 0 && length != before {
            runs.push((length, 0));
            before = length;
            count -= 1;
        }
        if count < SHORTEST_RUN {
            runs.extend(std::iter::repeat_n((length, 0), count));
        } else {
            let symbol = if length == 0 { ZEROS } else { REPEATED };
            runs.extend(repeated(symbol, count));
        }
    }
    runs
}

/// How `symbol` says that something comes `count` times: several of them are digits of one number, each 1 more but the last.
fn repeated(symbol: u8, count: usize) -> impl Iterator<Item = (u8, u32)> {
    let width = extra_bits(symbol);
    let mut left = Some(count - SHORTEST_RUN);
    let mut digits: Vec<u32> = Vec::new();
    while let Some(number) = left {
        digits.push(number as u32 & ((1 << width) - 1));
        left = (number >> width).checked_sub(1);
    }
    digits.into_iter().rev().map(move |digit| (symbol, digit))
}

/// Bits behind the symbol of a length.
fn extra_bits(symbol: u8) -> u32 {
    match symbol {
        REPEATED => 2,
        ZEROS => 3,
        _ => 0,
    }
}

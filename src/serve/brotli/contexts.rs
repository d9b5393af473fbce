//! Which bytes follow which: contexts after which much the same comes share a prefix code (RFC 7932, 7).

use std::sync::LazyLock;

/// Contexts of a byte, by the two before it: the mode of the format for texts in UTF-8, and its number.
pub(super) const CONTEXTS: usize = 64;
pub(super) const MODE: u32 = 2;
/// Bytes there are.
pub(super) const BYTES: usize = 256;
/// What writing down a prefix code takes in bits, about: as a whole, and for each byte that it codes.
const CODE: f32 = 40.0;
const CODED: f32 = 5.0;

/// How often each byte comes.
pub(super) type Counts = [u32; BYTES];

/// Contexts that share a prefix code.
#[derive(Debug)]
struct Group {
    counts: Counts,
    contexts: Vec<usize>,
    /// What the bytes take with a code of their own, the code included.
    bits: f32,
}

/// The context of a byte that comes after `last`, which comes after `second`.
pub(super) fn context(second: u8, last: u8) -> usize {
    usize::from(LAST[usize::from(last)] | SECOND[usize::from(second)])
}

/// What the last byte says, in the upper four bits where it is one of ASCII.
const LAST: [u8; BYTES] = {
    let mut table = [0; BYTES];
    let mut byte = 0;
    while byte < BYTES {
        table[byte] = match byte as u8 {
            b'\t' | b'\n' | b'\r' => 4,
            ..b' ' | 0x7f => 0,
            b' ' => 8,
            b'"' | b'\'' => 16,
            b'%' => 20,
            b'(' | b'<' | b'[' | b'{' => 24,
            b')' | b'>' | b']' | b'}' => 28,
            b',' | b':' | b';' => 32,
            b'.' => 36,
            b'=' => 40,
            b'0'..=b'9' => 44,
            b'A' | b'E' | b'I' | b'O' | b'U' => 48,
            b'A'..=b'Z' => 52,
            b'a' | b'e' | b'i' | b'o' | b'u' => 56,
            b'a'..=b'z' => 60,
            ..0x80 => 12,
            0x80..0xc0 => byte as u8 & 1,
            0xc0.. => 2 | (byte as u8 & 1),
        };
        byte += 1;
    }
    table
};

/// What the byte before it says, in two bits.
const SECOND: [u8; BYTES] = {
    let mut table = [0; BYTES];
    let mut byte = 0;
    while byte < BYTES {
        table[byte] = match byte as u8 {
            b'a'..=b'z' => 3,
            b'A'..=b'Z' | b'0'..=b'9' | 0xd0.. => 2,
            ..=b' ' | 0x7f.. => 0,
            _ => 1,
        };
        byte += 1;
    }
    table
};

/// Joins contexts as long as that saves bits. `counts` says how often bytes come in each; out come the code of each
/// context, and how often bytes come in each code.
pub(super) fn joined(counts: &[Counts; CONTEXTS]) -> ([usize; CONTEXTS], Vec<Counts>) {
    let mut groups: Vec<Group> = (0..CONTEXTS)
        .filter(|&context| counts[context].iter().any(|&count| count > 0))
        .map(|context| Group::new(counts[context], vec![context]))
        .collect();
    if groups.is_empty() {
        // A code there has to be, though nothing is written with it.
        groups.push(Group::new([0; BYTES], Vec::new()));
    }
    let mut saved: Vec<Vec<f32>> = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        saved.push(
            groups[..at]
                .iter()
                .map(|other| saving(group, other))
                .collect(),
        );
    }
    while let Some((later, earlier)) = most(&saved) {
        let taken = groups.swap_remove(later);
        drop_row(&mut saved, later);
        groups[earlier] = groups[earlier].with(&taken);
        for other in (0..groups.len()).filter(|&other| other != earlier) {
            saved[earlier.max(other)][earlier.min(other)] =
                saving(&groups[earlier], &groups[other]);
        }
    }
    let mut codes = [0; CONTEXTS];
    for (code, group) in groups.iter().enumerate() {
        for &context in &group.contexts {
            codes[context] = code;
        }
    }
    (
        codes,
        groups.into_iter().map(|group| group.counts).collect(),
    )
}

/// The two groups that save the most together, the later one first; none if no two save anything.
fn most(saved: &[Vec<f32>]) -> Option<(usize, usize)> {
    let rows = saved.iter().enumerate();
    let all = rows.flat_map(|(one, row)| {
        row.iter()
            .enumerate()
            .map(move |(other, &bits)| (bits, one, other))
    });
    all.filter(|&(bits, ..)| bits > 0.0)
        .max_by(|(one, ..), (other, ..)| one.total_cmp(other))
        .map(|(_, one, other)| (one, other))
}

/// Takes `gone` out of a triangle of pairs; the last one takes its place.
fn drop_row(saved: &mut Vec<Vec<f32>>, gone: usize) {
    let last = saved.pop().expect("a row for each group");
    if gone == saved.len() {
        return;
    }
    for (other, &bits) in last.iter().enumerate().filter(|&(other, _)| other != gone) {
        saved[gone.max(other)][gone.min(other)] = bits;
    }
}

fn saving(one: &Group, other: &Group) -> f32 {
    let counts = one.counts.iter().zip(&other.counts);
    one.bits + other.bits - bits(counts.map(|(one, other)| one + other))
}

impl Group {
    fn new(counts: Counts, contexts: Vec<usize>) -> Self {
        let bits = bits(counts.iter().copied());
        Self {
            counts,
            contexts,
            bits,
        }
    }

    fn with(&self, other: &Self) -> Self {
        let counts = std::array::from_fn(|byte| self.counts[byte] + other.counts[byte]);
        Self::new(counts, [&self.contexts[..], &other.contexts].concat())
    }
}

/// What bytes that come so often take, by Shannon, and their code.
fn bits(counts: impl Iterator<Item = u32>) -> f32 {
    let (mut all, mut within, mut coded) = (0, 0.0, 0.0);
    for count in counts.filter(|&count| count > 0) {
        all += count;
        within += times_log(count);
        coded += CODED;
    }
    times_log(all) - within + coded + CODE
}

/// `count` times its binary logarithm. Most are small, and asked for often.
fn times_log(count: u32) -> f32 {
    static SMALL: LazyLock<[f32; 512]> =
        LazyLock::new(|| std::array::from_fn(|count| times_log_of(count as u32)));
    let known = SMALL.get(count as usize);
    known.copied().unwrap_or_else(|| times_log_of(count))
}

fn times_log_of(count: u32) -> f32 {
    count as f32 * libm::log2f(count.max(1) as f32)
}

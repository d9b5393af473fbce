//! Short dense vectors in bytes, and their cosines.

use rayon::prelude::*;

use super::DIMENSIONS;

/// One vector, in one line of the processor's cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
struct Line([i8; DIMENSIONS]);

/// A vector of `DIMENSIONS` bytes for each article, and one over its length. The cosine needs no more: what the bytes are
/// multiples of falls out of it.
#[derive(Debug, PartialEq)]
pub(super) struct Vectors {
    lines: Vec<Line>,
    per_length: Vec<f32>,
}

/// The largest part of a vector in bytes.
const LARGEST: f32 = 127.0;

impl Vectors {
    /// Those of `count` vectors of any length, numbered from 0. The largest part of each becomes 127 or -127, the others are
    /// rounded to the same scale; a vector of zeros stays one.
    pub(super) fn of(count: usize, vector: impl Fn(usize) -> [f32; DIMENSIONS] + Sync) -> Self {
        let all = (0..count).into_par_iter();
        let (lines, per_length) = all.map(|at| packed(&vector(at))).unzip();
        Self { lines, per_length }
    }

    /// Each vector, and one over its length.
    pub(super) fn parts(&self) -> Vec<([i8; DIMENSIONS], f32)> {
        let lines = self.lines.iter().map(|line| line.0);
        lines.zip(self.per_length.iter().copied()).collect()
    }

    /// The cosine of two, -1 to 1; 0 where one is zeros.
    #[inline]
    pub(super) fn cosine(&self, a: usize, b: usize) -> f32 {
        let product = dot(&self.lines[a].0, &self.lines[b].0);
        product as f32 * (self.per_length[a] * self.per_length[b])
    }
}

/// A vector of its own as bytes, and one over its length.
pub(crate) fn line_of(vector: &[f32; DIMENSIONS]) -> ([i8; DIMENSIONS], f32) {
    let (line, per_length) = packed(vector);
    (line.0, per_length)
}

/// The cosine of two such vectors, 0 to 1, as [`Vectors::cosine`] tells it.
pub(crate) fn cosine(a: &([i8; DIMENSIONS], f32), b: &([i8; DIMENSIONS], f32)) -> f32 {
    let cosine = dot(&a.0, &b.0) as f32 * (a.1 * b.1);
    cosine.clamp(0.0, 1.0)
}

fn packed(vector: &[f32; DIMENSIONS]) -> (Line, f32) {
    let largest = vector.iter().fold(0f32, |most, part| most.max(part.abs()));
    if largest == 0.0 {
        return (Line([0; DIMENSIONS]), 0.0);
    }
    let line = vector.map(|part| (part / largest * LARGEST).round() as i8);
    (Line(line), 1.0 / (dot(&line, &line) as f32).sqrt())
}

/// The sum of the products of bytes. A product fits 16 bits, as no byte is -128, and eight sums run side by side: that is how
/// the processor multiplies and adds.
#[inline]
fn dot(a: &[i8; DIMENSIONS], b: &[i8; DIMENSIONS]) -> i32 {
    let mut sums = [0i32; 8];
    for (a, b) in a.as_chunks::<8>().0.iter().zip(b.as_chunks::<8>().0) {
        for (sum, (&a, &b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += i32::from(i16::from(a) * i16::from(b));
        }
    }
    sums.iter().sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosines_of_bytes_are_near_those_of_floats() {
        // Irregular values between -1 and 1 of every size.
        let vectors: Vec<[f32; DIMENSIONS]> = (0..50)
            .map(|row| {
                std::array::from_fn(|at| {
                    let x = ((row * 7919 + at * 104_729) % 1009) as f32 / 504.5 - 1.0;
                    x * x * x / (1.0 + at as f32 / 8.0)
                })
            })
            .collect();
        let packed = Vectors::of(vectors.len(), |at| vectors[at]);
        let product = |a: usize, b: usize| -> f32 {
            vectors[a].iter().zip(&vectors[b]).map(|(a, b)| a * b).sum()
        };
        for a in 0..vectors.len() {
            for b in 0..vectors.len() {
                let exact = product(a, b) / (product(a, a) * product(b, b)).sqrt();
                assert!((packed.cosine(a, b) - exact).abs() < 0.01, "{a} {b}");
                assert_eq!(packed.cosine(a, b), packed.cosine(b, a));
            }
        }
    }

    #[test]
    fn zeros_are_near_nothing() {
        let vectors = Vectors::of(2, |row| std::array::from_fn(|at| (row * at) as f32));
        assert_eq!(vectors.cosine(0, 1), 0.0);
        assert_eq!(vectors.cosine(0, 0), 0.0);
        assert!((vectors.cosine(1, 1) - 1.0).abs() < 1e-6);
    }
}

//! The leading singular vectors of a sparse matrix, by random projection.
//!
//! Halko, Martinsson and Tropp 2011, algorithms 4.4 (the range, by subspace iteration) and 5.1 (the factors), with random
//! signs in place of normal numbers: those need a logarithm.

use super::jacobi::Eigen;
use super::matrix::{Dense, Sparse};

/// Columns of the random projection beyond those that are wanted.
const OVERSAMPLING: usize = 64;
/// How often the range is multiplied by the matrix and its transposed.
const ITERATIONS: usize = 3;
/// What is this short beside the whole is rounding (squared lengths).
const ROUNDING: f64 = 1e-10;

/// The right singular vectors of a matrix and its singular values.
#[derive(Debug, PartialEq)]
pub(super) struct Factors {
    /// A row for each column of the matrix and a column for each singular value; the columns are of length 1 and at
    /// right angles.
    pub(super) right: Dense,
    /// In falling order.
    pub(super) singular: Vec<f64>,
}

impl Factors {
    /// The `most` leading ones of `matrix`; fewer where its rank is less.
    pub(super) fn leading(matrix: &Sparse, most: usize) -> Self {
        let transposed = matrix.transposed();
        let width = (most + OVERSAMPLING).min(matrix.len()).min(matrix.width());
        let mut range = orthonormal(&matrix.times(&signs(matrix.width(), width)));
        for _ in 0..ITERATIONS {
            range = orthonormal(&matrix.times(&transposed.times(&range)));
        }
        Self::right_of(&transposed.times(&range), most)
    }

    /// Those of the transposed of `dense`. With `dense = R S W'`, the columns of W are the eigenvectors of `dense' dense`, whose
    /// eigenvalues are the squares of S.
    fn right_of(dense: &Dense, most: usize) -> Self {
        let eigen = Eigen::of(dense.gram());
        let longest = eigen.values.first().copied().unwrap_or_default();
        let squares = eigen.values.iter().take(most);
        let singular: Vec<f64> = squares
            .take_while(|&&square| square > ROUNDING * longest)
            .map(|square| square.sqrt())
            .collect();
        let columns = singular.iter().enumerate().map(|(at, length)| {
            let vector = eigen.vectors.row(at).iter();
            vector.map(|part| part / length).collect()
        });
        Self {
            right: dense.times_columns(&columns.collect::<Vec<_>>()),
            singular,
        }
    }
}

/// A matrix with orthonormal columns that span those of `dense`, without those that the ones before span.
///
/// Gram and Schmidt's, done with the products of the columns alone; so it loses twice the digits, of those of an f64.
fn orthonormal(dense: &Dense) -> Dense {
    let gram = dense.gram();
    let mut columns: Vec<Vec<f64>> = Vec::new();
    for at in 0..gram.size() {
        let products = gram.row(at);
        let mut column = vec![0.0; gram.size()];
        column[at] = 1.0;
        let mut square = products[at];
        for before in &columns {
            let along = product(before, products);
            square -= along * along;
            for (part, before) in column.iter_mut().zip(before) {
                *part -= along * before;
            }
        }
        if square > ROUNDING * products[at] {
            let length = square.sqrt();
            columns.push(column.iter().map(|part| part / length).collect());
        }
    }
    dense.times_columns(&columns)
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `rows` by `width` random signs, always the same.
fn signs(rows: usize, width: usize) -> Dense {
    Dense::filled(rows, width, |row, values| {
        for (column, value) in values.iter_mut().enumerate() {
            let bit = mixed((row as u64) << 32 | column as u64) >> 63;
            *value = if bit == 0 { 1.0 } else { -1.0 };
        }
    })
}

/// Number `at` of the generator splitmix64 (Steele, Lea and Flood 2014, figure 16).
fn mixed(at: u64) -> u64 {
    let mut z = at.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number between -1 and 1 that looks random.
    fn noise(at: usize) -> f64 {
        (mixed(at as u64) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
    }

    /// `rows` by `columns`: the sum of `rank` products of a column and a row, each half as heavy as the one before.
    fn planted(rows: usize, columns: usize, rank: usize) -> Sparse {
        let mut matrix = Sparse::new(columns);
        for row in 0..rows {
            matrix.push((0..columns).map(|column| {
                let terms = (0..rank).map(|at| {
                    let (a, b) = (
                        noise(at * 10_007 + row),
                        noise(500_000 + at * 10_009 + column),
                    );
                    a * b * 0.5f64.powi(at as i32)
                });
                (column as u32, terms.sum::<f64>() as f32)
            }));
        }
        matrix
    }

    /// The matrix itself as a dense one: times the identity.
    fn dense(matrix: &Sparse) -> Dense {
        matrix.times(&Dense::filled(matrix.width(), matrix.width(), |at, row| {
            row[at] = 1.0;
        }))
    }

    fn is_orthonormal(dense: &Dense) -> bool {
        let gram = dense.gram();
        (0..gram.size()).all(|row| {
            let mut products = gram.row(row).iter().enumerate();
            products.all(|(column, product)| {
                (product - f64::from(u8::from(row == column))).abs() < 1e-5
            })
        })
    }

    #[test]
    fn columns_that_others_span_are_left_out() {
        let parts = |row: usize| [noise(row) as f32, noise(1000 + row) as f32];
        let dense = Dense::filled(900, 4, |row, out| {
            let [a, b] = parts(row);
            out.copy_from_slice(&[a, 2.0 * a, a - b, b]);
        });
        let found = orthonormal(&dense);
        assert_eq!(found.width(), 2);
        assert!(is_orthonormal(&found));
    }

    #[test]
    fn a_planted_matrix_of_low_rank_gives_itself_back() {
        let matrix = planted(300, 120, 6);
        let factors = Factors::leading(&matrix, 20);
        assert_eq!(factors.singular.len(), 6);
        assert!(is_orthonormal(&factors.right));
        // Exact, of the whole: the eigenvalues of the products of all columns are the squares.
        let exact = Eigen::of(dense(&matrix).gram());
        for (found, square) in factors.singular.iter().zip(&exact.values) {
            assert!((found / square.sqrt() - 1.0).abs() < 1e-5, "{found}");
        }
        // The same subspace: each exact direction is as long in it as it is.
        for at in 0..6 {
            let direction = exact.vectors.row(at);
            let along = (0..6).map(|column| {
                let parts = direction.iter().enumerate();
                let products =
                    parts.map(|(term, part)| part * f64::from(factors.right.row(term)[column]));
                products.sum::<f64>()
            });
            let length: f64 = along.map(|along| along * along).sum();
            assert!((length - 1.0).abs() < 1e-5, "{at}: {length}");
        }
    }

    #[test]
    fn of_a_matrix_of_full_rank_the_leading_ones_are_near_the_exact() {
        let matrix = planted(400, 150, 150);
        let factors = Factors::leading(&matrix, 8);
        assert_eq!(factors.singular.len(), 8);
        assert!(is_orthonormal(&factors.right));
        let exact = Eigen::of(dense(&matrix).gram());
        for (found, square) in factors.singular.iter().zip(&exact.values) {
            assert!(
                (found / square.sqrt() - 1.0).abs() < 1e-3,
                "{found} {square}"
            );
        }
    }

    #[test]
    fn nothing_gives_no_factors() {
        let mut zeros = Sparse::new(5);
        assert!(Factors::leading(&zeros, 4).singular.is_empty());
        zeros.push(std::iter::empty());
        assert!(Factors::leading(&zeros, 4).singular.is_empty());
        assert!(Factors::leading(&Sparse::new(0), 4).singular.is_empty());
    }

    #[test]
    fn one_thread_and_four_give_the_same_bits() {
        let matrix = planted(1500, 90, 40);
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.expect("threads")
                .install(|| Factors::leading(&matrix, 16))
        };
        assert!(with(1) == with(4));
    }
}

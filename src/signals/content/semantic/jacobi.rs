//! The eigenvalues and eigenvectors of a small symmetric matrix, by rotations (Golub and Van Loan 2013, section 8.5).
//!
//! Only sums, products, quotients and roots in a fixed order: the same matrix gives the same bits everywhere.

use crate::model::order;

/// A square matrix, row after row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Square {
    size: usize,
    values: Vec<f64>,
}

/// The eigenvalues in falling order, and in row i of `vectors` the i-th one's vector, of length 1.
#[derive(Debug)]
pub(super) struct Eigen {
    pub(super) values: Vec<f64>,
    pub(super) vectors: Square,
}

/// Sweeps after which the matrix is taken as it is. Ten are enough for matrices of a hundred rows.
const MOST_SWEEPS: usize = 30;
/// An entry off the diagonal that is this small beside the whole matrix is taken for 0.
const NEGLIGIBLE: f64 = 1e-15;

impl Square {
    pub(super) fn zeros(size: usize) -> Self {
        let values = vec![0.0; size * size];
        Self { size, values }
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.size..][..self.size]
    }

    pub(super) fn row_mut(&mut self, row: usize) -> &mut [f64] {
        &mut self.values[row * self.size..][..self.size]
    }

    /// Adds `other`, entry by entry.
    pub(super) fn add(&mut self, other: &Self) {
        for (value, other) in self.values.iter_mut().zip(&other.values) {
            *value += other;
        }
    }

    /// Copies what stands above the diagonal below it.
    pub(super) fn mirror(&mut self) {
        for row in 1..self.size {
            for column in 0..row {
                self.values[row * self.size + column] = self.values[column * self.size + row];
            }
        }
    }

    fn identity(size: usize) -> Self {
        let mut identity = Self::zeros(size);
        for at in 0..size {
            identity.row_mut(at)[at] = 1.0;
        }
        identity
    }

    /// The rows p and q become `c p - s q` and `s p + c q`.
    fn rotate_rows(&mut self, p: usize, q: usize, (c, s): (f64, f64)) {
        let (above, below) = self.values.split_at_mut(q * self.size);
        let p = &mut above[p * self.size..][..self.size];
        for (x, y) in p.iter_mut().zip(&mut below[..self.size]) {
            (*x, *y) = (c * *x - s * *y, s * *x + c * *y);
        }
    }

    /// The same with columns.
    fn rotate_columns(&mut self, p: usize, q: usize, (c, s): (f64, f64)) {
        for row in self.values.chunks_exact_mut(self.size) {
            (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
        }
    }
}

impl Eigen {
    /// Those of `matrix`, which is symmetric. Equal eigenvalues stand in the order in which they are on the diagonal.
    pub(super) fn of(mut matrix: Square) -> Self {
        let size = matrix.size();
        let mut vectors = Square::identity(size);
        let squares: f64 = matrix.values.iter().map(|value| value * value).sum();
        let negligible = NEGLIGIBLE * squares.sqrt();
        for _ in 0..MOST_SWEEPS {
            let mut turned = false;
            for p in 0..size {
                for q in p + 1..size {
                    if matrix.row(p)[q].abs() > negligible {
                        let turn = turn(matrix.row(p)[p], matrix.row(p)[q], matrix.row(q)[q]);
                        matrix.rotate_rows(p, q, turn);
                        matrix.rotate_columns(p, q, turn);
                        vectors.rotate_rows(p, q, turn);
                        turned = true;
                    }
                }
            }
            if !turned {
                break;
            }
        }
        let mut order: Vec<usize> = (0..size).collect();
        order::sort_by(&mut order, |&a, &b| {
            matrix.row(b)[b].total_cmp(&matrix.row(a)[a])
        });
        let mut sorted = Square::zeros(size);
        for (to, &from) in order.iter().enumerate() {
            sorted.row_mut(to).copy_from_slice(vectors.row(from));
        }
        Self {
            values: order.iter().map(|&at| matrix.row(at)[at]).collect(),
            vectors: sorted,
        }
    }
}

/// Cosine and sine of the rotation that makes the entry `pq` zero (Golub and Van Loan 2013, algorithm 8.5.1).
fn turn(pp: f64, pq: f64, qq: f64) -> (f64, f64) {
    let tau = (qq - pp) / (2.0 * pq);
    let root = (1.0 + tau * tau).sqrt();
    let tangent = if tau >= 0.0 {
        1.0 / (tau + root)
    } else {
        1.0 / (tau - root)
    };
    let cosine = 1.0 / (1.0 + tangent * tangent).sqrt();
    (cosine, tangent * cosine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(rows: &[&[f64]]) -> Square {
        Square {
            size: rows.len(),
            values: rows.concat(),
        }
    }

    #[test]
    fn known_eigenvalues_come_in_falling_order() {
        let eigen = Eigen::of(square(&[
            &[2.0, 1.0, 0.0],
            &[1.0, 2.0, 0.0],
            &[0.0, 0.0, 7.0],
        ]));
        for (found, known) in eigen.values.iter().zip([7.0, 3.0, 1.0]) {
            assert!((found - known).abs() < 1e-12, "{:?}", eigen.values);
        }
    }

    #[test]
    fn a_vector_times_the_matrix_is_its_value_times_the_vector() {
        let size = 40;
        let mut matrix = Square::zeros(size);
        for row in 0..size {
            for column in 0..size {
                let (a, b) = (row.min(column), row.max(column));
                matrix.row_mut(row)[column] = ((a * 31 + b * 17) % 23) as f64 - 11.0;
            }
        }
        let eigen = Eigen::of(matrix.clone());
        for (at, value) in eigen.values.iter().enumerate() {
            let vector = eigen.vectors.row(at);
            for row in 0..size {
                let products = matrix.row(row).iter().zip(vector);
                let product: f64 = products.map(|(a, b)| a * b).sum();
                assert!((product - value * vector[row]).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn a_matrix_of_nothing_has_eigenvalues_of_nothing() {
        assert_eq!(Eigen::of(Square::zeros(3)).values, [0.0; 3]);
        assert!(Eigen::of(Square::zeros(0)).values.is_empty());
    }
}

//! Matrices that articles and terms are learned from: sparse ones, and dense ones of few columns.
//!
//! Every sum has its own place and runs in a fixed order, so the number of threads changes no bit.

use rayon::prelude::*;

use super::jacobi::Square;

/// Rows that one thread takes at a time. A sum over all rows is one of sums over so many, so the number is part of the result.
const CHUNK: usize = 512;

/// A matrix of few columns, row after row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Dense {
    rows: usize,
    width: usize,
    values: Vec<f32>,
}

/// A matrix of mostly zeros: of each row the columns that are not, and their values.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sparse {
    width: usize,
    starts: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f32>,
}

impl Dense {
    /// `rows` rows of `width` columns; `fill` writes each, which is zero before.
    pub(super) fn filled(
        rows: usize,
        width: usize,
        fill: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Self {
        let mut values = vec![0.0; rows * width];
        if width > 0 {
            let chunks = values.par_chunks_mut(CHUNK * width).enumerate();
            chunks.for_each(|(chunk, values)| {
                for (at, row) in values.chunks_exact_mut(width).enumerate() {
                    fill(chunk * CHUNK + at, row);
                }
            });
        }
        Self {
            rows,
            width,
            values,
        }
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows
    }

    /// A row: `width` values.
    pub(super) fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..][..self.width]
    }

    /// The products of every two columns, `width` by `width`: the transposed of this times this.
    pub(super) fn gram(&self) -> Square {
        let width = self.width;
        let chunks = self.values.par_chunks((CHUNK * width).max(1));
        let partial: Vec<Square> = chunks
            .map(|rows| {
                let mut sums = Square::zeros(width);
                let mut row = vec![0.0; width];
                for narrow in rows.chunks_exact(width) {
                    for (value, &narrow) in row.iter_mut().zip(narrow) {
                        *value = f64::from(narrow);
                    }
                    for at in 0..width {
                        let value = row[at];
                        let sums = &mut sums.row_mut(at)[at..];
                        for (sum, other) in sums.iter_mut().zip(&row[at..]) {
                            *sum += value * other;
                        }
                    }
                }
                sums
            })
            .collect();
        let mut gram = Square::zeros(width);
        for sums in &partial {
            gram.add(sums);
        }
        gram.mirror();
        gram
    }

    /// This times the matrix whose columns are `columns`, each of `width` values.
    pub(super) fn times_columns(&self, columns: &[Vec<f64>]) -> Self {
        let by_row: Vec<Vec<f64>> = (0..self.width)
            .map(|row| columns.iter().map(|column| column[row]).collect())
            .collect();
        Self::filled(self.len(), columns.len(), |at, out| {
            let mut sums = vec![0.0; out.len()];
            for (&value, row) in self.row(at).iter().zip(&by_row) {
                let value = f64::from(value);
                for (sum, other) in sums.iter_mut().zip(row) {
                    *sum += value * other;
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = sum as f32;
            }
        })
    }
}

impl Sparse {
    /// A matrix of `width` columns without rows.
    pub(super) fn new(width: usize) -> Self {
        Self {
            width,
            starts: vec![0],
            columns: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Adds a row of columns, each at most once, and their values.
    pub(super) fn push(&mut self, row: impl Iterator<Item = (u32, f32)>) {
        for (column, value) in row {
            self.columns.push(column);
            self.values.push(value);
        }
        self.starts.push(self.columns.len());
    }

    /// How many columns there are.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Columns as rows.
    pub(super) fn transposed(&self) -> Self {
        let mut starts = vec![0; self.width + 1];
        for &column in &self.columns {
            starts[column as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut ends = starts.clone();
        let mut columns = vec![0; self.columns.len()];
        let mut values = vec![0.0; self.values.len()];
        for row in 0..self.len() {
            for (column, value) in self.row(row) {
                let end = &mut ends[column as usize];
                columns[*end] = row as u32;
                values[*end] = value;
                *end += 1;
            }
        }
        Self {
            width: self.len(),
            starts,
            columns,
            values,
        }
    }

    /// This times `other`, which has a row for each column of this.
    pub(super) fn times(&self, other: &Dense) -> Dense {
        Dense::filled(self.len(), other.width(), |at, out| {
            for (column, value) in self.row(at) {
                for (sum, &other) in out.iter_mut().zip(other.row(column as usize)) {
                    *sum += value * other;
                }
            }
        })
    }

    fn row(&self, row: usize) -> impl Iterator<Item = (u32, f32)> {
        let range = self.starts[row]..self.starts[row + 1];
        let columns = self.columns[range.clone()].iter().copied();
        columns.zip(self.values[range].iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sparse_matrix_and_its_transposed_multiply() {
        let mut sparse = Sparse::new(3);
        sparse.push([(0, 1.0), (2, 2.0)].into_iter());
        sparse.push([(1, 3.0)].into_iter());
        let dense = |rows: &[[f32; 2]]| {
            Dense::filled(rows.len(), 2, |at, row| row.copy_from_slice(&rows[at]))
        };
        assert_eq!(
            sparse.times(&dense(&[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])),
            dense(&[[11.0, 14.0], [9.0, 12.0]])
        );
        assert_eq!(
            sparse.transposed().times(&dense(&[[1.0, 2.0], [3.0, 4.0]])),
            dense(&[[1.0, 2.0], [9.0, 12.0], [2.0, 4.0]])
        );
        assert_eq!(sparse.transposed().transposed(), sparse);
    }

    #[test]
    fn products_of_columns_run_over_all_chunks() {
        let rows = 3 * CHUNK + 7;
        let dense = Dense::filled(rows, 2, |at, row| row.copy_from_slice(&[1.0, at as f32]));
        let gram = dense.gram();
        let sum = (rows * (rows - 1) / 2) as f64;
        assert_eq!(gram.row(0), [rows as f64, sum]);
        assert_eq!(gram.row(1)[0], sum);
    }

    #[test]
    fn a_dense_matrix_times_columns() {
        let dense = Dense::filled(2, 2, |at, row| row.copy_from_slice(&[at as f32, 1.0]));
        let product = dense.times_columns(&[vec![2.0, 1.0], vec![0.0, 5.0], vec![1.0, 0.0]]);
        assert_eq!(product.row(0), [1.0, 5.0, 0.0]);
        assert_eq!(product.row(1), [3.0, 5.0, 1.0]);
    }
}

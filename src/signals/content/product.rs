//! Products of one row with many others.

use super::rows::{Rows, Slot};
use crate::model::DocOrd;

/// One row laid out by slot; the others only look their slots up.
#[derive(Debug)]
pub(super) struct Scattered {
    weight_of: Vec<f32>,
    row: Option<DocOrd>,
}

impl Scattered {
    /// Nothing laid out yet, for `rows`.
    pub(super) fn new(rows: &Rows) -> Self {
        Self {
            weight_of: vec![0.0; rows.slots()],
            row: None,
        }
    }

    /// Lays out the row of `ord`, in place of the one before.
    pub(super) fn lay_out(&mut self, rows: &Rows, ord: DocOrd) {
        if let Some(before) = self.row.replace(ord) {
            for &slot in rows.row(before).0 {
                self.weight_of[slot.index()] = 0.0;
            }
        }
        let (slots, weights) = rows.row(ord);
        for (&slot, &weight) in slots.iter().zip(weights) {
            self.weight_of[slot.index()] = marked(weight, rows.is_informative(slot));
        }
    }

    /// The product of the row that is laid out with that of `other`, at most 1, and how many informative slots both have.
    ///
    /// Four sums run side by side, because one alone waits for itself; they are always the same four.
    pub(super) fn product(&self, rows: &Rows, other: DocOrd) -> (f32, u32) {
        let (slots, weights) = rows.row(other);
        let mut sums = [0f32; 4];
        let mut shared = 0;
        let mut add = |sum: &mut f32, slot: Slot, other: f32| {
            let weight = self.weight_of[slot.index()];
            *sum += weight * other;
            shared += weight.to_bits() & 1;
        };
        let (slots_by_four, last_slots) = slots.as_chunks::<4>();
        let (weights_by_four, last_weights) = weights.as_chunks::<4>();
        for (slots, weights) in slots_by_four.iter().zip(weights_by_four) {
            for ((sum, &slot), &weight) in sums.iter_mut().zip(slots).zip(weights) {
                add(sum, slot, weight);
            }
        }
        for ((sum, &slot), &weight) in sums.iter_mut().zip(last_slots).zip(last_weights) {
            add(sum, slot, weight);
        }
        let product = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        (product.min(1.0), shared)
    }
}

/// `weight` with its last bit telling whether its slot is informative, so that one look-up gives both.
fn marked(weight: f32, informative: bool) -> f32 {
    f32::from_bits(weight.to_bits() & !1 | u32::from(informative))
}

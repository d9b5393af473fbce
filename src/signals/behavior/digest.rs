//! The digest of all that was counted: the same for the same events, however they were counted, from files or as they came.

use xxhash_rust::xxh3::Xxh3;

use super::fold::Fold;
use super::row::advance;
use crate::model::{NameOrd, order};

impl Fold {
    /// A digest over all names in their order, each with its row, and over what later events may still be joined to. Two that
    /// are equal answer alike, now and after whatever comes.
    pub fn digest(&self) -> u128 {
        let mut sorted: Vec<NameOrd> = (0..self.len() as u32).map(NameOrd).collect();
        order::sort_by_key(&mut sorted, |&number| self.name(number));
        let mut state = Xxh3::new();
        let mut add = |bytes: &[u8]| {
            state.update(&(bytes.len() as u64).to_le_bytes());
            state.update(bytes);
        };
        for number in sorted {
            let mut row = self.row(number);
            // A row that was not touched for long stands at an earlier period.
            advance(&mut row, self.newest());
            add(self.name(number).as_bytes());
            add(&number.0.to_le_bytes());
            add(&postcard::to_stdvec(&row).expect("plain data serialises"));
        }
        add(&postcard::to_stdvec(self.open()).expect("plain data serialises"));
        state.digest128()
    }
}

//! Sorting where its time does not matter. What sorts is compiled once for all types, so a sort of one more type costs a few
//! hundred bytes of the program instead of six thousand.

use std::cmp::Ordering;

/// Sorts `items`; equal ones stay as they stand.
pub fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let places = places(items.len(), &|a, b| compare(&items[a], &items[b]));
    arrange(places, &mut |a, b| items.swap(a, b));
}

/// Sorts `items` by what `key` says of each; equal ones stay as they stand.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Where each of `count` items has to stand.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|&a, &b| compare(a, b));
    let mut places = vec![0; count];
    for (place, &item) in order.iter().enumerate() {
        places[item] = place;
    }
    places
}

/// Has each item swapped to its place.
fn arrange(mut places: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for at in 0..places.len() {
        while places[at] != at {
            let place = places[at];
            swap(at, place);
            places.swap(at, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_of_a_few_is_sorted_and_equal_ones_stay() {
        for mut drawn in 0..7u32.pow(5) {
            let mut items: Vec<(u32, usize)> = (0..6)
                .map(|at| {
                    drawn = drawn.wrapping_mul(0x9e37_79b1).rotate_left(7);
                    (drawn % 5, at)
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|&(number, _)| number);
            sort_by_key(&mut items, |&(number, _)| number);
            assert_eq!(items, expected);
        }
        let mut none: [String; 0] = [];
        sort_by(&mut none, Ord::cmp);
    }
}

//! The same work on many things, on all cores. What divides and gathers it is compiled once for all kinds of work.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

/// Parts that each thread has, so that none waits long for another's last one.
const PARTS: usize = 32;

/// What `work` makes of each number below `count`, in their order.
pub fn map<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    map_with(count, || (), |(), at| work(at))
}

/// The same with something that `start` makes and that is used for one number after another.
pub fn map_with<S, R: Send>(
    count: usize,
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, usize) -> R + Sync,
) -> Vec<R> {
    let done = Mutex::new(Vec::new());
    each_part(count, &|part| {
        let begins = part.start;
        let mut used = start();
        let made: Vec<R> = part.map(|at| work(&mut used, at)).collect();
        let mut done = done.lock().unwrap_or_else(PoisonError::into_inner);
        done.push((begins, made));
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    super::order::sort_by_key(&mut done, |&(begins, _)| begins);
    done.into_iter().flat_map(|(_, made)| made).collect()
}

/// Has `work` done for the numbers below `count`, part by part.
fn each_part(count: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
    let length = count.div_ceil(rayon::current_num_threads() * PARTS).max(1);
    (0..count.div_ceil(length))
        .into_par_iter()
        .for_each(|part| work(part * length..count.min((part + 1) * length)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_stands_in_order() {
        for count in [0, 1, 2, 63, 64, 65, 1000, 4097] {
            let expected: Vec<usize> = (0..count).map(|at| at * at).collect();
            assert_eq!(map(count, |at| at * at), expected);
            let with = map_with(count, Vec::new, |met, at| {
                met.push(at);
                met[met.len() - 1] * at
            });
            assert_eq!(with, expected);
        }
    }
}

//! Has the allocator of a server give back what was needed for a while only.
//!
//! glibc learns from a large block that is freed to take others of its size, up to 32 MiB, from the heaps that its threads have,
//! which give back what lies at their ends alone. A server frees such blocks whenever a generation follows another, and would hold
//! twice what it uses.
#![allow(unsafe_code)]

/// A block of at least so many bytes is mapped alone, and gone once it is freed; where glibc begins before it learns.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ALONE: std::ffi::c_int = 128 << 10;

/// Has large blocks given back when they are freed, from now on; whether the allocator goes by it. Others than glibc's are as they are.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn give_back_large_blocks() -> bool {
    use std::ffi::c_int;

    /// `M_MMAP_THRESHOLD` of `malloc.h`.
    const MMAP_THRESHOLD: c_int = -3;

    // SAFETY: this is what mallopt(3) says it is; it takes a lock and changes what the allocator goes by, at any time and with any
    // numbers.
    unsafe extern "C" {
        safe fn mallopt(parameter: c_int, value: c_int) -> c_int;
    }
    mallopt(MMAP_THRESHOLD, ALONE) == 1
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn give_back_large_blocks() -> bool {
    false
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    #[test]
    fn the_allocator_goes_by_what_it_is_told() {
        assert!(give_back_large_blocks());
    }
}

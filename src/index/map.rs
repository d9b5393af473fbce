//! The one module that maps memory.
//!
//! A file is mapped read-only after its generation is complete. Files of a generation are written once, never truncated and
//! never changed in place; a generation is removed by unlinking, which leaves the pages of an open mapping alone, and its
//! name is given to another one only after that.
#![allow(unsafe_code)]

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::{Mmap, UncheckedAdvice};

/// Bytes that a processor fetches at once.
const CACHE_LINE: usize = 64;

/// The bytes of a finished file.
#[derive(Debug)]
pub(super) struct Mapping(Mmap);

impl Mapping {
    /// Maps the finished file at `path`.
    ///
    /// # Errors
    /// The system's, if it cannot be opened or mapped.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: files of a generation are immutable once named (see the module's header), so the bytes behind the slice do
        // not change and the file does not shrink while it is mapped.
        unsafe { Mmap::map(&file) }.map(Self)
    }

    /// Lets go of the memory behind the file; what is read from now on is fetched again.
    pub(super) fn release(&self) {
        // SAFETY: the mapping is shared, read-only and backed by the file, so a page that is dropped comes back as it was.
        // A refusal costs memory only.
        let _ = unsafe { self.0.unchecked_advise(UncheckedAdvice::DontNeed) };
    }

    /// Asks the processor to bring `bytes` near, without waiting for them.
    #[inline]
    pub(super) fn prefetch(&self, bytes: &[u8]) {
        let start = bytes.as_ptr();
        for at in (0..bytes.len()).step_by(CACHE_LINE) {
            bring_near(start.wrapping_add(at));
        }
        // The last ones may begin another line.
        if let Some(last) = bytes.last() {
            bring_near(last);
        }
    }

    /// The same of a record that lies in one line.
    #[inline]
    pub(super) fn prefetch_line<const N: usize>(&self, record: &[u8; N]) {
        bring_near(record.as_ptr());
    }
}

#[inline(always)]
fn bring_near(byte: *const u8) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint, which reads nothing and cannot fault, whatever the address is.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(byte.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = byte;
}

impl Deref for Mapping {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

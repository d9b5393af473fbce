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

use memmap2::Mmap;

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
}

impl Deref for Mapping {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

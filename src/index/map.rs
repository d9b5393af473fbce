//! The one module that maps memory.
//!
//! A file is mapped read-only after its generation is complete. Files of a generation are written once under names that are
//! never used again, never truncated and never changed in place; a generation is removed by unlinking, which leaves the
//! pages of an open mapping alone.
#![allow(unsafe_code)]

use std::fs::File;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

use crate::error::{Error, Result};

/// The bytes of a finished file.
#[derive(Debug)]
pub(super) struct Mapping(Mmap);

impl Mapping {
    /// Maps the finished file at `path`.
    ///
    /// # Errors
    /// [`Error::Failed`] if it cannot be opened or mapped.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io("open", path, &error))?;
        // SAFETY: files of a generation are immutable once named (see the module's header), so the bytes behind the slice do
        // not change and the file does not shrink while it is mapped.
        let map = unsafe { Mmap::map(&file) }.map_err(|error| Error::io("map", path, &error))?;
        Ok(Self(map))
    }
}

impl Deref for Mapping {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

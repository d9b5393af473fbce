//! The kinds of records. Each lies in segments of its own and is numbered by itself; frame, recovery and reading are the
//! same for all.

/// What the records of a segment are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Articles that were pushed.
    Articles,
    /// What readers did.
    Events,
}

impl Kind {
    /// How the names of its segments begin.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Kind::Articles => "articles-",
            Kind::Events => "events-",
        }
    }

    /// The first bytes of its segments.
    pub(super) fn magic(self) -> &'static [u8; 16] {
        match self {
            Kind::Articles => b"readnextarticles",
            Kind::Events => b"readnextevents\0\0",
        }
    }

    /// The format version: of the segment and of the payloads in it.
    pub(super) fn version(self) -> u32 {
        match self {
            Kind::Articles | Kind::Events => 1,
        }
    }

    /// A segment is not added to once it has this many bytes. What is kept in memory of an open segment of events grows
    /// with its size.
    pub(super) fn roll_over(self) -> u64 {
        match self {
            Kind::Articles => 64 << 20,
            Kind::Events => 32 << 20,
        }
    }

    /// Bytes of room that an open segment has behind its records, at most, before there is new room. Of articles none: who
    /// looks whether they changed looks at the sizes of their files.
    pub(super) fn room(self) -> usize {
        match self {
            Kind::Articles => 0,
            Kind::Events => 256 << 10,
        }
    }

    /// How records that were lost can come back.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Kind::Articles => "restore the file from a backup, or send the articles again",
            Kind::Events => {
                "restore the file from a backup, or remove the .ids file of the same number, if there is one, and import the events again"
            }
        }
    }
}

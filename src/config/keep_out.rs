//! The structural rules of panels, each with a switch: what stands elsewhere on the page, or is the same page again.

use super::settings::Setting;

/// What is kept out of a panel; all of it, unless the site says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeepOut {
    /// What comes before and after the host in its series.
    pub series_neighbours: bool,
    /// Other versions of the host, and of other pages all but one.
    pub older_versions: bool,
    /// Translations of the host, and of other pages all but one.
    pub translations: bool,
    /// The page that stands for the host, and pages for which the same page stands.
    pub canonical_twins: bool,
    /// Near-duplicates of the host, and of other pages all but one.
    pub near_duplicates: bool,
}

impl Default for KeepOut {
    fn default() -> Self {
        Self {
            series_neighbours: true,
            older_versions: true,
            translations: true,
            canonical_twins: true,
            near_duplicates: true,
        }
    }
}

impl KeepOut {
    /// A text that is another for other switches.
    pub fn key(&self) -> String {
        let switches = [
            self.series_neighbours,
            self.older_versions,
            self.translations,
            self.canonical_twins,
            self.near_duplicates,
        ];
        switches
            .map(|on| if on { '1' } else { '0' })
            .iter()
            .collect()
    }
}

/// The settings of the table `[keep_out]`.
pub(super) static SETTINGS: &[Setting] = &[
    Setting {
        key: "keep_out.series_neighbours",
        unit: "switch",
        default: "true",
        about: "keep out what comes before and after the host in its series",
        take: |config, given| {
            config.keep_out.series_neighbours = given.switch()?;
            Ok(())
        },
    },
    Setting {
        key: "keep_out.older_versions",
        unit: "switch",
        default: "true",
        about: "keep out other versions of the host, and of other pages all but one",
        take: |config, given| {
            config.keep_out.older_versions = given.switch()?;
            Ok(())
        },
    },
    Setting {
        key: "keep_out.translations",
        unit: "switch",
        default: "true",
        about: "keep out translations of the host, and of other pages all but one",
        take: |config, given| {
            config.keep_out.translations = given.switch()?;
            Ok(())
        },
    },
    Setting {
        key: "keep_out.canonical_twins",
        unit: "switch",
        default: "true",
        about: "keep out the page that stands for the host, and pages for which the same page stands",
        take: |config, given| {
            config.keep_out.canonical_twins = given.switch()?;
            Ok(())
        },
    },
    Setting {
        key: "keep_out.near_duplicates",
        unit: "switch",
        default: "true",
        about: "keep out near-duplicates of the host, and of other pages all but one",
        take: |config, given| {
            config.keep_out.near_duplicates = given.switch()?;
            Ok(())
        },
    },
];

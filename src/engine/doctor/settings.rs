//! What a person wrote, what commands remember, and the secrets: whether each can be used, and by whom it can be read.

use std::fs;
use std::path::Path;

use super::repair::Repair;
use super::{Doctor, Health, Part};
use crate::config::{Config, Learned, Sources};
use crate::corpus::Root;
use crate::engine::backup::left_behind;
use crate::keys::{ApiKeys, DailySalt, SiteKey};

/// Permissions that nobody but the owner has.
const OTHERS: u32 = 0o077;

impl Doctor<'_> {
    /// Looks at settings, roots and weights; the settings, if they can be used.
    pub(super) fn settings(&self, parts: &mut Vec<Part>) -> Option<Config> {
        let own = self.path("readnext.toml");
        let file = self.config.unwrap_or(&own);
        let config = self.config();
        parts.push(match &config {
            Ok(_) if file.exists() => Part::new("settings", file, Health::Fine, "can be used"),
            Ok(_) => Part::new(
                "settings",
                file,
                Health::Fine,
                "not there: every setting has its default",
            ),
            Err(error) => Part::new("settings", file, Health::Unusable, error.to_string())
                .means("no other command runs, and a running server keeps its old settings")
                .run("correct the line, and check it with `readnext config show`"),
        });
        self.roots(parts);
        let weights = Learned::under(self.data);
        match weights.load() {
            Ok(None) => {}
            Ok(Some(_)) => parts.push(Part::new(
                "settings",
                &weights.path(),
                Health::Fine,
                "learned weights",
            )),
            Err(error) => parts.push(
                Part::new(
                    "settings",
                    &weights.path(),
                    Health::Unusable,
                    error.to_string(),
                )
                .means("commands that rank stop; a running server keeps its old weights")
                .run(
                    "`readnext tune --rollback`, or remove the file to rank by the shipped weights",
                ),
            ),
        }
        config.ok()
    }

    fn roots(&self, parts: &mut Vec<Part>) {
        let path = self.path("sources.toml");
        let roots = match Sources::load(self.data) {
            Ok(sources) => sources.roots,
            Err(error) => {
                parts.push(
                    Part::new("settings", &path, Health::Unusable, error.to_string())
                        .means("`reindex` stops: it does not know which corpus roots there are")
                        .run(
                            "remove the file, then `readnext reindex --corpus PATH` for each root",
                        ),
                );
                return;
            }
        };
        for root in &roots {
            let root = Path::new(root);
            parts.push(match Root::new(root) {
                Ok(_) => Part::new("settings", root, Health::Fine, "a corpus root"),
                Err(error) => Part::new("settings", root, Health::Warning, error.to_string())
                    .means("`reindex` stops, so that articles of a folder that is not mounted are not lost; panels go on as they are")
                    .run("bring it back, or remove its line in sources.toml to forget its articles"),
            });
        }
    }

    /// Looks at the files that are their owner's alone.
    pub(super) fn secrets(&self, parts: &mut Vec<Part>) {
        let secret = self.path("secret");
        match SiteKey::load(self.data) {
            Ok(Some(_)) => parts.push(self.private(&secret, "the key of visitors and tokens")),
            Ok(None) if self.path("journal").exists() => parts.push(
                Part::new("secrets", &secret, Health::Note, "none")
                    .means("the next event makes one; known visitors count as new ones, and clicks in panels shown so far do not count")
                    .run("put it back from a backup, if there was one"),
            ),
            Ok(None) => {}
            Err(error) => parts.push(
                Part::new("secrets", &secret, Health::Damaged, error.to_string())
                    .means("no event is taken")
                    .run("put the file back from a backup"),
            ),
        }
        let keys = ApiKeys::file(self.data);
        match ApiKeys::load(self.data) {
            Ok(_) if !keys.exists() => {}
            Ok(known) => {
                let found = match known.iter().count() {
                    0 => "no key that was not revoked".to_owned(),
                    1 => "1 key of the API".to_owned(),
                    count => format!("{count} keys of the API"),
                };
                parts.push(self.private(&keys, &found));
            }
            Err(error) => parts.push(
                Part::new("secrets", &keys, Health::Damaged, error.to_string())
                    .means("`serve` does not start; a running server keeps its old keys")
                    .run("put the file back from a backup, or remove the line"),
            ),
        }
        let salt = DailySalt::file(self.data);
        if salt.exists() {
            parts.push(self.private(&salt, "the salt of a day"));
        }
    }

    /// Looks for what backups and restores that were stopped left in the folder.
    pub(super) fn left_behind(&self, parts: &mut Vec<Part>) {
        for path in left_behind(self.data) {
            parts.push(
                Part::new(
                    "secrets",
                    &path,
                    Health::Note,
                    "left by a backup or a restore that was stopped",
                )
                .means("it takes room, and the secret and the journal of a backup may be in it")
                .run("remove it; the next backup or restore here does, too"),
            );
        }
    }

    /// A file that nobody but its owner may read.
    fn private(&self, path: &Path, found: &str) -> Part {
        match mode(path) {
            Some(mode) if mode & OTHERS != 0 => {
                let found = format!("{found}, of mode {:03o}, expected 600", mode & 0o777);
                Part::new("secrets", path, Health::Warning, found)
                    .means("others on this machine can read it")
                    .run("`readnext doctor --repair`")
                    .mended_by(Repair::OwnersAlone(path.to_owned()))
            }
            _ => Part::new("secrets", path, Health::Fine, found),
        }
    }
}

#[cfg(unix)]
fn mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(fs::metadata(path).ok()?.permissions().mode())
}

#[cfg(not(unix))]
fn mode(_: &Path) -> Option<u32> {
    None
}

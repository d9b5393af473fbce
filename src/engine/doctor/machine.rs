//! What the machine leaves to readnext: room on the disk, and how many files and how large ones a process may have.

use super::{Doctor, Health, Part};
use crate::config::Config;

/// Room that should be left beside the next generation, for events.
const ROOM: u64 = 256 << 20;
/// Files that a server has open beside its connections, at most.
const FILES: u64 = 256;

impl Doctor<'_> {
    /// Looks at the machine; a generation takes about `next` bytes.
    #[cfg(target_os = "linux")]
    pub(super) fn machine(&self, config: &Config, next: u64, parts: &mut Vec<Part>) {
        use rustix::process::{Resource, getrlimit};
        if let Ok(disk) = rustix::fs::statvfs(self.data) {
            parts.push(self.room(disk.f_bavail.saturating_mul(disk.f_frsize), next));
        }
        let files = getrlimit(Resource::Nofile).current;
        let wanted = u64::from(config.service.connections) + FILES;
        let found = match files {
            Some(files) => format!("a process started like this one may have {files} open files"),
            None => "open files without a limit".to_owned(),
        };
        let part = Part::new("machine", self.data, Health::Fine, found);
        parts.push(match files {
            Some(files) if files < wanted => Part { health: Health::Warning, ..part }
                .means("a server closes waiting connections before it reaches `serve.connections`")
                .run(&format!("start it with `ulimit -n {wanted}` (LimitNOFILE= in systemd), or set `serve.connections` lower")),
            _ => part,
        });
        if let Some(most) = getrlimit(Resource::Fsize).current {
            let found = format!("files of at most {} (`ulimit -f`)", bytes(most));
            parts.push(
                Part::new("machine", self.data, Health::Warning, found)
                    .means("a process that reaches it is killed in the middle of its work")
                    .run("start readnext with `ulimit -f unlimited`"),
            );
        }
    }

    /// Elsewhere nothing is known.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn machine(&self, _: &Config, _: u64, _: &mut Vec<Part>) {}

    /// Whether `free` bytes are enough for another generation.
    fn room(&self, free: u64, next: u64) -> Part {
        let found = format!("{} free on the disk", bytes(free));
        let part = Part::new("machine", self.data, Health::Fine, found);
        if free >= next.saturating_add(ROOM) {
            return part;
        }
        let wanted = format!(
            "make room: the next generation takes about {}, and events need some",
            bytes(next)
        );
        Part {
            health: Health::Warning,
            ..part
        }
        .means("a reindex may fail, and events are turned away once the disk is full; panels go on")
        .run(&wanted)
    }
}

/// `1.5 GiB`.
fn bytes(count: u64) -> String {
    const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let unit = UNITS.iter().find(|(_, size)| count >= *size);
    match unit {
        Some((name, size)) => format!("{:.1} {name}", count as f64 / *size as f64),
        None => format!("{count} bytes"),
    }
}

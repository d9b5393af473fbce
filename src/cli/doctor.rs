//! `readnext doctor`: what is wrong with a data folder, and mending what can be mended.

use std::fmt::Write as _;

use clap::Args;

use super::arguments::Common;
use super::output::{bold, dim, print};
use super::related::one_line;
use crate::engine::{Diagnosis, Doctor, Health, Part};
use crate::error::Result;

/// Exit codes of settings that cannot be used, and of damage.
const UNUSABLE: u8 = 4;
const DAMAGED: u8 = 6;

/// Check every file of the data folder, and repair what can be repaired.
///
/// Settings, secrets, journal, index and machine: what was found, what it means, what to run. Takes no lock and writes nothing, unless
/// --repair is given.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext doctor
  readnext doctor --repair
  readnext doctor --json | jq '.parts[] | select(.health == \"damaged\")'
")]
pub(super) struct Arguments {
    /// Make the repairs that lose nothing: cut off a torn end of the journal, rebuild or remove damaged views, restrict
    /// permissions of secrets
    #[arg(long)]
    repair: bool,
    /// Print what was found as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(common: &Common, arguments: &Arguments) -> Result<u8> {
    let data = common.existing_data()?;
    let doctor = Doctor {
        data: &data,
        config: common.config.as_deref(),
    };
    let found = match arguments.repair {
        true => doctor.repair()?,
        false => doctor.look(),
    };
    match arguments.json {
        true => {
            let json = serde_json::to_string(&found).expect("plain data serialises");
            print(&format!("{json}\n"))?;
        }
        false => print(&text(&found))?,
    }
    Ok(match found.health {
        Health::Fine | Health::Note | Health::Warning => 0,
        Health::Unusable => UNUSABLE,
        Health::Damaged => DAMAGED,
    })
}

fn text(found: &Diagnosis) -> String {
    let mut out = String::new();
    for mended in &found.mended {
        let _ = writeln!(out, "repaired: {}", one_line(mended));
    }
    for part in &found.parts {
        append(&mut out, part);
    }
    let wrong = found.parts.iter().filter(|part| part.health > Health::Note);
    let line = match wrong.count() {
        0 => format!("{} parts checked, nothing to repair", found.parts.len()),
        count => format!("{} parts checked, {count} to repair", found.parts.len()),
    };
    let _ = writeln!(out, "{}", bold(&line));
    out
}

fn append(out: &mut String, part: &Part) {
    let place = match part.found.starts_with(&part.path) {
        true => String::new(),
        false => format!("{}: ", part.path),
    };
    let line = format!(
        "{:<8}  {:<8}  {place}{}",
        part.health.to_string(),
        part.part,
        part.found
    );
    let line = one_line(&line);
    let line = match part.health {
        Health::Fine => dim(&line),
        Health::Note | Health::Warning => line,
        Health::Unusable | Health::Damaged => bold(&line),
    };
    let _ = writeln!(out, "{line}");
    for (word, told) in [("means", &part.means), ("run", &part.run)] {
        if !told.is_empty() {
            let _ = writeln!(out, "{:20}{word}: {}", "", one_line(told));
        }
    }
}

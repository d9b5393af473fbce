//! `readnext keys`: who may write over HTTP.

use clap::{Args, Subcommand, ValueEnum};

use super::arguments::{Common, clock};
use super::output::print;
use crate::error::{Result, say};
use crate::keys::{ApiKeys, Scope};
use crate::model::Date;

/// Create, list and revoke the keys of the HTTP API.
#[derive(Debug, Subcommand)]
#[command(before_help = "Examples:
  readnext keys create --label cms                a key that may write articles
  readnext keys create --scope admin
  readnext keys list
  readnext keys revoke 3f9a0c51d27e
")]
pub(super) enum Keys {
    Create(Create),
    List(List),
    Revoke(Revoke),
}

/// Create a key and print it, only this once: DIR/keys keeps just its hash.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext keys create --label editor
  readnext keys create --scope read --label prometheus
  readnext keys create --scope admin
")]
pub(super) struct Create {
    /// What it allows: searches and metrics (read), articles and suggestions too (write), or everything (admin)
    #[arg(long, value_enum, default_value = "write")]
    scope: ScopeArgument,
    /// What it is for, shown by `keys list`
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    label: String,
}

/// List the keys: name, scope, day, label.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext keys list
  readnext keys list --json
")]
pub(super) struct List {
    /// Print the list as JSON
    #[arg(long)]
    json: bool,
}

/// Revoke a key; a running server refuses it within a second.
#[derive(Debug, Args)]
#[command(before_help = "Examples:
  readnext keys revoke NAME
")]
pub(super) struct Revoke {
    /// Its name, as `keys list` shows it, or the key itself
    #[arg(value_name = "ID|KEY")]
    id: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ScopeArgument {
    Read,
    Write,
    Admin,
}

impl From<ScopeArgument> for Scope {
    fn from(given: ScopeArgument) -> Self {
        match given {
            ScopeArgument::Read => Self::Read,
            ScopeArgument::Write => Self::Write,
            ScopeArgument::Admin => Self::Admin,
        }
    }
}

pub(super) fn run(common: &Common, arguments: &Keys) -> Result<u8> {
    let data = common.data();
    match arguments {
        Keys::Create(create) => {
            let label: String = create.label.chars().filter(|c| !c.is_control()).collect();
            let (key, secret) = ApiKeys::create(&data, create.scope.into(), &label, clock())?;
            say(format_args!(
                "made key {} of scope {}; it is shown this once",
                key.id, key.scope
            ));
            print(&format!("{secret}\n"))?;
        }
        Keys::List(list) => {
            let keys = ApiKeys::load(&data)?;
            if keys.iter().next().is_none() {
                say(format_args!("no keys; `readnext keys create` makes one"));
            }
            print(&listed(&keys, list.json))?;
        }
        Keys::Revoke(revoke) => {
            let id = ApiKeys::revoke(&data, &revoke.id)?;
            say(format_args!("revoked key {id}"));
        }
    }
    Ok(0)
}

fn listed(keys: &ApiKeys, json: bool) -> String {
    if json {
        let keys: Vec<_> = keys.iter().collect();
        let text = serde_json::to_string(&keys).expect("plain data serialises");
        return format!("{text}\n");
    }
    let lines = keys.iter().map(|key| {
        let day = Date::from_seconds(key.created);
        format!(
            "{}  {:<5}  {day}  {}\n",
            key.id,
            key.scope.to_string(),
            key.label
        )
    });
    lines.collect()
}

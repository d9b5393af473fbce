//! What articles say of themselves and of one another, and editors of them, while articles change: which rules follow from it by now
//! for those that it concerns.
//!
//! What names an article that is not there waits for it. The rules are those that a reindex makes of the same words.

mod site;
mod twins;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use site::Site;

use super::overlay::Overlay;
use super::series::series_neighbours;
use super::snapshot::Snapshot;
use super::versions::{Folders, folders};
use crate::corpus::url::normalise;
use crate::index::{HostRule, HostSays, Rules, Statement};
use crate::model::{ArticleId, DocOrd, Entry, Instruction, Kind, Lang, Period, Told};

/// Something that is said of articles.
#[derive(Debug)]
struct Saying {
    /// The article that says it; `None` for an editors' file.
    by: Option<DocOrd>,
    says: Says,
    /// Whose panel, and which card or which other page is meant.
    host: Meant,
    card: Meant,
}

#[derive(Debug)]
enum Says {
    Told(Told, Period),
    /// The other page stands for this one.
    Canonical,
}

/// An article as somebody names it.
#[derive(Debug, PartialEq)]
enum Meant {
    Nobody,
    Article(DocOrd),
    /// Nothing is there that is called so.
    Unknown,
}

impl Meant {
    fn article(&self) -> Option<DocOrd> {
        match self {
            Meant::Article(ord) => Some(*ord),
            Meant::Nobody | Meant::Unknown => None,
        }
    }
}

/// Who is meant by a name that waits.
#[derive(Clone, Copy, Debug)]
enum Place {
    Host,
    Card,
}

/// All that is said.
#[derive(Debug, Default)]
pub(super) struct Sayings {
    /// In the order of the editors' files and of the articles of the generation, then as they came.
    all: BTreeMap<usize, Saying>,
    next: usize,
    /// What an article says, and what is said of it.
    by: HashMap<DocOrd, Vec<usize>>,
    of: HashMap<DocOrd, BTreeSet<usize>>,
    /// What waits for an article of that name.
    waiting: HashMap<String, Vec<(usize, Place)>>,
    statements: HashMap<DocOrd, Statement>,
    translations: HashMap<String, BTreeSet<DocOrd>>,
    series: HashMap<String, BTreeSet<DocOrd>>,
    /// Articles by the page that they say they are a version of, and the folders of versions.
    versions: HashMap<String, BTreeSet<DocOrd>>,
    folders: Folders,
    /// The twins that articles which changed had in the generation.
    parted: HashMap<DocOrd, Vec<DocOrd>>,
    /// The twins of articles that changed, and the clusters these were in for their texts.
    twins: BTreeMap<DocOrd, (BTreeSet<DocOrd>, DocOrd)>,
}

impl Sayings {
    /// What was said in the generation of `snapshot`.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let mut sayings = Self::default();
        let overlay = Overlay::default();
        let site = Site {
            snapshot,
            overlay: &overlay,
        };
        let serving = snapshot.serving();
        if serving.has_versions() {
            let entries = (0..serving.len() as u32).map(|ord| serving.entry(DocOrd(ord)));
            let addresses = entries.filter_map(|entry| Some(entry.ok()?.url));
            sayings.folders = folders(addresses);
        }
        let stated = serving.stated();
        for told in &stated.told {
            sayings.tell(site, None, told);
        }
        for (ord, statement) in stated.articles {
            let url = snapshot
                .serving()
                .entry(ord)
                .map(|entry| entry.url.to_owned());
            sayings.state(site, ord, &url.unwrap_or_default(), statement);
        }
        sayings
    }

    /// Takes up what the article at `ord`, which `overlay` has, says now, which is nothing where it is gone, and lays the rules that
    /// follow for it and others over those of the generation. Of its cluster it is told apart, by [`Sayings::unite`].
    pub(super) fn hear(
        &mut self,
        snapshot: &Snapshot,
        overlay: &mut Overlay,
        ord: DocOrd,
        entry: Option<&Entry>,
    ) {
        let site = Site { snapshot, overlay };
        self.note_twins(site, ord);
        let mut concerned = self.concerning(ord);
        let mut versions = self.versions_of(site, ord);
        let mut beside = self.neighbours_around(site, ord);
        self.withdraw(ord);
        if let Some(entry) = entry {
            let address = normalise(&entry.url, &snapshot.config().own);
            for (part, named) in folders(address.as_deref().into_iter()) {
                self.folders.entry(part).or_default().extend(named);
            }
            self.arrive(site, ord, entry);
            if let Some(statement) = Statement::of(entry) {
                self.state(site, ord, &entry.url, statement);
            }
        }
        let around = self.neighbours_around(site, ord);
        let moved: BTreeSet<_> = beside.symmetric_difference(&around).copied().collect();
        beside = moved;
        concerned.extend(self.concerning(ord));
        let mut hosts: BTreeSet<DocOrd> = beside.into_iter().map(|(host, _)| host).collect();
        hosts.extend(concerned.iter().filter_map(|concerned| concerned.0));
        hosts.insert(ord);
        let boosted = concerned.iter().filter_map(|concerned| concerned.1);
        let boosted: BTreeSet<DocOrd> = boosted.chain([ord]).collect();
        let rules: Vec<_> = hosts
            .into_iter()
            .map(|host| (host, self.rules_of(site, host)))
            .collect();
        let cards: Vec<_> = boosted
            .into_iter()
            .map(|card| (card, self.said_of(site, card)))
            .collect();
        let period = entry.map_or(Period::ALWAYS, Entry::period);
        versions.extend(self.versions_of(site, ord));
        let ages = versions.into_iter().map(|(version, _)| {
            let mut others = self.versions_of(site, version).into_iter();
            let own = others.find(|&(one, _)| one == version);
            (version, own.is_some_and(|(_, older)| older))
        });
        for (version, older) in ages.collect::<Vec<_>>() {
            overlay.age(version, older);
        }
        for (host, rules) in rules {
            overlay.rule_host(host, &rules);
        }
        for (card, mut said) in cards {
            let had = snapshot.serving().has_boosts() || overlay.boosts(card).is_some();
            if had || !said.boosts.is_empty() {
                overlay.boost(card, &said.boosts);
            }
            if card == ord {
                said.keep_within(card, period);
                let hidden: Vec<Period> = said.hidden.iter().map(|hidden| hidden.period).collect();
                overlay.hide(card, &hidden);
            }
        }
    }

    /// The hosts, and the cards with boosts, of all that the article says and that is said of it.
    fn concerning(&self, ord: DocOrd) -> BTreeSet<(Option<DocOrd>, Option<DocOrd>)> {
        let by = self.by.get(&ord).into_iter().flatten();
        let of = self.of.get(&ord).into_iter().flatten();
        let sayings = by.chain(of).filter_map(|at| self.all.get(at));
        let concerned = sayings.map(|saying| {
            let is_boost = matches!(saying.says, Says::Told(Told::Boost(_), _));
            let card = saying.card.article().filter(|_| is_boost);
            (saying.host.article(), card)
        });
        concerned.collect()
    }

    /// Forgets what the article says.
    fn withdraw(&mut self, ord: DocOrd) {
        for at in self.by.remove(&ord).unwrap_or_default() {
            let Some(saying) = self.all.remove(&at) else {
                continue;
            };
            for named in [saying.host.article(), saying.card.article()] {
                if let Some(of) = named.and_then(|named| self.of.get_mut(&named)) {
                    of.remove(&at);
                }
            }
        }
        let Some(statement) = self.statements.remove(&ord) else {
            return;
        };
        if let Some(members) = page_of(&statement).and_then(|page| self.versions.get_mut(page)) {
            members.remove(&ord);
        }
        if let Some(members) = statement
            .translation_key
            .and_then(|key| self.translations.get_mut(&key))
        {
            members.remove(&ord);
        }
        let series = statement
            .appearance
            .and_then(|appearance| appearance.series);
        if let Some(members) = series.and_then(|series| self.series.get_mut(&series)) {
            members.remove(&ord);
        }
    }

    /// Takes up what the article at `ord`, at `url`, says.
    fn state(&mut self, site: Site<'_>, ord: DocOrd, url: &str, statement: Statement) {
        if let Some(key) = &statement.translation_key {
            self.translations
                .entry(key.clone())
                .or_default()
                .insert(ord);
        }
        if let Some(canonical) = &statement.canonical {
            let card = site.linked(canonical, url);
            self.say(Some(ord), Says::Canonical, None, Some(card));
        }
        let appearance = statement.appearance.as_ref();
        if let Some(series) = appearance.and_then(|appearance| appearance.series.as_ref()) {
            self.series.entry(series.clone()).or_default().insert(ord);
        }
        if let Some(page) = page_of(&statement) {
            self.versions
                .entry(page.to_owned())
                .or_default()
                .insert(ord);
        }
        let told = appearance.map_or(&[][..], |appearance| &appearance.instructions);
        for told in told {
            self.tell(site, Some(ord), told);
        }
        self.statements.insert(ord, statement);
    }

    fn tell(&mut self, site: Site<'_>, by: Option<DocOrd>, told: &Instruction) {
        let find = |name: &Option<String>| name.as_ref().map(|name| site.named(name));
        let says = Says::Told(told.told, told.period);
        self.say(by, says, find(&told.host), find(&told.card));
    }

    fn say(
        &mut self,
        by: Option<DocOrd>,
        says: Says,
        host: Option<Result<DocOrd, Vec<String>>>,
        card: Option<Result<DocOrd, Vec<String>>>,
    ) {
        let at = self.next;
        self.next += 1;
        if let Some(by) = by {
            self.by.entry(by).or_default().push(at);
        }
        let mut meant = |found, place| match found {
            None => Meant::Nobody,
            Some(Ok(ord)) => {
                self.of.entry(ord).or_default().insert(at);
                Meant::Article(ord)
            }
            Some(Err(names)) => {
                for name in names {
                    self.waiting.entry(name).or_default().push((at, place));
                }
                Meant::Unknown
            }
        };
        let saying = Saying {
            by,
            says,
            host: meant(host, Place::Host),
            card: meant(card, Place::Card),
        };
        self.all.insert(at, saying);
    }

    /// What waited for an article of one of the names of `entry` is said of the one at `ord`.
    fn arrive(&mut self, site: Site<'_>, ord: DocOrd, entry: &Entry) {
        let own = &site.snapshot.config().own;
        let aliases = entry.aliases.iter().map(String::as_str);
        let addresses = [entry.id.as_str(), entry.url.as_str()];
        let keys = addresses.into_iter().chain(aliases);
        let keys = keys.filter_map(|address| normalise(address, own));
        for name in [entry.id.to_string()].into_iter().chain(keys) {
            for (at, place) in self.waiting.remove(&name).unwrap_or_default() {
                let Some(saying) = self.all.get_mut(&at) else {
                    continue;
                };
                let meant = match place {
                    Place::Host => &mut saying.host,
                    Place::Card => &mut saying.card,
                };
                if *meant == Meant::Unknown {
                    *meant = Meant::Article(ord);
                    self.of.entry(ord).or_default().insert(at);
                }
            }
        }
    }

    /// What is said of the article at `ord`, in the order in which it counts, as far as all are there whom it names.
    fn said(&self, site: Site<'_>, ord: DocOrd) -> Vec<&Saying> {
        let said = self.of.get(&ord).into_iter().flatten();
        let said = said.filter_map(|at| Some((at, self.all.get(at)?)));
        let is_known =
            |saying: &Saying| saying.host != Meant::Unknown && saying.card != Meant::Unknown;
        let mut said: Vec<_> = said.filter(|(_, saying)| is_known(saying)).collect();
        said.sort_by_key(|(at, saying)| (saying.by.map(|by| site.id(by)), *at));
        said.into_iter().map(|(_, saying)| saying).collect()
    }

    /// The rules of the panel of `host`.
    fn rules_of(&self, site: Site<'_>, host: DocOrd) -> Vec<HostRule> {
        let mut rules = Rules::default();
        for saying in self.said(site, host) {
            if let (Says::Told(told, period), Some(of)) = (&saying.says, saying.host.article())
                && of == host
            {
                rules.tell(*told, *period, Some(host), saying.card.article());
            }
        }
        let pairs = self.neighbours_around(site, host);
        let apart = pairs.into_iter().filter(|&(one, _)| one == host);
        rules.hosts.extend(apart.map(|(_, other)| HostRule {
            host,
            period: Period::ALWAYS,
            says: HostSays::Apart(other),
        }));
        let serving = site.snapshot.serving();
        let known = rules.hosts.iter_mut();
        for rule in known {
            if let HostSays::Pin(_, row) = &mut rule.says {
                let pins = serving.host_rules(host).filter_map(|rule| match rule.says {
                    HostSays::Pin(_, row) => Some(row),
                    _ => None,
                });
                let before = pins.into_iter().find(|before| before.ord == row.ord);
                *row = before.unwrap_or(*row);
            }
        }
        rules.hosts
    }

    /// What hides the card, and its boosts.
    fn said_of(&self, site: Site<'_>, card: DocOrd) -> Rules {
        let mut rules = Rules::default();
        for saying in self.said(site, card) {
            if let (Says::Told(told, period), Some(of)) = (&saying.says, saying.card.article())
                && of == card
            {
                rules.tell(*told, *period, saying.host.article(), Some(card));
            }
        }
        rules
    }

    /// The neighbours in the series that the article is a part of, if the site keeps them apart.
    fn neighbours_around(&self, site: Site<'_>, ord: DocOrd) -> BTreeSet<(DocOrd, DocOrd)> {
        let series = self.statements.get(&ord);
        let series = series.and_then(|statement| statement.appearance.as_ref()?.series.as_ref());
        let parts = series.and_then(|series| self.series.get(series));
        if !site.snapshot.config().keep_out.series_neighbours {
            return BTreeSet::new();
        }
        let parts = parts.into_iter().flatten();
        let mut parts: Vec<(DocOrd, Entry)> = parts
            .filter_map(|&part| Some((part, self.entry(site, part)?)))
            .collect();
        parts.sort_by(|a, b| a.1.id.cmp(&b.1.id));
        let entries: Vec<&Entry> = parts.iter().map(|(_, entry)| entry).collect();
        let pairs = series_neighbours(&entries).into_iter();
        let part = |at: DocOrd| parts[at.index()].0;
        pairs.map(|(one, other)| (part(one), part(other))).collect()
    }

    /// An article as far as its place in a series depends on it.
    fn entry(&self, site: Site<'_>, ord: DocOrd) -> Option<Entry> {
        let (view, serving) = (site.overlay.entry(ord), site.snapshot.serving());
        let view = match view {
            Some(view) => view,
            None if ord.index() >= serving.len() => return None,
            None => serving.entry(ord).ok()?,
        };
        let statement = self.statements.get(&ord).cloned().unwrap_or_default();
        Some(Entry {
            id: ArticleId::new(view.id)?,
            url: view.url.to_owned(),
            kind: Kind::new(view.kind)?,
            title: String::new(),
            summary: String::new(),
            topic: None,
            lang: Lang::new(view.lang)?,
            published: view.published,
            updated: None,
            author: None,
            image: None,
            canonical: statement.canonical,
            aliases: Vec::new(),
            noindex: false,
            draft: !site.snapshot.facts_beside(site.overlay, ord).host,
            translation_key: statement.translation_key,
            appearance: statement.appearance,
        })
    }
}

/// The page that an article says it is a version of.
fn page_of(statement: &Statement) -> Option<&str> {
    statement.appearance.as_ref()?.version_of.as_deref()
}

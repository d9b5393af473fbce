//! Which articles a snapshot has, and which of them a name leads to: those of its generation, and what differs since.

use super::overlay::Overlay;
use super::snapshot::Snapshot;
use crate::corpus::url::{normalise, page_of};
use crate::error::{Error, Result};
use crate::index::Shown;
use crate::model::{Date, DocOrd, EntryView, Kind};
use crate::text::likely;

/// What keeps an article from readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visibility {
    /// It is not published.
    pub draft: bool,
    /// It is kept out of lists and search engines.
    pub noindex: bool,
}

impl Snapshot {
    /// The published articles in the byte order of their ids.
    pub fn hosts(&self) -> impl Iterator<Item = DocOrd> + '_ {
        let base = (0..self.generation.serving.len() as u32).map(DocOrd);
        base.chain(self.overlay.added())
            .filter(|&ord| self.facts(ord).host)
    }

    /// The version of the site that an article is of, from 1; 0 for none.
    pub(super) fn version(&self, ord: DocOrd) -> u32 {
        self.version_beside(&self.overlay, ord)
    }

    /// The same where `overlay` is what differs.
    pub(super) fn version_beside(&self, overlay: &Overlay, ord: DocOrd) -> u32 {
        let serving = &self.generation.serving;
        match ord.index() < serving.len() {
            true => serving.version(ord),
            false => overlay.version(ord),
        }
    }

    /// The kind that was most likely meant by `kind`, which is none of the site's: no article has it, and no setting names it.
    pub fn meant_kind(&self, kind: &Kind) -> Option<&str> {
        let (serving, name) = (&self.generation.serving, kind.as_str());
        let is_there = serving.kind_number(kind).is_some() || self.overlay.named(name).is_some();
        let declared = &self.config.rules.kinds;
        if is_there || Kind::KNOWN.contains(&name) || declared.iter().any(|own| own == name) {
            return None;
        }
        likely(name, serving.kinds())
    }

    /// The published articles that a list of the site's pages holds, in the byte order of their ids.
    pub fn listed(&self) -> impl Iterator<Item = DocOrd> + '_ {
        self.hosts().filter(|&ord| !self.facts(ord).noindex)
    }

    /// The published articles that were last published before `now` (unix seconds), the newest first.
    pub fn newest(&self, now: i64) -> impl Iterator<Item = DocOrd> + '_ {
        let dated = self.generation.serving.dated(now);
        let latest = self.overlay.latest(dated, now);
        latest.filter(|&ord| self.facts(ord).host && self.published(ord) > i64::MIN)
    }

    /// How many other articles link to one; stops at 255.
    pub fn inbound(&self, ord: DocOrd) -> u8 {
        self.facts(ord).standing.inbound
    }

    /// What is shown of an article.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the record cannot be read.
    #[inline]
    pub fn entry(&self, ord: DocOrd) -> Result<EntryView<'_>> {
        match self.overlay.entry(ord) {
            Some(entry) => Ok(entry),
            None => self.generation.serving.entry(ord),
        }
    }

    /// The digest of the piece that an article was read from, which has its text; `None` where the views that know it are damaged.
    pub fn origin(&self, ord: DocOrd) -> Option<u128> {
        let mapped = || self.terms().ok().map(|terms| terms.origin(ord).1);
        match self.overlay.differs(ord) {
            true => self.overlay.origin(ord),
            false => mapped(),
        }
    }

    /// What is shown of an article, as a panel writes it.
    ///
    /// # Errors
    /// [`Error::Damaged`] if the record cannot be read.
    #[inline]
    pub(super) fn shown_of(&self, ord: DocOrd) -> Result<Shown<'_>> {
        match self.overlay.shown_of(ord) {
            Some(shown) => Ok(shown),
            None => self.generation.serving.shown(ord),
        }
    }

    /// The id of an article.
    pub fn id(&self, ord: DocOrd) -> &str {
        match self.overlay.entry(ord) {
            Some(entry) => entry.id,
            None => self.generation.serving.id(ord),
        }
    }

    /// The published article whose id is `id`, byte for byte.
    pub fn by_id(&self, id: &str) -> Option<DocOrd> {
        self.there(&self.overlay, id)
            .filter(|&ord| self.facts(ord).host)
    }

    /// The published article that `name` (an id, a path or an address) leads to.
    ///
    /// # Errors
    /// [`Error::UnknownArticle`].
    pub fn find(&self, name: &str) -> Result<DocOrd> {
        self.named(name)
            .filter(|&ord| self.facts(ord).host)
            .ok_or_else(|| Error::UnknownArticle(name.to_owned()))
    }

    /// Whether `name` (an id, a path or an address) leads to an article, published or not.
    pub fn knows(&self, name: &str) -> bool {
        self.find_any(name).is_ok()
    }

    /// The article, published or not, that `name` leads to.
    ///
    /// # Errors
    /// [`Error::UnknownArticle`].
    pub fn find_any(&self, name: &str) -> Result<DocOrd> {
        let unknown = || Error::UnknownArticle(name.to_owned());
        self.named(name).ok_or_else(unknown)
    }

    /// Whether an article is published, and listed.
    pub fn visibility(&self, ord: DocOrd) -> Visibility {
        let facts = self.facts(ord);
        Visibility {
            draft: !facts.host,
            noindex: facts.noindex,
        }
    }

    /// The article, published or not, that `name` leads to. The name of one that is gone may lead to another, which took it over.
    pub(super) fn named(&self, name: &str) -> Option<DocOrd> {
        self.there(&self.overlay, name).or_else(|| {
            let key = normalise(name, &self.config.own)?;
            self.at(&key).or_else(|| self.at(page_of(&key)?))
        })
    }

    /// The article, published or not and not gone, whose id is `id`, where `overlay` is what differs.
    pub(super) fn there(&self, overlay: &Overlay, id: &str) -> Option<DocOrd> {
        let mapped = self.generation.serving.by_id(id);
        let known = mapped.or_else(|| overlay.by_id(id));
        known.filter(|&ord| !overlay.is_gone(ord))
    }

    /// The article to whose address the normal form `key` belongs.
    pub(super) fn at(&self, key: &str) -> Option<DocOrd> {
        self.at_beside(&self.overlay, key)
    }

    /// The same where `overlay` is what differs.
    pub(super) fn at_beside(&self, overlay: &Overlay, key: &str) -> Option<DocOrd> {
        // The addresses of those that differ are in the overlay, all of them.
        let by_key = || {
            let mapped = self.generation.serving.by_key(key);
            mapped.filter(|&ord| !overlay.differs(ord))
        };
        let known = self.there(overlay, key).or_else(|| overlay.by_key(key));
        known.or_else(by_key)
    }

    /// The cluster that an article is in for its text, or was in the generation, where `overlay` is what differs; others may be one
    /// with it by now.
    pub(super) fn cluster_beside(&self, overlay: &Overlay, ord: DocOrd) -> DocOrd {
        let differing = overlay.facts(ord);
        let facts = differing.unwrap_or_else(|| self.generation.serving.facts(ord));
        facts.cluster
    }

    /// When an article was published, in unix seconds; before all time where that is not known.
    pub(super) fn published(&self, ord: DocOrd) -> i64 {
        match self.overlay.entry(ord) {
            Some(entry) => entry.published.map_or(i64::MIN, Date::seconds),
            None => self.generation.serving.published(ord),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::live::tests::indexed;

    #[test]
    fn every_name_leads_where_it_led_once_all_names_are_learnt() {
        let folder = tempfile::tempdir().expect("a folder");
        let engine = indexed(folder.path());
        let current = engine.snapshot();
        let ids: Vec<&str> = current.1.hosts().map(|ord| current.1.id(ord)).collect();
        let forms = ids.iter().flat_map(|id| {
            let forms = ["", "/", ".html", "/index.html", "?a=b#c", ".md", "s"];
            forms.map(|form| format!("{id}{form}"))
        });
        let names: Vec<String> = forms.chain([String::new(), "/".to_owned()]).collect();
        let leads = || -> Vec<_> { names.iter().map(|name| current.1.named(name)).collect() };
        let before = leads();
        let found = before.iter().flatten().count();
        assert!(found >= 5 * ids.len() && found < names.len(), "{before:?}");
        current.1.serving().learn_names();
        assert_eq!(leads(), before);
    }
}

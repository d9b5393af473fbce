//! Links of newcomers that lead to no article yet: they count once one comes whose address they have, unless they were taken
//! back before.

use std::collections::HashMap;

use crate::model::DocOrd;

/// Links that wait.
#[derive(Debug, Default)]
pub(super) struct WaitingLinks {
    /// The articles they stand in, by the path they lead to; and those paths by article.
    from: HashMap<String, Vec<DocOrd>>,
    paths: HashMap<DocOrd, Vec<String>>,
}

impl WaitingLinks {
    /// A link of the article at `from` waits for one at `path`.
    pub(super) fn add(&mut self, from: DocOrd, path: String) {
        let waiting = self.from.entry(path.clone()).or_default();
        if !waiting.contains(&from) {
            waiting.push(from);
            self.paths.entry(from).or_default().push(path);
        }
    }

    /// The articles whose links waited for one at `path`; they do so no more.
    pub(super) fn take(&mut self, path: &str) -> Vec<DocOrd> {
        self.from.remove(path).unwrap_or_default()
    }

    /// No link of the article at `from` waits any more.
    pub(super) fn drop_of(&mut self, from: DocOrd) {
        for path in self.paths.remove(&from).unwrap_or_default() {
            if let Some(waiting) = self.from.get_mut(&path) {
                waiting.retain(|&other| other != from);
                if waiting.is_empty() {
                    self.from.remove(&path);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_back_waits_for_nothing_and_what_is_said_twice_waits_once() {
        let mut links = WaitingLinks::default();
        for from in [3, 3, 5].map(DocOrd) {
            links.add(from, "/x".to_owned());
        }
        links.add(DocOrd(5), "/y".to_owned());
        links.drop_of(DocOrd(5));
        assert_eq!(links.take("/x"), [DocOrd(3)]);
        assert!(links.take("/x").is_empty() && links.take("/y").is_empty());
        assert!(links.from.is_empty());
    }
}

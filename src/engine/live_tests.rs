//! What may go on while the engine turns to another generation.

use std::cell::Cell;

use super::*;
use crate::engine::{Corpora, Reindex};
use crate::journal::Journal;

/// Articles that came over HTTP since the generation was built.
const CAME: usize = 3 * TOGETHER;

/// A data folder with a generation of a few articles, and its engine.
pub(in crate::engine) fn indexed(data: &Path) -> Engine {
    let corpus = data.join("corpus");
    std::fs::create_dir(&corpus).expect("made");
    for name in ["kettle", "grinder", "scale"] {
        let text = format!("---\ntitle: The {name}\n---\nA {name} for coffee is on every shelf.\n");
        std::fs::write(corpus.join(format!("{name}.md")), text).expect("written");
    }
    let config = Config::default();
    let reindex = Reindex {
        data,
        config: &config,
        corpora: Corpora::Roots(vec![corpus]),
        incoming: None,
        journal_only: false,
        full: false,
        allow_shrink: false,
        verify: false,
    };
    reindex.run(&|_| {}).expect("built");
    Engine::open(data, &config).expect("opened")
}

/// Has `id` come over HTTP.
pub(in crate::engine) fn put(engine: &Engine, journal: &mut Journal, id: &str) {
    let record = format!("{{\"title\": \"Coffee of {id}\", \"body\": \"A kettle and a scale.\"}}");
    let mut earlier = Earlier::default();
    let write = engine.put(Some(id), 1, record.as_bytes(), &mut earlier);
    let write = write.expect("taken");
    let payload = write.payload.expect("it is new");
    journal.append(&[payload]).expect("kept");
    let problems = engine.follow_articles().expect("read");
    assert_eq!(problems, []);
}

pub(in crate::engine) fn has(engine: &Engine, id: &str) -> bool {
    engine.snapshot().1.find(id).is_ok()
}

#[test]
fn an_article_that_comes_while_others_are_laid_over_the_next_generation_shows_before_they_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = indexed(folder.path());
    let (mut journal, _) = Journal::open(folder.path()).expect("opened");
    (0..CAME).for_each(|number| put(&engine, &mut journal, &format!("/came/{number}")));
    let generation = || {
        let config = Config::default();
        let opened = Snapshot::open(&engine.generations, &config).expect("whole");
        (engine.generations.current_line(), opened.expect("there"))
    };
    let before = engine.snapshot();
    let (turns, journal) = (Cell::new(0), std::cell::RefCell::new(journal));
    let between = || {
        turns.set(turns.get() + 1);
        // Whoever writes needs these, and nobody has them.
        assert!(engine.arrivals.try_lock().is_ok() && engine.laying.try_lock().is_ok());
        let id = format!("/late/{}", turns.get());
        if turns.get() <= 2 {
            put(&engine, &mut journal.borrow_mut(), &id);
            assert!(has(&engine, &id));
        }
    };
    engine.switch(&mut held(&engine.next), generation(), &between);
    assert!(turns.get() >= CAME / TOGETHER, "{}", turns.get());
    assert!(!Arc::ptr_eq(&before, &engine.snapshot()));
    for id in ["/came/0", "/late/1", "/late/2", "kettle"] {
        assert!(has(&engine, id), "{id}");
    }
    let all = engine.snapshot().1.len();
    assert_eq!(all, 3 + CAME + 2);
    // And it goes on from there.
    put(&engine, &mut journal.borrow_mut(), "/after");
    assert!(has(&engine, "/after") && engine.snapshot().1.len() == all + 1);
    assert_eq!(engine.articles_waiting(), CAME + 3);
}

//! A server killed at any moment has every event that it acknowledged, once; so has one whose journal is lent.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::chance::{Chance, times};
use crate::poster::{Poster, lines, numbers, panels, site as new_site};
use crate::site::{Server, Site};

const THREADS: u32 = 4;
/// Numbers of the events of one thread and of one round.
const OF_THREAD: u32 = 50_000;
const OF_ROUND: u32 = THREADS * OF_THREAD;
/// Events of a file, and the first number of any file.
const OF_FILE: u32 = 2_000;
const FILES: u32 = 50_000_000;
/// Requests from one address, each with three events at most: fewer than a visitor may send.
const OF_ADDRESS: u32 = 64;
/// Rounds over one data folder.
const OF_SITE: u32 = 5;
/// A server is killed after so long at most.
const LONGEST: Duration = Duration::from_millis(150);

/// How many kills: 5, or what `READNEXT_TEST_KILLS` says.
fn kills() -> u32 {
    times("READNEXT_TEST_KILLS", 5) as u32
}

/// What was sent, and what of it was acknowledged.
#[derive(Default)]
struct Posted {
    sent: BTreeSet<u32>,
    acknowledged: BTreeSet<u32>,
}

impl Posted {
    /// Posts as four readers at once while `meanwhile` does something to the server, which must end with its death.
    fn while_it_lives(&mut self, server: Server, round: u32, meanwhile: impl FnOnce(Server)) {
        let posters: Vec<Poster> = (0..THREADS).map(|_| Poster::to(&server)).collect();
        let posting = (0..).zip(posters).map(|(number, poster)| {
            let first = round * OF_ROUND + number * OF_THREAD;
            thread::spawn(move || posted_until_gone(poster, first))
        });
        let posting: Vec<_> = posting.collect();
        meanwhile(server);
        for posted in posting {
            let posted = posted.join().expect("no panic");
            self.sent.extend(posted.sent);
            self.acknowledged.extend(posted.acknowledged);
        }
    }

    /// Asserts that the journal has every acknowledged event once, and of the others none that was not sent, and none
    /// twice.
    fn is_kept(&self, site: &Site, context: &str) {
        let kept = numbers(&site.ok(&["events", "export"]));
        for (number, times) in &kept {
            assert_eq!(*times, 1, "{context}: event {number} was kept twice");
            assert!(self.sent.contains(number), "{context}: {number}");
        }
        for number in &self.acknowledged {
            assert!(kept.contains_key(number), "{context}: {number} is lost");
        }
    }
}

/// Posts one to three events at a time until nobody answers.
fn posted_until_gone(mut poster: Poster, first: u32) -> Posted {
    let mut posted = Posted::default();
    let mut next = first;
    for request in 0.. {
        let events: Vec<u32> = (next..next + 1 + request % 3).collect();
        next += events.len() as u32;
        posted.sent.extend(&events);
        let sender = first / OF_THREAD * 1000 + request / OF_ADDRESS;
        let [_, a, b, c] = sender.to_be_bytes();
        match poster.post(&events, &format!("10.{a}.{b}.{c}")) {
            Ok(answer) if answer.status == 202 => {
                assert_eq!(answer.body["accepted"], events.len(), "{}", answer.body);
                posted.acknowledged.extend(&events);
            }
            Ok(answer) => assert_eq!(answer.status, 503, "{}", answer.body),
            Err(_) => break,
        }
    }
    posted
}

fn importing(site: &Site, file: &str) -> Child {
    let path = site.path(file);
    site.command(&["events", "import", path.to_str().expect("UTF-8")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts")
}

#[test]
fn a_killed_server_has_every_event_that_it_acknowledged() {
    let (mut site, mut posted) = (new_site(), Posted::default());
    for round in 0..kills() {
        if round % OF_SITE == 0 && round > 0 {
            (site, posted) = (new_site(), Posted::default());
        }
        let mut chance = Chance::seeded(u64::from(round));
        let delay = LONGEST.mul_f64(chance.share());
        posted.while_it_lives(site.start(&["serve"]), round, |server| {
            thread::sleep(delay);
            // Killed, not stopped.
            drop(server);
        });
        posted.is_kept(&site, &format!("round {round}, killed after {delay:?}"));
    }
    assert!(posted.acknowledged.len() > 100);
    // What a server counted is what the events add up to.
    assert_eq!(site.start(&["serve"]).stop(), Some(0));
    let counted = panels(&site);
    fs::remove_file(site.path("index/reads.bin")).expect("removed");
    assert_eq!(panels(&site), counted);
}

#[test]
fn what_is_killed_while_the_journal_is_lent_costs_no_event() {
    let (mut site, mut posted) = (new_site(), Posted::default());
    for round in 0..kills() {
        if round % OF_SITE == 0 && round > 0 {
            (site, posted) = (new_site(), Posted::default());
        }
        let mut chance = Chance::seeded(u64::from(round));
        let first = FILES + round * OF_FILE;
        let file = format!("events-{round}.jsonl");
        site.write(&file, &lines(first..first + OF_FILE));
        let delay = LONGEST.mul_f64(chance.share());
        let context = format!("round {round}, killed after {delay:?}");
        posted.while_it_lives(site.start(&["serve"]), round, |server| {
            let mut command = importing(&site, &file);
            thread::sleep(delay);
            if round % 2 == 0 {
                drop(server);
                let ended = command.wait().expect("waited").code();
                // Whoever dies before it lends has not lent.
                assert!(ended == Some(0) || ended == Some(5), "{context}: {ended:?}");
            } else {
                command.kill().expect("killed");
                command.wait().expect("waited");
                // The server has its journal back, or never gave it away.
                let number = (round + 1) * OF_ROUND - 1;
                let answer = Poster::to(&server).post(&[number], "192.0.2.1");
                assert_eq!(answer.expect("answered").status, 202, "{context}");
                drop(server);
            }
        });
        posted.sent.extend(first..first + OF_FILE);
        posted.sent.insert((round + 1) * OF_ROUND - 1);
        posted.is_kept(&site, &context);
        assert_eq!(
            importing(&site, &file).wait().expect("waited").code(),
            Some(0)
        );
        posted.acknowledged.extend(first..first + OF_FILE);
        posted.is_kept(&site, &context);
    }
}

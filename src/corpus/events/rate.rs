//! Robots that call themselves a reader's browser, told by how fast they ask.
//!
//! A view is held back for a minute of the log's own time, in the order of the log. A client (address and agent) of which
//! more than [`PAGES_A_MINUTE`] are held is a robot, and so is all it asked in that minute and asks later. Clients are known
//! by the hash of a visitor, so what is known of one ends with the UTC day. Where a log tells no agents, a whole house may be
//! one client, and nobody is judged.

use std::collections::{HashMap, HashSet, VecDeque};

use super::access_log::PageView;
use crate::error::Result;
use crate::model::{DAY, KeyedHash};

/// Pages that a reader asks for in a minute, at most. Who opens a page every three seconds reads none of them.
pub const PAGES_A_MINUTE: usize = 20;
/// How long a view is held back, in milliseconds.
const MINUTE: i64 = 60_000;
/// Views that are held back at most; of a busier log the first go early.
const MOST_HELD: usize = 200_000;
/// Robots that are remembered of one day; of more the first are forgotten.
const MOST_ROBOTS: usize = 100_000;

/// The views of the last minute.
#[derive(Default)]
pub(super) struct Rate {
    held: VecDeque<PageView<'static>>,
    /// How many of these each client asked for.
    counts: HashMap<KeyedHash, usize>,
    /// Clients of this day, and of the one before it, whose views may still be held.
    robots: HashSet<KeyedHash>,
    earlier: HashSet<KeyedHash>,
    day: i64,
}

impl Rate {
    /// Holds `view` back, and hands those on that are a minute older, or, where a log goes back in time, younger.
    pub(super) fn hold(
        &mut self,
        view: PageView<'static>,
        each: &mut impl FnMut(PageView<'static>) -> Result<()>,
    ) -> Result<()> {
        let at = view.event.at;
        while let Some(first) = self.held.front() {
            let apart = at.saturating_sub(first.event.at).saturating_abs();
            if apart < MINUTE && self.held.len() < MOST_HELD {
                break;
            }
            self.let_go(each)?;
        }
        self.begin_day(at.div_euclid(DAY));
        let client = view.event.visitor;
        let count = self.counts.entry(client).or_default();
        *count += 1;
        if *count > PAGES_A_MINUTE {
            self.robots.insert(client);
        }
        self.held.push_back(view);
        Ok(())
    }

    /// Hands on all that are held.
    pub(super) fn end(
        &mut self,
        each: &mut impl FnMut(PageView<'static>) -> Result<()>,
    ) -> Result<()> {
        while !self.held.is_empty() {
            self.let_go(each)?;
        }
        Ok(())
    }

    fn let_go(&mut self, each: &mut impl FnMut(PageView<'static>) -> Result<()>) -> Result<()> {
        let Some(mut view) = self.held.pop_front() else {
            return Ok(());
        };
        let client = view.event.visitor;
        if let Some(count) = self.counts.get_mut(&client) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&client);
            }
        }
        let fast = self.robots.contains(&client) || self.earlier.contains(&client);
        view.robot = view.robot.map(|named| named || fast);
        each(view)
    }

    fn begin_day(&mut self, day: i64) {
        // Around midnight lines of two days are mixed.
        let another = day != self.day && day != self.day - 1;
        if another || self.robots.len() >= MOST_ROBOTS {
            self.day = day;
            self.earlier = std::mem::take(&mut self.robots);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::events::EventRecord;
    use crate::model::EventKind;

    fn view(client: u64, second: i64) -> PageView<'static> {
        PageView {
            robot: Some(false),
            event: EventRecord {
                at: second * 1000,
                visitor: KeyedHash(client),
                network: None,
                kind: EventKind::View,
                article: "/a".into(),
                from: None,
                position: None,
                dwell: None,
                id: None,
            },
        }
    }

    /// Client, second and whether a robot asked, in the order in which `views` come out.
    fn judged(views: impl IntoIterator<Item = PageView<'static>>) -> Vec<(u64, i64, Option<bool>)> {
        let mut found = Vec::new();
        let mut each = |view: PageView<'static>| {
            found.push((view.event.visitor.0, view.event.at / 1000, view.robot));
            Ok(())
        };
        let mut rate = Rate::default();
        for view in views {
            rate.hold(view, &mut each).expect("taken");
        }
        rate.end(&mut each).expect("taken");
        assert!(rate.counts.is_empty());
        found
    }

    fn robots(views: impl IntoIterator<Item = PageView<'static>>) -> usize {
        let found = judged(views);
        found.iter().filter(|view| view.2 == Some(true)).count()
    }

    #[test]
    fn who_asks_fast_is_a_robot_with_all_of_that_minute_and_from_then_on() {
        // A page every three seconds is twenty a minute.
        assert_eq!(robots((0..200).map(|turn| view(1, 3 * turn))), 0);
        assert_eq!(robots((0..20).map(|_| view(1, 5))), 0);
        assert_eq!(robots((0..21).map(|_| view(1, 5))), 21);
        // Slow at first, then fast, then slow: what came more than a minute before is a reader's.
        let times = [0, 30].into_iter().chain(100..121).chain([500, 9000]);
        let found = judged(times.map(|second| view(1, second)));
        let robots: Vec<bool> = found.iter().map(|view| view.2 == Some(true)).collect();
        assert_eq!(robots[..2], [false, false]);
        assert!(robots[2..].iter().all(|&robot| robot));
    }

    #[test]
    fn readers_beside_a_robot_are_none_and_the_order_stays() {
        let views = (0..300).map(|turn| view(u64::from(turn % 2 == 0) * (turn as u64 % 40), turn));
        let found = judged(views);
        assert!(found.iter().map(|view| view.1).eq(0..300));
        for (client, second, robot) in found {
            assert_eq!(robot, Some(client == 0), "{client} at {second}");
        }
    }

    #[test]
    fn logs_without_agents_and_logs_that_go_back_in_time_are_judged_with_care() {
        let unknown = (0..100).map(|second| PageView {
            robot: None,
            ..view(1, second)
        });
        assert!(judged(unknown).iter().all(|view| view.2.is_none()));
        // The newest first, then a second log of the same time.
        let backwards = (0..60).map(|turn| view(1, 6000 - turn));
        assert_eq!(robots(backwards), 60);
        let again = [0, 100].into_iter().cycle().take(200);
        assert_eq!(robots(again.map(|second| view(1, second))), 0);
    }

    #[test]
    fn memory_has_a_bound() {
        let mut rate = Rate::default();
        let mut out = 0;
        for turn in 0..MOST_HELD as u64 + 500 {
            rate.hold(view(turn, 1), &mut |_| {
                out += 1;
                Ok(())
            })
            .expect("taken");
        }
        assert_eq!((rate.held.len(), out), (MOST_HELD, 500));
        assert_eq!(rate.counts.len(), MOST_HELD);
        // A new day forgets the robots of the day before the last.
        for day in 0..3 {
            for _ in 0..=PAGES_A_MINUTE {
                rate.hold(view(day, day as i64 * DAY / 1000), &mut |_| Ok(()))
                    .expect("taken");
            }
        }
        let known = |client| {
            let client = KeyedHash(client);
            rate.robots.contains(&client) || rate.earlier.contains(&client)
        };
        assert_eq!([known(0), known(1), known(2)], [false, true, true]);
    }
}

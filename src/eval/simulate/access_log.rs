//! The pages that readers open as a web server would log them, with robots between them.
//!
//! Lines are in Combined Log Format, in the order of time. The readers' lines are the same however many robots there are.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use super::readers::{Act, Simulation};
use super::robots::{BROWSERS, RobotKind, Walk};
use crate::error::Result;
use crate::eval::random::Random;
use crate::model::{DocOrd, EventKind};

const TIME: &[BorrowedFormatItem<'_>] =
    format_description!("[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000");
/// What a path of a request cannot hold as it is.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\');
/// The stream of numbers that robots come from.
const OF_ROBOTS: u64 = 1 << 62;

/// An access log of a simulation.
#[derive(Debug)]
pub struct AccessLog<'a> {
    /// The readers.
    pub simulation: &'a Simulation<'a>,
    /// The share of the lines that robots asked for, from 0 to below 1.
    pub robots: f64,
    /// The host of the site, which stands in referers; without it there are none.
    pub site: Option<&'a str>,
}

/// A request, in the order of time.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    at: i64,
    /// The number of the client: of a visitor, or one after those.
    client: u32,
    page: DocOrd,
    from: Option<DocOrd>,
    agent: &'static str,
    robot: Option<RobotKind>,
}

impl AccessLog<'_> {
    /// Hands each line, with the robot that asked if it was one, to `each`.
    ///
    /// # Errors
    /// [`Error::Damaged`](crate::error::Error::Damaged) if a panel cannot be read, and what `each` returns.
    pub fn run(&self, each: &mut impl FnMut(&str, Option<RobotKind>) -> Result<()>) -> Result<()> {
        let until = self.simulation.settings().until * 1000;
        let mut robots = Robots::of(self);
        let mut to_come: BinaryHeap<Reverse<Request>> = BinaryHeap::new();
        let mut write = |request: &Request| each(&self.line(request)?, request.robot);
        self.simulation.run(&mut |act| {
            let Some(request) = asked(act) else {
                return Ok(());
            };
            while to_come.peek().is_some_and(|first| first.0 < request) {
                if let Some(Reverse(first)) = to_come.pop() {
                    write(&first)?;
                }
            }
            write(&request)?;
            let walks = robots.beside(request.at);
            to_come.extend(walks.filter(|request| request.at < until).map(Reverse));
            Ok(())
        })?;
        while let Some(Reverse(request)) = to_come.pop() {
            write(&request)?;
        }
        Ok(())
    }

    fn line(&self, request: &Request) -> Result<String> {
        let moment = OffsetDateTime::from_unix_timestamp(request.at.div_euclid(1000));
        let moment = moment.ok().and_then(|moment| moment.format(TIME).ok());
        let path = self.path(request.page)?;
        let referer = match (self.site, request.from) {
            (Some(site), Some(from)) => format!("https://{site}{}", self.path(from)?),
            _ => "-".to_owned(),
        };
        let bytes = 4_000 + path.len() * 97;
        Ok(format!(
            "{} - - [{}] \"GET {path} HTTP/1.1\" 200 {bytes} \"{referer}\" \"{}\"\n",
            address(request.client),
            moment.unwrap_or_default(),
            request.agent
        ))
    }

    /// The path by which a page is asked for.
    fn path(&self, page: DocOrd) -> Result<String> {
        let url = self.simulation.snapshot().entry(page)?.url;
        let path = match url.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => url,
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(format!("{slash}{}", utf8_percent_encode(path, ESCAPED)))
    }
}

/// The request of a reader who opens a page.
fn asked(act: &Act) -> Option<Request> {
    let agent = BROWSERS[act.visitor as usize % BROWSERS.len()];
    (act.kind == EventKind::View).then_some(Request {
        at: act.at,
        client: act.visitor,
        page: act.article,
        from: act.from,
        agent,
        robot: None,
    })
}

/// The address of a client, one of a private network: neighbours by number are none by address.
fn address(client: u32) -> String {
    let [_, a, b, c] = client.wrapping_mul(0x009e_3779).to_be_bytes();
    format!("10.{a}.{b}.{c}")
}

/// Robots that come whenever readers have asked for as much as makes their share.
struct Robots<'a> {
    pages: &'a [DocOrd],
    /// Lines of robots for one of a reader.
    each: f64,
    /// Lines that are due.
    due: f64,
    next: Walk,
    /// Lines of each kind so far.
    lines: BTreeMap<RobotKind, usize>,
    client: u32,
    random: Random,
}

impl<'a> Robots<'a> {
    fn of(log: &AccessLog<'a>) -> Self {
        let settings = log.simulation.settings();
        let mut random = Random::seeded(settings.seed, OF_ROBOTS);
        let pages = log.simulation.pages();
        let next = Walk::over(pages, RobotKind::Crawler, &mut random);
        Self {
            pages,
            each: log.robots / (1.0 - log.robots),
            due: 0.0,
            lines: BTreeMap::from([(next.kind, next.steps.len())]),
            next,
            client: settings.first.saturating_add(settings.visitors),
            random,
        }
    }

    /// The requests of the robots that come at `at`, beside one request of a reader.
    fn beside(&mut self, at: i64) -> impl Iterator<Item = Request> + use<> {
        self.due += self.each;
        let mut requests = Vec::new();
        while self.due >= self.next.steps.len() as f64 {
            // The kind with the fewest lines so far, so that each has its third.
            let kind = RobotKind::ALL
                .into_iter()
                .min_by_key(|kind| self.lines.get(kind).copied().unwrap_or(0))
                .unwrap_or(RobotKind::Crawler);
            let next = Walk::over(self.pages, kind, &mut self.random);
            let walk = std::mem::replace(&mut self.next, next);
            self.due -= walk.steps.len() as f64;
            *self.lines.entry(self.next.kind).or_default() += self.next.steps.len();
            requests.extend(walk.steps.iter().map(|&(after, page)| Request {
                at: at + after,
                client: self.client,
                page,
                from: None,
                agent: walk.agent,
                robot: Some(walk.kind),
            }));
            self.client += 1;
        }
        requests.into_iter()
    }
}

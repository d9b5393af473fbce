//! Robots of an access log: crawlers that say their name, browsers without a window, and fast ones that call themselves a
//! reader's browser.

use crate::eval::random::Random;
use crate::model::DocOrd;

/// Agents of readers; those of the unnamed robots are among them.
pub(super) const BROWSERS: [&str; 6] = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
];
/// Names that are made up, in the forms that crawlers give theirs.
const CRAWLERS: [&str; 4] = [
    "Mozilla/5.0 (compatible; Larchbot/2.1; +https://larch.example/bot.html)",
    "Tidewater-Crawler/0.9 (+https://tidewater.example/about)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; MeadowSpider/1.4; +https://meadow.example/) Chrome/126.0.0.0 Safari/537.36",
    "quillstone-fetcher 3.2",
];
const HEADLESS: [&str; 2] = [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/128.0.0.0 Safari/537.36",
];

/// What sort of robot asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RobotKind {
    /// One that says its name, and takes its time.
    Crawler,
    /// A browser without a window that says so.
    Headless,
    /// One that calls itself a reader's browser, and asks for many pages a minute.
    Fast,
}

impl RobotKind {
    /// All kinds.
    pub(super) const ALL: [RobotKind; 3] =
        [RobotKind::Crawler, RobotKind::Headless, RobotKind::Fast];

    /// The name in labels.
    pub fn name(self) -> &'static str {
        match self {
            RobotKind::Crawler => "crawler",
            RobotKind::Headless => "headless",
            RobotKind::Fast => "fast",
        }
    }

    fn agents(self) -> &'static [&'static str] {
        match self {
            RobotKind::Crawler => &CRAWLERS,
            RobotKind::Headless => &HEADLESS,
            RobotKind::Fast => &BROWSERS,
        }
    }

    /// The least and the most pages of one walk.
    fn length(self) -> (f64, f64) {
        match self {
            RobotKind::Crawler => (10.0, 60.0),
            RobotKind::Headless => (5.0, 30.0),
            RobotKind::Fast => (60.0, 300.0),
        }
    }

    /// The shortest and the longest mean pause between two pages, in seconds; each walk has its own.
    fn pause(self) -> (f64, f64) {
        match self {
            RobotKind::Crawler => (1.0, 15.0),
            RobotKind::Headless => (0.5, 4.0),
            // The slowest are no faster than a reader in a hurry.
            RobotKind::Fast => (0.2, 3.0),
        }
    }
}

/// One walk of a robot.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    pub(super) kind: RobotKind,
    pub(super) agent: &'static str,
    /// Milliseconds from its beginning, and the page.
    pub(super) steps: Vec<(i64, DocOrd)>,
}

impl Walk {
    /// A walk over `pages`, of which there is one at least: in their order, or here and there where windowless browsers walk.
    pub(super) fn over(pages: &[DocOrd], kind: RobotKind, random: &mut Random) -> Self {
        let (least, most) = kind.length();
        let (shortest, longest) = kind.pause();
        let pause = shortest * libm::pow(longest / shortest, random.share());
        let agents = kind.agents();
        let agent = agents[random.below(agents.len())];
        let mut place = random.below(pages.len());
        let mut at = 0;
        let steps = (0..random.between(least, most) as usize).map(|_| {
            let step = (at, pages[place]);
            place = match kind {
                RobotKind::Headless => random.below(pages.len()),
                RobotKind::Crawler | RobotKind::Fast => (place + 1) % pages.len(),
            };
            at += (1000.0 * pause * random.between(0.5, 1.5)) as i64;
            step
        });
        Self {
            kind,
            agent,
            steps: steps.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::events::{PAGES_A_MINUTE, is_robot};

    #[test]
    fn readers_look_like_readers_and_named_robots_like_robots() {
        for agent in BROWSERS {
            assert!(!is_robot(agent), "{agent}");
        }
        for agent in CRAWLERS.iter().chain(&HEADLESS) {
            assert!(is_robot(agent), "{agent}");
        }
    }

    #[test]
    fn most_fast_robots_ask_for_more_pages_a_minute_than_a_reader_in_the_order_of_the_site() {
        let pages: Vec<DocOrd> = (0..1000).map(DocOrd).collect();
        let mut random = Random::seeded(1, 1);
        let walks = (0..300).map(|_| Walk::over(&pages, RobotKind::Fast, &mut random));
        let fast = walks.filter(|walk| {
            let in_order = |pair: &[(i64, DocOrd)]| (pair[0].1.0 + 1) % 1000 == pair[1].1.0;
            assert!(walk.steps.windows(2).all(in_order));
            assert!((60..300).contains(&walk.steps.len()));
            walk.steps[PAGES_A_MINUTE].0 < 60_000
        });
        let fast = fast.count();
        assert!((270..300).contains(&fast), "{fast}");
    }
}

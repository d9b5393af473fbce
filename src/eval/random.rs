//! Chance on a seed: the same numbers in every run and on every machine.
//!
//! The generator is SplitMix64 (Steele, Lea and Flood 2014, Fast splittable pseudorandom number generators): small, of even
//! quality, and two streams of one seed have nothing to do with each other.

/// What the state grows by: 2^64 over the golden ratio.
const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of numbers.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The stream number `stream` of `seed`.
    pub(super) fn seeded(seed: u64, stream: u64) -> Self {
        Self(mixed(mixed(seed.wrapping_add(STEP)) ^ stream))
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number from 0 to below 1.
    pub(super) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number from `from` to below `to`.
    pub(super) fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.share()
    }

    /// A whole number below `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.share() * end as f64) as usize
    }

    /// Whether something of this chance happens.
    pub(super) fn happens(&mut self, chance: f64) -> bool {
        self.share() < chance
    }

    /// How often something of this chance happens until it fails once.
    pub(super) fn times(&mut self, chance: f64) -> usize {
        let mut times = 0;
        while self.happens(chance) {
            times += 1;
        }
        times
    }

    /// A log-normal number: half are below `median`, and two thirds lie within a factor of `e^sigma` of it.
    pub(super) fn around(&mut self, median: f64, sigma: f64) -> f64 {
        // Box and Muller 1958; 1 - share is never 0.
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.share()));
        let normal = radius * libm::cos(std::f64::consts::TAU * self.share());
        median * libm::exp(sigma * normal)
    }

    /// Brings `items` into any order, each as likely as another.
    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (2..=items.len()).rev() {
            items.swap(end - 1, self.below(end));
        }
    }
}

fn mixed(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

/// Choices of different weight.
#[derive(Clone, Debug)]
pub(super) struct Choices {
    /// The sum of the weights up to each choice.
    sums: Vec<f64>,
}

impl Choices {
    /// A choice for each of `weights`, which are not negative.
    pub(super) fn of(weights: impl Iterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let sums = weights.map(|weight| {
            sum += weight;
            sum
        });
        Self {
            sums: sums.collect(),
        }
    }

    /// The number of one; `None` where there is none of any weight.
    pub(super) fn draw(&self, random: &mut Random) -> Option<usize> {
        let all = *self.sums.last()?;
        let aim = all * random.share();
        let at = self.sums.partition_point(|&sum| sum <= aim);
        (at < self.sums.len()).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 100_000;

    fn mean(mut draw: impl FnMut(&mut Random) -> f64) -> f64 {
        let mut random = Random::seeded(1, 2);
        (0..DRAWS).map(|_| draw(&mut random)).sum::<f64>() / DRAWS as f64
    }

    fn close(found: f64, wanted: f64) {
        assert!((found / wanted - 1.0).abs() < 0.02, "{found}, not {wanted}");
    }

    #[test]
    fn numbers_are_those_of_splitmix64_and_streams_differ() {
        // The first numbers of the authors' own code for the state 1234567.
        let mut random = Random(1_234_567);
        let first = [random.bits(), random.bits(), random.bits()];
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
        let bits = |seed, stream| Random::seeded(seed, stream).bits();
        assert_eq!(bits(1, 2), bits(1, 2));
        assert!(bits(1, 2) != bits(1, 3) && bits(1, 2) != bits(2, 2) && bits(1, 2) != bits(2, 1));
    }

    #[test]
    fn distributions_have_their_moments() {
        close(mean(Random::share), 0.5);
        close(mean(|random| random.share().powi(2)), 1.0 / 3.0);
        close(mean(|random| random.between(2.0, 4.0)), 3.0);
        close(mean(|random| random.below(5) as f64), 2.0);
        close(mean(|random| f64::from(random.happens(0.3))), 0.3);
        // p / (1 - p), and p (1 + p) / (1 - p)^2.
        close(mean(|random| random.times(0.6) as f64), 1.5);
        close(mean(|random| (random.times(0.6) as f64).powi(2)), 6.0);
        close(mean(|random| random.around(40.0, 0.5).ln()), 40f64.ln());
        let spread = mean(|random| (random.around(40.0, 0.5) / 40.0).ln().powi(2));
        close(spread, 0.25);
        close(
            mean(|random| f64::from(random.around(40.0, 0.5) < 40.0)),
            0.5,
        );
    }

    #[test]
    fn choices_are_drawn_by_their_weight() {
        let choices = Choices::of([1.0, 0.0, 3.0].into_iter());
        let draw = |random: &mut Random| choices.draw(random).expect("there are some");
        close(mean(|random| f64::from(draw(random) == 2)), 0.75);
        close(mean(|random| f64::from(draw(random) == 0)), 0.25);
        let mut random = Random::seeded(1, 1);
        assert_eq!(Choices::of([].into_iter()).draw(&mut random), None);
        assert_eq!(Choices::of([0.0].into_iter()).draw(&mut random), None);
    }

    #[test]
    fn every_order_is_as_likely_as_another() {
        let first = mean(|random| {
            let mut items = [0, 1, 2, 3];
            random.shuffle(&mut items);
            f64::from(items == [2, 0, 3, 1])
        });
        assert!((first - 1.0 / 24.0).abs() < 0.003, "{first}");
    }
}

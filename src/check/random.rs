//! Random numbers that follow from a seed alone.

/// A stream of random numbers: the same seed gives the same numbers, on every machine and in every release.
///
/// `SplitMix64`: it has eight bytes of state, is good enough to choose commands, and gives neighbouring seeds unrelated
/// numbers.
#[derive(Clone, Debug)]
pub struct Chance {
    state: u64,
    /// The next number, computed ahead: a mispredicted branch in a decision then does not delay the next draw.
    next: u64,
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        let state = seed.wrapping_add(STEP);
        Chance { state, next: mixed(state) }
    }

    #[inline]
    pub(crate) fn number(&mut self) -> u64 {
        let number = self.next;
        self.state = self.state.wrapping_add(STEP);
        self.next = mixed(self.state);
        number
    }

    /// A number from 0 to `bound - 1`; `bound` is not zero.
    #[inline]
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        ((u128::from(self.number()) * bound as u128) >> 64) as usize
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A word whose bits are each set with this probability, to one part in 65,536.
    pub(crate) fn bits(&mut self, share: f64) -> u64 {
        // A cast from a float saturates, and NaN becomes 0.
        let below = (share * 65_536.0) as u64;
        let mut word = 0;
        for _ in 0..16 {
            let number = self.number();
            for part in [0, 16, 32, 48] {
                word = word << 1 | u64::from((number >> part & 0xffff) < below);
            }
        }
        word
    }
}

/// An event that occurs with a given probability. It counts down to its next occurrence, which is cheaper than a draw each
/// time.
pub(crate) struct Occurrence {
    share: f64,
    word: u64,
    left: u32,
    misses: u32,
}

impl Occurrence {
    pub(crate) fn of(share: f64, chance: &mut Chance) -> Self {
        let mut now = Occurrence { share, word: 0, left: 0, misses: 0 };
        now.misses = now.next(chance);
        now
    }

    /// Whether the event occurs this time.
    #[inline]
    pub(crate) fn happens(&mut self, chance: &mut Chance) -> bool {
        if self.misses > 0 {
            self.misses -= 1;
            return false;
        }
        self.misses = self.next(chance);
        true
    }

    fn next(&mut self, chance: &mut Chance) -> u32 {
        if (self.share * 65_536.0) as u64 == 0 {
            return u32::MAX;
        }
        let mut misses: u32 = 0;
        while self.word == 0 {
            misses = misses.saturating_add(self.left);
            self.word = chance.bits(self.share);
            self.left = 64;
        }
        let more = self.word.trailing_zeros();
        self.word = self.word >> more >> 1;
        self.left -= more + 1;
        misses.saturating_add(more)
    }
}

/// The finalizer of `SplitMix64`: every bit of the result depends on every bit of `number`.
#[inline]
pub(crate) fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The seed of one walk of a run.
pub(crate) fn seed_of(run: u64, walk: u64) -> u64 {
    mixed(run ^ mixed(walk.wrapping_add(1)))
}

/// A random seed.
pub(crate) fn any_seed() -> u64 {
    // Short enough to copy by hand.
    crate::clock::chance() & 0xffff_ffff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_has_one_stream_of_numbers() {
        let mut chance = Chance::new(0);
        // Published values of SplitMix64 from seed 0: a release that draws others breaks every kept regression.
        assert_eq!(chance.number(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(chance.number(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn bounds_hold_and_every_number_comes_up() {
        let mut chance = Chance::new(7);
        let mut seen = [0; 5];
        for _ in 0..1_000 {
            seen[chance.below(5)] += 1;
        }
        assert!(seen.iter().all(|times| *times > 100), "{seen:?}");
        let often = |chance: &mut Chance, share| {
            let mut now = Occurrence::of(share, chance);
            (0..1_000).filter(|_| now.happens(chance)).count()
        };
        assert_eq!([0.0, -1.0, f64::NAN].map(|share| often(&mut chance, share)), [0; 3]);
        assert_eq!([1.0, 7.0].map(|share| often(&mut chance, share)), [1_000; 2]);
        assert!((150..250).contains(&often(&mut chance, 0.2)));
        assert_eq!((chance.bits(0.0), chance.bits(1.0)), (0, u64::MAX));
    }
}

//! Finds the states from which a goal can still be reached, by following the steps backwards.

/// The steps between states as they were found. Takes four bytes for a step and eight for a state.
#[derive(Default)]
pub(super) struct StepGraph {
    targets: Vec<u32>,
    /// For each visited state, the end of its targets.
    ends: Vec<usize>,
    /// The visited states of which not all steps were taken, by the order of their visit.
    open: Vec<u32>,
    own: Vec<u32>,
}

impl StepGraph {
    pub(super) fn add(&mut self, number: u32, targets: impl Iterator<Item = u32>, whole: bool) {
        self.own.clear();
        self.own.extend(targets.filter(|target| *target != number));
        self.own.sort_unstable();
        self.own.dedup();
        if !whole {
            self.open.push(self.ends.len() as u32);
        }
        self.targets.extend_from_slice(&self.own);
        self.ends.push(self.targets.len());
    }

    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.targets.len() * size_of::<u32>() + self.ends.len() * size_of::<usize>()
    }

    /// Reverses all steps. `numbers` are the numbers of all states, in the order of their visits; states after the last visited
    /// one were not visited.
    pub(super) fn backwards(mut self, numbers: &[u32]) -> ReversedSteps {
        let largest = numbers.last().map_or(0, |number| *number as usize + 1);
        let mut visit_of = vec![0u32; largest];
        for (visit, number) in numbers.iter().enumerate() {
            visit_of[*number as usize] = visit as u32;
        }
        let states = numbers.len();
        let mut starts = vec![0usize; states + 1];
        for target in &mut self.targets {
            *target = visit_of[*target as usize];
            starts[*target as usize + 1] += 1;
        }
        drop(visit_of);
        for i in 1..=states {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut sources = vec![0u32; self.targets.len()];
        let mut begin = 0;
        for (source, end) in self.ends.iter().enumerate() {
            for target in &self.targets[begin..*end] {
                let slot = &mut next[*target as usize];
                sources[*slot] = source as u32;
                *slot += 1;
            }
            begin = *end;
        }
        self.open.extend(self.ends.len() as u32..states as u32);
        ReversedSteps { starts, sources, open: self.open }
    }
}

/// The same steps, from their ends to their beginnings.
pub(super) struct ReversedSteps {
    starts: Vec<usize>,
    sources: Vec<u32>,
    open: Vec<u32>,
}

/// Whether a goal can be reached from every state.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reachability {
    /// From every state.
    Everywhere,
    /// Not from the state of this number, although every state after it was seen.
    Lost(u32),
    /// From some states, if at all, only through states that were not seen.
    Unknown,
}

impl ReversedSteps {
    /// Whether a goal can be reached from every state. `goals` says for each visited state, in order, whether it is a goal.
    /// Time: O(states + steps).
    pub(super) fn ask(&self, goals: impl Iterator<Item = bool>, numbers: &[u32]) -> Reachability {
        let mut reaching = vec![false; numbers.len()];
        let mut visits = 0;
        for (visit, goal) in goals.enumerate() {
            reaching[visit] = goal;
            visits = visit + 1;
        }
        self.spread(&mut reaching);
        if reaching.iter().all(|reaches| *reaches) && visits == numbers.len() {
            return Reachability::Everywhere;
        }
        // States that were not seen might reach a goal.
        for open in &self.open {
            reaching[*open as usize] = true;
        }
        let certain = {
            self.spread(&mut reaching);
            reaching.iter().position(|reaches| !reaches)
        };
        certain.map_or(Reachability::Unknown, |visit| Reachability::Lost(numbers[visit]))
    }

    fn spread(&self, reaching: &mut [bool]) {
        let mut to_do: Vec<u32> = (0..reaching.len() as u32).filter(|at| reaching[*at as usize]).collect();
        while let Some(at) = to_do.pop() {
            let at = at as usize;
            for source in &self.sources[self.starts[at]..self.starts[at + 1]] {
                if !std::mem::replace(&mut reaching[*source as usize], true) {
                    to_do.push(*source);
                }
            }
        }
    }
}

//! Which article leads to which: links, names, anything that points from one article to others.

use super::DocOrd;

/// A directed graph over the articles of a generation, without loops and repetitions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    starts: Vec<u32>,
    targets: Vec<DocOrd>,
}

impl Graph {
    /// The graph in which article i leads to the articles of list i; loops and repetitions are left out.
    pub fn of(lists: impl IntoIterator<Item = Vec<DocOrd>>) -> Self {
        let mut graph = Self {
            starts: vec![0],
            targets: Vec::new(),
        };
        for (from, mut list) in lists.into_iter().enumerate() {
            list.sort_unstable();
            list.dedup();
            graph
                .targets
                .extend(list.into_iter().filter(|target| target.index() != from));
            graph.starts.push(graph.targets.len() as u32);
        }
        graph
    }

    /// The graph with these flat lists: where the targets of each article start, one more at the end, and all targets.
    /// `None` where they do not fit together.
    pub fn from_parts(starts: Vec<u32>, targets: Vec<DocOrd>) -> Option<Self> {
        let rises = starts.first() == Some(&0) && starts.is_sorted();
        let ends = starts.last().map(|&end| end as usize) == Some(targets.len());
        let articles = starts.len().saturating_sub(1);
        let known = targets.iter().all(|target| target.index() < articles);
        (rises && ends && known).then_some(Self { starts, targets })
    }

    /// The flat lists, for writing.
    pub fn parts(&self) -> (&[u32], &[DocOrd]) {
        (&self.starts, &self.targets)
    }

    /// How many articles there are.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The articles that `from` leads to, by ascending ordinal.
    #[inline]
    pub fn targets(&self, from: DocOrd) -> &[DocOrd] {
        let range = self.starts[from.index()] as usize..self.starts[from.index() + 1] as usize;
        &self.targets[range]
    }

    /// Whether `from` leads to `to`.
    #[inline]
    pub fn leads(&self, from: DocOrd, to: DocOrd) -> bool {
        self.targets(from).binary_search(&to).is_ok()
    }

    /// The same articles with every arrow turned round.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut starts = vec![0; self.starts.len().max(1)];
        for target in &self.targets {
            starts[target.index() + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut free = starts.clone();
        let mut targets = vec![DocOrd(0); self.targets.len()];
        for from in (0..self.len() as u32).map(DocOrd) {
            for target in self.targets(from) {
                let place = &mut free[target.index()];
                targets[*place as usize] = from;
                *place += 1;
            }
        }
        Self { starts, targets }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loops_and_repetitions_are_left_out_and_arrows_turn_round() {
        let ords = |list: &[u32]| list.iter().map(|&ord| DocOrd(ord)).collect::<Vec<_>>();
        let graph = Graph::of([ords(&[2, 1, 2, 0]), ords(&[]), ords(&[1])]);
        assert_eq!(graph.targets(DocOrd(0)), ords(&[1, 2]));
        assert!(graph.leads(DocOrd(2), DocOrd(1)) && !graph.leads(DocOrd(1), DocOrd(2)));
        let reversed = graph.reversed();
        assert_eq!(reversed.targets(DocOrd(1)), ords(&[0, 2]));
        assert_eq!(reversed.reversed(), graph);
        let (starts, targets) = graph.parts();
        let again = Graph::from_parts(starts.to_vec(), targets.to_vec());
        assert_eq!(again, Some(graph.clone()));
        assert_eq!(Graph::from_parts(vec![0, 1], vec![DocOrd(1)]), None);
        assert_eq!(Graph::from_parts(vec![0, 2], vec![DocOrd(0)]), None);
    }
}

//! Growing one tree: the sums of a node by bin, its best split, its rows parted among the children.

use std::collections::VecDeque;
use std::ops::Range;

use crate::binned::{Binned, GROUP};
use crate::objective::{Gradient, Sum};
use crate::split::{Limits, Search, Split};
use crate::tree::{Node, Tree};

/// A tree, and what came of growing it.
#[derive(Debug)]
pub struct Grown {
    /// The tree over bins.
    pub tree: Tree<u8>,
    /// Feature and gain of each split.
    pub splits: Vec<(usize, f64)>,
    /// The value of each leaf, and which of [`Grower::rows`] came to it.
    pub leaves: Vec<(Range<usize>, f64)>,
}

/// The sums of a node: one for each feature and bin.
type Histogram = Vec<[Sum; 256]>;

/// Grows trees, and keeps its memory from one to the next.
#[derive(Debug)]
pub struct Grower<'a> {
    table: &'a Binned,
    limits: Limits,
    /// Rows, in the order of the nodes they came to.
    rows: Vec<u32>,
    /// Those that go right, while a node is parted.
    aside: Vec<u32>,
    /// The gradients of a node's rows, in their order.
    ordered: Vec<Gradient>,
    /// Histograms that are not in use.
    spare: Vec<Histogram>,
    /// The nodes in the order in which they were made.
    nodes: Vec<Made>,
}

/// A node while the tree grows.
#[derive(Clone, Debug)]
struct Made {
    rows: Range<usize>,
    total: Sum,
    /// The split, and the place of its left child; the right one follows it.
    split: Option<(Split, usize)>,
}

/// What a tree is grown from.
#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    /// The features that may be split, ascending.
    pub features: &'a [usize],
    /// The gradients of all rows of the table.
    pub gradients: &'a [Gradient],
}

impl<'a> Grower<'a> {
    /// For trees over this table.
    pub fn new(table: &'a Binned, limits: Limits) -> Grower<'a> {
        Grower {
            table,
            limits,
            rows: Vec::with_capacity(table.rows()),
            aside: vec![0; table.rows()],
            ordered: Vec::with_capacity(table.rows()),
            spare: Vec::new(),
            nodes: Vec::new(),
        }
    }

    /// The rows of the last tree, in the order of its leaves.
    pub fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Grows a tree of these rows.
    pub fn grow(&mut self, rows: impl Iterator<Item = u32>, ground: &Ground<'_>) -> Grown {
        self.rows.clear();
        self.rows.extend(rows);
        let all = 0..self.rows.len();
        let total = self.order(&all, ground.gradients);
        self.nodes.clear();
        self.make(all.clone(), total);
        if self.limits.may_split(total, self.limits.depth) {
            let histogram = self.add_up(&all, ground);
            self.grow_from(0, histogram, self.limits.depth, ground);
        }
        self.finish()
    }

    fn make(&mut self, rows: Range<usize>, total: Sum) {
        self.nodes.push(Made {
            rows,
            total,
            split: None,
        });
    }

    /// Grows what is below a node, whose histogram this is, with so many levels left.
    fn grow_from(
        &mut self,
        place: usize,
        mut histogram: Histogram,
        levels: usize,
        ground: &Ground<'_>,
    ) {
        let Made { rows, total, .. } = self.nodes[place].clone();
        let mut search = Search::new(&self.limits, total);
        for feature in ground.features {
            let bins = self.table.cuts()[*feature].bins();
            search.feature(*feature, &histogram[*feature][..=bins]);
        }
        let Some(split) = search.best() else {
            self.spare.push(histogram);
            return;
        };
        let middle = self.part(&rows, &split);
        let left = self.nodes.len();
        self.nodes[place].split = Some((split, left));
        self.make(rows.start..middle, split.left);
        self.make(
            middle..rows.end,
            [total[0] - split.left[0], total[1] - split.left[1]],
        );
        let grows = [left, left + 1]
            .map(|child| self.limits.may_split(self.nodes[child].total, levels - 1));
        if grows == [false; 2] {
            self.spare.push(histogram);
            return;
        }
        // The smaller child is added up, and what is left of the parent's sums is the other's.
        let smaller = usize::from(rows.end - middle < middle - rows.start);
        let rows = self.nodes[left + smaller].rows.clone();
        self.order(&rows, ground.gradients);
        let small = self.add_up(&rows, ground);
        subtract(&mut histogram, &small);
        for (child, histogram) in [(smaller, small), (1 - smaller, histogram)] {
            if grows[child] {
                self.grow_from(left + child, histogram, levels - 1, ground);
            } else {
                self.spare.push(histogram);
            }
        }
    }

    /// Lays the gradients of a node's rows side by side, and adds them up.
    fn order(&mut self, rows: &Range<usize>, gradients: &[Gradient]) -> Sum {
        let rows = &self.rows[rows.clone()];
        self.ordered.clear();
        self.ordered
            .extend(rows.iter().map(|row| gradients[*row as usize]));
        let mut total = [0.0; 2];
        for gradient in &self.ordered {
            total[0] += f64::from(gradient[0]);
            total[1] += f64::from(gradient[1]);
        }
        total
    }

    /// The histogram of a node whose gradients are in order.
    fn add_up(&mut self, rows: &Range<usize>, ground: &Ground<'_>) -> Histogram {
        let features = self.table.cuts().len();
        let spare = self.spare.pop();
        let mut histogram = spare.unwrap_or_else(|| vec![[[0.0; 2]; 256]; features]);
        let rows = &self.rows[rows.clone()];
        let groups = histogram.chunks_mut(GROUP).zip(self.table.groups());
        for (index, (sums, bins)) in groups.enumerate() {
            let is_in = |feature: &usize| feature / GROUP == index;
            if !ground.features.iter().any(is_in) {
                continue;
            }
            sums.as_flattened_mut().fill([0.0; 2]);
            match sums {
                [a] => add_group([a], bins, rows, &self.ordered),
                [a, b] => add_group([a, b], bins, rows, &self.ordered),
                [a, b, c] => add_group([a, b, c], bins, rows, &self.ordered),
                [a, b, c, d] => add_group([a, b, c, d], bins, rows, &self.ordered),
                _ => unreachable!("a group has at most {GROUP} features"),
            }
        }
        histogram
    }

    /// Parts the rows of a node, each side in its order as before; answers where the right ones begin.
    fn part(&mut self, rows: &Range<usize>, split: &Split) -> usize {
        let bins = &self.table.groups()[split.feature / GROUP];
        let place = split.feature % GROUP;
        let part = &mut self.rows[rows.clone()];
        let aside = &mut self.aside[..part.len()];
        let (mut left, mut right) = (0, 0);
        for index in 0..part.len() {
            // Both are written and one counts: a branch would be mispredicted every other time.
            let row = part[index];
            let goes_right = split.goes_right(bins[row as usize][place]);
            part[left] = row;
            aside[right] = row;
            left += usize::from(!goes_right);
            right += usize::from(goes_right);
        }
        part[left..].copy_from_slice(&aside[..right]);
        rows.start + left
    }

    /// The nodes in breadth-first order.
    fn finish(&self) -> Grown {
        let mut nodes = Vec::with_capacity(self.nodes.len());
        let mut splits = Vec::new();
        let mut leaves = Vec::new();
        let mut queue = VecDeque::from([0]);
        while let Some(place) = queue.pop_front() {
            let made = &self.nodes[place];
            let Some((split, left)) = &made.split else {
                let value = self.limits.value(made.total);
                leaves.push((made.rows.clone(), value));
                nodes.push(Node::Leaf { value });
                continue;
            };
            // What is still in the queue comes before the children.
            nodes.push(Node::Split {
                feature: split.feature as u32,
                at: split.bin,
                missing_right: split.missing_right,
                left: (nodes.len() + queue.len() + 1) as u32,
            });
            splits.push((split.feature, split.gain));
            queue.extend([*left, left + 1]);
        }
        Grown {
            tree: Tree::new(nodes).expect("children come behind their parent"),
            splits,
            leaves,
        }
    }
}

/// Adds the gradients of some rows to the sums of the N features of a group.
#[inline]
fn add_group<const N: usize>(
    sums: [&mut [Sum; 256]; N],
    bins: &[[u8; GROUP]],
    rows: &[u32],
    gradients: &[Gradient],
) {
    for (row, gradient) in rows.iter().zip(gradients) {
        let bins = bins[*row as usize];
        let gradient = [f64::from(gradient[0]), f64::from(gradient[1])];
        for feature in 0..N {
            let sum = &mut sums[feature][bins[feature] as usize];
            sum[0] += gradient[0];
            sum[1] += gradient[1];
        }
    }
}

fn subtract(from: &mut Histogram, what: &Histogram) {
    let sums = from.as_flattened_mut().iter_mut().zip(what.as_flattened());
    for (from, what) in sums {
        from[0] -= what[0];
        from[1] -= what[1];
    }
}

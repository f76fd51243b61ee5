//! Trees laid out for scoring: many rows walk a tree together, without a branch.

use crate::tree::{Node, Tree};

/// How many rows are scored at a time. Their features lie together in the first-level cache.
pub const BLOCK: usize = 64;

/// How many rows walk a tree side by side: enough that the processor always has a load to wait for.
const LANES: usize = 8;

/// Where a node keeps that missing values go right; the rest of the word is the feature's place in a block.
const MISSING_RIGHT: u32 = 1 << 31;

/// A node in 16 bytes. A leaf is a split that no value passes (its threshold is NaN, and missing values go left) and whose left
/// child is itself, so that a row that came to its leaf stays there and the walk needs no question whether it has ended.
#[derive(Clone, Copy, Debug)]
struct Packed {
    threshold: f64,
    left: u32,
    place: u32,
}

#[derive(Clone, Copy, Debug)]
struct Root {
    node: u32,
    depth: u32,
}

/// All trees of a model, one behind the other.
#[derive(Clone, Debug)]
pub struct Forest {
    features: usize,
    base: f64,
    roots: Vec<Root>,
    nodes: Vec<Packed>,
    /// What a node adds if it is a leaf.
    values: Vec<f64>,
}

impl Forest {
    /// Lays out trees over so many features; `base` is what every sum begins with.
    ///
    /// # Errors
    /// When a tree is malformed or asks for a feature that is not there.
    pub fn new(features: usize, base: f64, trees: &[Tree<f64>]) -> Result<Forest, String> {
        let count: usize = trees.iter().map(|tree| tree.nodes().len()).sum();
        if features == 0 || features > MISSING_RIGHT as usize / BLOCK || count > u32::MAX as usize {
            return Err(format!(
                "{features} features and {count} nodes cannot be laid out"
            ));
        }
        let mut forest = Forest {
            features,
            base,
            roots: Vec::with_capacity(trees.len()),
            nodes: Vec::with_capacity(count),
            values: Vec::with_capacity(count),
        };
        for tree in trees {
            tree.validate()?;
            forest.push(tree)?;
        }
        Ok(forest)
    }

    fn push(&mut self, tree: &Tree<f64>) -> Result<(), String> {
        let root = self.nodes.len() as u32;
        self.roots.push(Root {
            node: root,
            depth: tree.depth() as u32,
        });
        for node in tree.nodes() {
            let own = self.nodes.len() as u32;
            let (packed, value) = match *node {
                Node::Leaf { value } => {
                    let leaf = Packed {
                        threshold: f64::NAN,
                        left: own,
                        place: 0,
                    };
                    (leaf, value)
                }
                Node::Split { feature, .. } if feature as usize >= self.features => {
                    return Err(format!(
                        "a tree asks for feature {feature} of {}",
                        self.features
                    ));
                }
                Node::Split { at, .. } if at.is_nan() => {
                    return Err("a tree compares with NaN".to_owned());
                }
                Node::Split {
                    feature,
                    at,
                    missing_right,
                    left,
                } => {
                    let flag = if missing_right { MISSING_RIGHT } else { 0 };
                    let split = Packed {
                        threshold: at,
                        left: root + left,
                        place: flag | (feature * BLOCK as u32),
                    };
                    (split, 0.0)
                }
            };
            self.nodes.push(packed);
            self.values.push(value);
        }
        Ok(())
    }

    /// How many values a row has.
    pub fn features(&self) -> usize {
        self.features
    }

    /// The sums of up to [`BLOCK`] rows. `block` holds the features one behind the other, [`BLOCK`] values each, NaN for a
    /// missing one; what is in the places of rows beyond `sums` does not matter.
    ///
    /// # Panics
    /// When there are more sums than a block has rows, or the block does not hold the features.
    pub fn sums(&self, block: &[f64], sums: &mut [f64]) {
        assert_eq!(
            block.len(),
            self.features * BLOCK,
            "a block of all features"
        );
        assert!(sums.len() <= BLOCK, "no more rows than a block has");
        let mut all = [self.base; BLOCK];
        let lanes = sums.len().div_ceil(LANES) * LANES;
        for root in &self.roots {
            for first in (0..lanes).step_by(LANES) {
                let leaves = self.walk(*root, block, first);
                for (sum, leaf) in all[first..first + LANES].iter_mut().zip(leaves) {
                    *sum += self.values[leaf as usize];
                }
            }
        }
        sums.copy_from_slice(&all[..sums.len()]);
    }

    /// The leaves that the rows `first..first + LANES` of a block come to.
    #[inline(always)]
    fn walk(&self, root: Root, block: &[f64], first: usize) -> [u32; LANES] {
        let mut at = [root.node; LANES];
        for _ in 0..root.depth {
            for (lane, at) in at.iter_mut().enumerate() {
                // SAFETY: `new` has held every child to lie within its tree and every feature to be one of the block's; the
                // walk begins at a root and goes on to children. `sums` has held the block to its length, and `first + lane`
                // is less than BLOCK.
                let (node, value) = unsafe {
                    let node = self.nodes.get_unchecked(*at as usize);
                    let place = (node.place & !MISSING_RIGHT) as usize + first + lane;
                    (node, *block.get_unchecked(place))
                };
                let missing = value.is_nan() & (node.place >= MISSING_RIGHT);
                *at = node.left + u32::from((value >= node.threshold) | missing);
            }
        }
        at
    }
}

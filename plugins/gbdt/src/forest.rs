//! Trees laid out for scoring: many rows walk a tree together, or a row many trees, without a branch.

use crate::tree::{Node, Tree};

/// How many rows are scored at a time. Their features lie together in the first-level cache.
pub const BLOCK: usize = 64;

/// How many rows walk a tree side by side, or how many trees a row walks: enough that the processor always has a load to wait for.
const LANES: usize = 8;

/// A node in 16 bytes. A leaf is a split that no value passes, since its threshold is NaN, and whose left child is itself: a row
/// that came to its leaf stays there, and the walk needs no question whether it has ended.
#[derive(Clone, Copy, Debug)]
struct Packed {
    threshold: f64,
    /// The index of the left child.
    left: u32,
    /// Where in a block the values are that are compared here.
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

/// Up to [`BLOCK`] rows, feature by feature.
///
/// Each feature is there twice: once with NaN for missing values, which no threshold lets pass, and once with infinity, which every
/// threshold does. A node reads the one where missing values go its way.
#[derive(Clone, Debug)]
pub struct Block {
    values: Vec<f64>,
}

impl Block {
    /// For rows of so many features.
    pub fn new(features: usize) -> Block {
        Block {
            values: vec![0.0; 2 * BLOCK * features],
        }
    }

    /// The values of the first rows in a feature, to be written: NaN for a missing one.
    ///
    /// # Panics
    /// When there is no such feature, or there are more rows than [`BLOCK`].
    pub fn feature(&mut self, feature: usize, rows: usize) -> &mut [f64] {
        assert!(rows <= BLOCK, "no more rows than a block has");
        &mut self.values[2 * BLOCK * feature..][..rows]
    }

    /// Writes the second copy of each feature, of the first rows.
    fn complete(&mut self, rows: usize) {
        for feature in self.values.chunks_exact_mut(2 * BLOCK) {
            let (first, second) = feature.split_at_mut(BLOCK);
            for (second, value) in second.iter_mut().zip(&first[..rows]) {
                *second = if value.is_nan() {
                    f64::INFINITY
                } else {
                    *value
                };
            }
        }
    }
}

impl Forest {
    /// Lays out trees over so many features; `base` is what every sum begins with.
    ///
    /// # Errors
    /// When a tree is malformed or asks for a feature that is not there.
    pub fn new(features: usize, base: f64, trees: &[Tree<f64>]) -> Result<Forest, String> {
        let count: usize = trees.iter().map(|tree| tree.nodes().len()).sum();
        let is_small = features <= u32::MAX as usize / (2 * BLOCK) && count <= u32::MAX as usize;
        if features == 0 || !is_small {
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
                    let split = Packed {
                        threshold: at,
                        left: root + left,
                        place: (2 * feature + u32::from(missing_right)) * BLOCK as u32,
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

    /// The sums of the first rows of a block; what is in the places of the others does not matter.
    ///
    /// # Panics
    /// When there are more sums than a block has rows, or the block is for another number of features.
    pub fn sums(&self, block: &mut Block, sums: &mut [f64]) {
        let size = 2 * BLOCK * self.features;
        assert_eq!(block.values.len(), size, "a block of all features");
        assert!(sums.len() <= BLOCK, "no more rows than a block has");
        block.complete(sums.len());
        sums.fill(self.base);
        let (whole, rest) = sums.as_chunks_mut::<LANES>();
        if !whole.is_empty() {
            for root in &self.roots {
                for (index, sums) in whole.iter_mut().enumerate() {
                    // SAFETY: the block has the size that is asked for, and as many rows as there are sums.
                    unsafe { self.walk(*root, &block.values[index * LANES..], sums) };
                }
            }
        }
        let first = whole.len() * LANES;
        let (groups, trees) = self.roots.as_chunks::<LANES>();
        for (row, sum) in rest.iter_mut().enumerate() {
            let values = &block.values[first + row..];
            for roots in groups {
                // SAFETY: the block has the size that is asked for, and this row among its own.
                unsafe { self.walk_together(roots, values, sum) };
            }
            for root in trees {
                // SAFETY: likewise.
                unsafe { self.walk_together(&[*root], values, sum) };
            }
        }
    }

    /// Adds the leaves that [`LANES`] rows come to; `values` are a block's from the first of these rows on.
    ///
    /// # Safety
    /// Behind each place of a node there have to be the values of these rows.
    #[inline(always)]
    unsafe fn walk(&self, root: Root, values: &[f64], sums: &mut [f64; LANES]) {
        let mut at = [root.node as usize; LANES];
        for _ in 0..root.depth {
            for (lane, at) in at.iter_mut().enumerate() {
                // SAFETY: the walk begins at a root and goes on to children, which `new` has held to lie within their tree. It has
                // held places to be those of features, whose rows are there, as the caller says.
                let (node, value) = unsafe {
                    let node = self.nodes.get_unchecked(*at);
                    (node, *values.get_unchecked(node.place as usize + lane))
                };
                *at = node.left as usize + usize::from(value >= node.threshold);
            }
        }
        for (sum, leaf) in sums.iter_mut().zip(at) {
            // SAFETY: as above; each node has a value.
            *sum += unsafe { self.values.get_unchecked(leaf) };
        }
    }

    /// Adds the leaves that a row comes to in these trees, in their order; `values` are a block's from the row on.
    ///
    /// # Safety
    /// Behind each place of a node there has to be the value of this row.
    #[inline(always)]
    unsafe fn walk_together<const N: usize>(
        &self,
        roots: &[Root; N],
        values: &[f64],
        sum: &mut f64,
    ) {
        let mut at = roots.map(|root| root.node as usize);
        // A row that came to its leaf before the deepest one stays there.
        let depth = roots.iter().map(|root| root.depth).max().unwrap_or(0);
        for _ in 0..depth {
            for at in &mut at {
                // SAFETY: as in `walk`.
                let (node, value) = unsafe {
                    let node = self.nodes.get_unchecked(*at);
                    (node, *values.get_unchecked(node.place as usize))
                };
                *at = node.left as usize + usize::from(value >= node.threshold);
            }
        }
        for leaf in at {
            // SAFETY: as in `walk`.
            *sum += unsafe { self.values.get_unchecked(leaf) };
        }
    }
}

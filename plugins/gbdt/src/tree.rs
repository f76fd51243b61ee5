//! A decision tree as the trainer makes it and the state keeps it.

use serde::{Deserialize, Serialize};

/// A node of a tree. `T` is what a split compares with: a bin while the tree grows, a value once it is done.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
pub enum Node<T> {
    /// A row goes right when its value is at least `at`, and where `missing_right` says when it has none.
    Split {
        /// Which feature is looked at, as its index.
        feature: u32,
        /// The least value that goes right.
        at: T,
        /// Whether a row without a value goes right.
        missing_right: bool,
        /// The index of the left child; the right one follows it.
        left: u32,
    },
    /// The end of the way.
    Leaf {
        /// What the tree adds to the sum.
        value: f64,
    },
}

/// A tree: nodes in breadth-first order from the root, two siblings always side by side.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Tree<T> {
    nodes: Vec<Node<T>>,
}

impl<T> Tree<T> {
    /// A tree of these nodes, the root first.
    ///
    /// # Errors
    /// When it has no node, or a child is not behind its parent or not there at all: such nodes might be walked for ever.
    pub fn new(nodes: Vec<Node<T>>) -> Result<Tree<T>, String> {
        let tree = Tree { nodes };
        tree.validate().map(|()| tree)
    }

    /// Holds nodes that come from elsewhere to what [`new`](Tree::new) demands.
    ///
    /// # Errors
    /// As [`new`](Tree::new).
    pub fn validate(&self) -> Result<(), String> {
        if self.nodes.is_empty() {
            return Err("a tree has no nodes".to_owned());
        }
        for (index, node) in self.nodes.iter().enumerate() {
            if let Node::Split { left, .. } = node {
                let left = *left as usize;
                if left <= index || left + 1 >= self.nodes.len() {
                    return Err(format!(
                        "node {index} of a tree has the children {left} and {}, of {} nodes",
                        left + 1,
                        self.nodes.len()
                    ));
                }
            }
        }
        Ok(())
    }

    /// Its nodes, the root first.
    pub fn nodes(&self) -> &[Node<T>] {
        &self.nodes
    }

    /// How many splits lie between the root and the deepest leaf.
    pub fn depth(&self) -> usize {
        let mut depths = vec![0; self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            if let Node::Split { left, .. } = node {
                let below = depths[index] + 1;
                depths[*left as usize..=*left as usize + 1].fill(below);
            }
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// The value of the leaf that a row comes to; `goes_right` answers for a feature, what it is compared with, and where
    /// missing values go.
    pub fn walk(&self, goes_right: impl Fn(u32, &T, bool) -> bool) -> f64 {
        let mut index = 0;
        loop {
            match &self.nodes[index] {
                Node::Leaf { value } => return *value,
                Node::Split {
                    feature,
                    at,
                    missing_right,
                    left,
                } => {
                    index = *left as usize + usize::from(goes_right(*feature, at, *missing_right));
                }
            }
        }
    }

    /// The same tree over other thresholds.
    pub fn map<U>(&self, threshold: impl Fn(u32, &T) -> U) -> Tree<U> {
        let nodes = self.nodes.iter().map(|node| match node {
            Node::Leaf { value } => Node::Leaf { value: *value },
            Node::Split {
                feature,
                at,
                missing_right,
                left,
            } => Node::Split {
                feature: *feature,
                at: threshold(*feature, at),
                missing_right: *missing_right,
                left: *left,
            },
        });
        Tree {
            nodes: nodes.collect(),
        }
    }
}

impl Tree<f64> {
    /// The value of the leaf that a row of numbers comes to, NaN for a missing one. This is what the words mean; the
    /// [`Forest`](crate::forest::Forest) does the same faster.
    pub fn value(&self, row: impl Fn(usize) -> f64) -> f64 {
        self.walk(|feature, at, missing_right| {
            let value = row(feature as usize);
            if value.is_nan() {
                missing_right
            } else {
                value >= *at
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn split(at: f64, missing_right: bool, left: u32) -> Node<f64> {
        Node::Split {
            feature: 0,
            at,
            missing_right,
            left,
        }
    }

    #[test]
    fn a_row_goes_right_from_the_threshold_on() {
        let leaves = [1.0, 2.0, 3.0].map(|value| Node::Leaf { value });
        let nodes = vec![
            split(5.0, true, 1),
            leaves[0],
            split(7.0, false, 3),
            leaves[1],
            leaves[2],
        ];
        let tree = Tree::new(nodes).unwrap();
        let value = |x: f64| tree.value(|_| x);
        assert_eq!(
            [4.9, 5.0, 6.9, 7.0, f64::INFINITY].map(value),
            [1.0, 2.0, 2.0, 3.0, 3.0]
        );
        assert_eq!(value(f64::NAN), 2.0);
        assert_eq!(tree.depth(), 2);
    }

    #[test]
    fn nodes_that_lead_nowhere_or_back_are_refused() {
        let leaf = Node::Leaf { value: 0.0 };
        assert!(Tree::<f64>::new(vec![]).is_err());
        assert!(Tree::new(vec![split(0.0, false, 0), leaf, leaf]).is_err());
        assert!(Tree::new(vec![split(0.0, false, 2), leaf, leaf]).is_err());
        assert!(Tree::new(vec![split(0.0, false, u32::MAX), leaf, leaf]).is_err());
    }
}

//! Which blocks both versions have.

use std::collections::HashMap;

use crate::version::Block;

/// A block that has to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remaining {
    /// Its position in its version.
    pub block: usize,
    /// The number of its first row.
    pub first_row: u64,
    /// How many rows it has.
    pub rows: u64,
}

/// What is left of two lists of blocks.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Unshared {
    pub old: Vec<Remaining>,
    pub new: Vec<Remaining>,
    /// How many pairs of blocks are equal.
    pub shared: u64,
    /// How many rows these pairs have (on one side).
    pub shared_rows: u64,
}

/// Pairs equal blocks, as multisets; with `share` false nothing is paired.
pub(crate) fn unshared(old: &[Block], new: &[Block], share: bool) -> Unshared {
    let mut available: HashMap<[u8; 32], u64> = HashMap::new();
    if share {
        for block in old {
            *available.entry(block.digest).or_default() += 1;
        }
    }
    let mut taken: HashMap<[u8; 32], u64> = HashMap::new();
    let mut unshared = Unshared::default();
    unshared.new = remaining(new, |block| {
        let Some(left) = available.get_mut(&block.digest).filter(|left| **left > 0) else {
            return false;
        };
        *left -= 1;
        *taken.entry(block.digest).or_default() += 1;
        unshared.shared += 1;
        unshared.shared_rows += block.rows;
        true
    });
    unshared.old = remaining(old, |block| match taken.get_mut(&block.digest) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    });
    unshared
}

/// The blocks for which `paired` says no, with the numbers of their first rows.
fn remaining(blocks: &[Block], mut paired: impl FnMut(&Block) -> bool) -> Vec<Remaining> {
    let mut first_row = 0;
    let mut remaining = Vec::new();
    for (block, about) in blocks.iter().enumerate() {
        if !paired(about) {
            remaining.push(Remaining {
                block,
                first_row,
                rows: about.rows,
            });
        }
        first_row += about.rows;
    }
    remaining
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(digests: &[u8]) -> Vec<Block> {
        let block = |digest: &u8| Block {
            digest: [*digest; 32],
            rows: u64::from(*digest),
        };
        digests.iter().map(block).collect()
    }

    fn positions(remaining: &[Remaining]) -> Vec<(usize, u64)> {
        remaining.iter().map(|r| (r.block, r.first_row)).collect()
    }

    #[test]
    fn equal_blocks_pair_as_often_as_both_have_them() {
        let left = unshared(&blocks(&[1, 2, 1, 3]), &blocks(&[1, 1, 1, 4, 3]), true);
        assert_eq!(positions(&left.old), [(1, 1)]);
        assert_eq!(positions(&left.new), [(2, 2), (3, 3)]);
        assert_eq!((left.shared, left.shared_rows), (3, 5));
    }

    #[test]
    fn nothing_is_shared_if_told_so() {
        let left = unshared(&blocks(&[1, 2]), &blocks(&[1, 2]), false);
        assert_eq!((left.old.len(), left.new.len(), left.shared), (2, 2, 0));
    }
}

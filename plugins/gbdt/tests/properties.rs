//! What holds for any trees and any data.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::{Arc, LazyLock};

use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};
use lockflight_gbdt::binned::Binned;
use lockflight_gbdt::boost::{Examples, Fit, Settings, fit};
use lockflight_gbdt::cuts::Cuts;
use lockflight_gbdt::forest::{BLOCK, Block, Forest};
use lockflight_gbdt::objective::{Objective, Target};
use lockflight_gbdt::split::Limits;
use lockflight_gbdt::tree::{Node, Tree};
use lockflight_gbdt::{Step, Trainer};
use lockflight_sdk::{Job, Score, testing};
use proptest::prelude::*;

const FEATURES: usize = 5;

/// Numbers of which many are equal, so that they meet thresholds exactly.
fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        8 => (-8..8).prop_map(|value| f64::from(value) / 2.0),
        1 => prop::sample::select(vec![f64::NEG_INFINITY, f64::INFINITY, -0.0, 1e300, 1e-300]),
        1 => any::<f64>().prop_filter("a number", |value| !value.is_nan()),
    ]
}

fn maybe_missing() -> impl Strategy<Value = f64> {
    prop_oneof![6 => number(), 1 => Just(f64::NAN)]
}

/// A tree of any shape: each of some wishes in turn splits the first leaf that is left, or leaves it alone.
fn tree() -> impl Strategy<Value = Tree<f64>> {
    let wish = (
        prop::option::weighted(0.7, (0..FEATURES as u32, number(), any::<bool>())),
        number(),
    );
    prop::collection::vec(wish, 1..60).prop_map(|wishes| {
        let mut nodes = vec![Node::Leaf { value: 1.0 }];
        for (index, (split, value)) in wishes.into_iter().enumerate() {
            if index >= nodes.len() {
                break;
            }
            nodes[index] = Node::Leaf { value };
            if let Some((feature, at, missing_right)) = split {
                let left = nodes.len() as u32;
                nodes[index] = Node::Split {
                    feature,
                    at,
                    missing_right,
                    left,
                };
                nodes.extend([Node::Leaf { value }, Node::Leaf { value: -value }]);
            }
        }
        Tree::new(nodes).unwrap()
    })
}

/// Sums as the words of [`Tree::value`] have them.
fn plain(base: f64, trees: &[Tree<f64>], row: &[f64]) -> f64 {
    trees
        .iter()
        .fold(base, |sum, tree| sum + tree.value(|feature| row[feature]))
}

/// Sums of rows, in blocks of up to `size` rows.
fn laid_out(forest: &Forest, rows: &[Vec<f64>], size: usize) -> Vec<f64> {
    let mut all = Vec::new();
    // What is behind the last row must not matter.
    let mut block = Block::new(forest.features());
    for rows in rows.chunks(size) {
        for feature in 0..forest.features() {
            let values = block.feature(feature, rows.len());
            for (into, row) in values.iter_mut().zip(rows) {
                *into = row[feature];
            }
        }
        let mut sums = vec![0.0; rows.len()];
        forest.sums(&mut block, &mut sums);
        all.extend(sums);
    }
    all
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn settings(objective: Objective) -> Settings {
    Settings {
        objective,
        rounds: 5,
        limits: Limits {
            depth: 4,
            learning_rate: 0.5,
            l2: 1.0,
            min_child_weight: 0.1,
            min_split_gain: 0.0,
        },
        subsample: 1.0,
        colsample: 1.0,
        seed: 1,
        patience: None,
    }
}

fn binned(rows: &[Vec<f64>], bins: usize) -> Binned {
    let mut table = Binned::new(rows.len());
    for feature in 0..FEATURES {
        let values: Vec<f64> = rows.iter().map(|row| row[feature]).collect();
        table.push(&values, Cuts::of(&mut values.clone(), bins));
    }
    table
}

fn fitted(settings: &Settings, rows: &[Vec<f64>], values: &[f64]) -> Fit {
    let table = binned(rows, 16);
    let target = Target {
        values,
        weights: None,
    };
    fit(
        settings,
        &Examples {
            table: &table,
            target,
        },
        None,
        |_| {},
    )
}

proptest! {
    #[test]
    fn the_layout_scores_as_the_words_say_bit_for_bit(
        trees in prop::collection::vec(tree(), 0..8),
        base in number(),
        rows in prop::collection::vec(prop::collection::vec(maybe_missing(), FEATURES), 1..200),
        size in 1..=BLOCK,
    ) {
        let forest = Forest::new(FEATURES, base, &trees).unwrap();
        let wanted: Vec<f64> = rows.iter().map(|row| plain(base, &trees, row)).collect();
        let found = laid_out(&forest, &rows, size);
        for (found, wanted) in found.iter().zip(&wanted) {
            prop_assert!(found.to_bits() == wanted.to_bits() || found.is_nan() && wanted.is_nan());
        }
    }

    #[test]
    fn a_bin_goes_where_its_values_go(
        mut values in prop::collection::vec(maybe_missing(), 1..300),
        bins in 2_usize..40,
        others in prop::collection::vec(maybe_missing(), 20),
    ) {
        let all: Vec<f64> = values.iter().chain(&others).copied().collect();
        let cuts = Cuts::of(&mut values, bins);
        prop_assert!(cuts.bins() <= bins);
        for value in all.into_iter().filter(|value| !value.is_nan()) {
            let bin = cuts.bin(value);
            prop_assert!((1..=cuts.bins()).contains(&usize::from(bin)));
            for least in 1..=cuts.bins() as u8 {
                prop_assert_eq!(bin >= least, value >= cuts.least(least), "{} {}", value, least);
            }
        }
    }

    #[test]
    fn the_loss_told_is_the_loss_of_the_model(
        rows in prop::collection::vec(prop::collection::vec(maybe_missing(), FEATURES), 2..150),
        classes in prop::collection::vec(any::<bool>(), 150),
        logistic in any::<bool>(),
    ) {
        let mut values: Vec<f64> = rows.iter().zip(&classes).map(|(_, class)| f64::from(u8::from(*class))).collect();
        values[0] = 0.0;
        values[1] = 1.0;
        let objective = if logistic { Objective::Logistic } else { Objective::Squared };
        let fit = fitted(&settings(objective), &rows, &values);
        let forest = Forest::new(FEATURES, fit.base, &fit.trees).unwrap();
        let target = Target { values: &values, weights: None };
        let loss = objective.loss(&target, &laid_out(&forest, &rows, BLOCK));
        // Equal to the last bit: bins and values go the same ways.
        prop_assert_eq!(loss.to_bits(), fit.rounds.last().unwrap().train.to_bits());
        let falls = fit.rounds.windows(2).all(|pair| pair[1].train <= pair[0].train + 1e-9);
        prop_assert!(falls, "{:?}", fit.rounds);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        rows in prop::collection::vec((prop::collection::vec(maybe_missing(), FEATURES), any::<bool>()), 2..150),
    ) {
        let mut rows = rows;
        rows[0].1 = true;
        rows[1].1 = false;
        let model = |rows: &[(Vec<f64>, bool)]| {
            let values: Vec<f64> = rows.iter().map(|row| f64::from(u8::from(row.1))).collect();
            let rows: Vec<Vec<f64>> = rows.iter().map(|row| row.0.clone()).collect();
            fitted(&settings(Objective::Logistic), &rows, &values)
        };
        let forward = model(&rows);
        rows.reverse();
        let backward = model(&rows);
        prop_assert_eq!(forward.trees, backward.trees);
        prop_assert_eq!(forward.contributions, backward.contributions);
    }

    #[test]
    fn a_row_of_weight_two_is_two_rows(
        rows in prop::collection::vec(prop::collection::vec(maybe_missing(), FEATURES), 2..60),
        twice in prop::collection::vec(any::<bool>(), 60),
    ) {
        let values: Vec<f64> = (0..rows.len()).map(|row| (row % 3) as f64).collect();
        let weights: Vec<f64> = twice[..rows.len()].iter().map(|twice| f64::from(1 + u8::from(*twice))).collect();
        let table = binned(&rows, 255);
        let target = Target { values: &values, weights: Some(&weights) };
        // One split: of splits that gain equally much, another may be found, but none that gains less.
        let mut settings = settings(Objective::Squared);
        settings.rounds = 1;
        settings.limits.depth = 1;
        let loss = |table: &Binned, target: Target<'_>| {
            let examples = Examples { table, target };
            fit(&settings, &examples, None, |_| {}).rounds[0].train
        };
        let weighted = loss(&table, target);
        let repeat = |row: usize| std::iter::repeat_n(row, weights[row] as usize);
        let repeated: Vec<usize> = (0..rows.len()).flat_map(repeat).collect();
        let values: Vec<f64> = repeated.iter().map(|row| values[*row]).collect();
        let rows: Vec<Vec<f64>> = repeated.iter().map(|row| rows[*row].clone()).collect();
        let plain = loss(&binned(&rows, 255), Target { values: &values, weights: None });
        prop_assert!((weighted - plain).abs() < 1e-6, "{} {}", weighted, plain);
    }
}

/// A model of a number, a category and a flag, and rows for it.
static MODEL: LazyLock<(Vec<u8>, RecordBatch)> = LazyLock::new(|| {
    let number =
        Float64Array::from_iter((0..90).map(|row| (row % 7 > 0).then_some(f64::from(row))));
    let city = StringArray::from_iter_values((0..90).map(|row| ["a", "b", "c"][row % 3]));
    let flag = BooleanArray::from_iter((0..90).map(|row| Some(row % 2 == 0)));
    let target = Float64Array::from_iter_values((0..90).map(|row| f64::from(row % 13)));
    let columns: [(&str, ArrayRef); 4] = [
        ("number", Arc::new(number)),
        ("city", Arc::new(city)),
        ("flag", Arc::new(flag)),
        ("y", Arc::new(target)),
    ];
    let columns = columns
        .into_iter()
        .map(|(name, column)| (name, column, true));
    let table = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let job = Job::in_memory(r#"{"target": "y", "rounds": 3, "depth": 3}"#).unwrap();
    let fitted =
        testing::fit::<Trainer>(&job.with_table("table", table.schema(), vec![table.clone()]));
    (fitted.unwrap().step.save(), table)
});

proptest! {
    /// The layout is walked without bounds checks, so whatever a state holds has to be checked when it is loaded.
    #[test]
    fn a_state_of_any_bytes_is_refused_or_scores(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let (state, table) = &*MODEL;
        let mut state = state.clone();
        for (at, byte) in changes {
            let at = at.index(state.len());
            state[at] = byte;
        }
        if let Ok(step) = Step::load(&state)
            && let Ok(scored) = testing::score(&step, table)
        {
            prop_assert_eq!(scored.num_rows(), table.num_rows());
        }
    }
}

#[test]
fn a_model_of_no_trees_is_its_base() {
    let forest = Forest::new(1, 2.5, &[]).unwrap();
    assert_eq!(
        bits(&laid_out(&forest, &[vec![1.0], vec![f64::NAN]], 1)),
        bits(&[2.5, 2.5])
    );
    let other = Node::Split {
        feature: 1,
        at: 0.0,
        missing_right: false,
        left: 1,
    };
    let leaf = Node::Leaf { value: 1.0 };
    let tree = Tree::new(vec![other, leaf, leaf]).unwrap();
    assert!(
        Forest::new(1, 0.0, &[tree])
            .unwrap_err()
            .contains("feature 1 of 1")
    );
}

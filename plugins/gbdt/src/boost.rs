//! Boosting: tree after tree, each fitted to what those before it left.

use crate::binned::Binned;
use crate::cuts::MISSING;
use crate::grow::{Ground, Grower, Grown};
use crate::objective::{Objective, Target};
use crate::sample::Sampler;
use crate::split::Limits;
use crate::tree::Tree;

/// How a model is fitted.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// What is minimised.
    pub objective: Objective,
    /// The most trees.
    pub rounds: usize,
    /// What bounds each tree.
    pub limits: Limits,
    /// The share of rows that each tree is grown from.
    pub subsample: f64,
    /// The share of features that each tree may use.
    pub colsample: f64,
    /// What decides which rows and features those are.
    pub seed: u64,
    /// After how many rounds in which the loss on the validation table did not reach a new low to stop.
    pub patience: Option<usize>,
}

/// Rows with their target.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a> {
    /// The bins of their features.
    pub table: &'a Binned,
    /// Their target.
    pub target: Target<'a>,
}

/// The losses after a round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Round {
    /// How many trees there are.
    pub trees: usize,
    /// On the rows that were learnt from.
    pub train: f64,
    /// On the validation rows, if there are any.
    pub validation: Option<f64>,
}

/// What a feature contributed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Contribution {
    /// The sum of its splits' gains.
    pub gain: f64,
    /// How many splits use it.
    pub splits: u64,
}

/// A fitted model.
#[derive(Debug)]
pub struct Fit {
    /// What every sum begins with.
    pub base: f64,
    /// The trees that are kept, over values.
    pub trees: Vec<Tree<f64>>,
    /// What each feature contributed to them.
    pub contributions: Vec<Contribution>,
    /// The losses after each round, those behind the last kept tree too.
    pub rounds: Vec<Round>,
}

/// Fits a model; `on_round` hears of each round as it ends.
pub fn fit(
    settings: &Settings,
    train: &Examples<'_>,
    validation: Option<&Examples<'_>>,
    mut on_round: impl FnMut(&Round),
) -> Fit {
    let objective = settings.objective;
    let base = objective.base(&train.target);
    let mut sums = vec![base; train.table.rows()];
    let mut gradients = vec![[0.0; 2]; train.table.rows()];
    let mut watch = validation.map(|examples| Watch {
        examples,
        sums: vec![base; examples.table.rows()],
    });
    let mut grower = Grower::new(train.table, settings.limits);
    let mut grown: Vec<Grown> = Vec::new();
    let mut rounds: Vec<Round> = Vec::new();
    let mut best = (f64::INFINITY, 0);
    objective.pass(&train.target, &sums, &mut gradients);
    for round in 0..settings.rounds {
        let tree = grow(settings, round as u64, train, &mut grower, &gradients);
        settle(settings, train.table, &grower, &tree, &mut sums);
        let train = objective.pass(&train.target, &sums, &mut gradients);
        let validation = watch.as_mut().map(|watch| watch.add(&tree.tree, objective));
        grown.push(tree);
        rounds.push(Round {
            trees: round + 1,
            train,
            validation,
        });
        on_round(&rounds[round]);
        let (Some(patience), Some(loss)) = (settings.patience, validation) else {
            best.1 = round + 1;
            continue;
        };
        if loss < best.0 {
            best = (loss, round + 1);
        } else if round + 1 - best.1 >= patience {
            break;
        }
    }
    grown.truncate(best.1);
    let mut contributions = vec![Contribution::default(); train.table.cuts().len()];
    for (feature, gain) in grown.iter().flat_map(|grown| &grown.splits) {
        contributions[*feature].gain += gain;
        contributions[*feature].splits += 1;
    }
    let cuts = train.table.cuts();
    let least = |feature: u32, bin: &u8| cuts[feature as usize].least(*bin);
    Fit {
        base,
        trees: grown.iter().map(|grown| grown.tree.map(least)).collect(),
        contributions,
        rounds,
    }
}

/// The tree of a round, grown from the rows and features that chance gives it.
fn grow(
    settings: &Settings,
    round: u64,
    train: &Examples<'_>,
    grower: &mut Grower<'_>,
    gradients: &[[f32; 2]],
) -> Grown {
    let features =
        Sampler::new(settings.seed, round, 1).some_of(train.table.cuts().len(), settings.colsample);
    let ground = Ground {
        features: &features,
        gradients,
    };
    // A table has no more rows than fit into 32 bits.
    let all = 0..train.table.rows() as u32;
    if settings.subsample < 1.0 {
        let sampler = Sampler::new(settings.seed, round, 0);
        let rows = all.filter(|row| sampler.has(u64::from(*row), settings.subsample));
        grower.grow(rows, &ground)
    } else {
        grower.grow(all, &ground)
    }
}

/// Adds a tree to the sums of the rows that were learnt from.
fn settle(
    settings: &Settings,
    table: &Binned,
    grower: &Grower<'_>,
    grown: &Grown,
    sums: &mut [f64],
) {
    if settings.subsample < 1.0 {
        add(table, &grown.tree, sums);
        return;
    }
    // Every row lies with its leaf already.
    for (rows, value) in &grown.leaves {
        for row in &grower.rows()[rows.clone()] {
            sums[*row as usize] += value;
        }
    }
}

/// Adds a tree to the sums of a table's rows.
fn add(table: &Binned, tree: &Tree<u8>, sums: &mut [f64]) {
    for (row, sum) in sums.iter_mut().enumerate() {
        *sum += tree.walk(|feature, least, missing_right| {
            let bin = table.bin(row, feature as usize);
            (bin >= *least) | (missing_right & (bin == MISSING))
        });
    }
}

/// The validation rows as training goes on.
struct Watch<'a> {
    examples: &'a Examples<'a>,
    sums: Vec<f64>,
}

impl Watch<'_> {
    /// Takes a tree along, and answers with the loss.
    fn add(&mut self, tree: &Tree<u8>, objective: Objective) -> f64 {
        add(self.examples.table, tree, &mut self.sums);
        objective.loss(&self.examples.target, &self.sums)
    }
}

//! The order in which stages can run, and the cycles that stand against one.

use std::collections::BTreeMap;

use super::graph;
use super::resolve::Resolver;
use super::resolved::{Input, Spot, Stage};
use crate::diagnostic::{Problem, Text};

impl Resolver {
    /// Brings the stages into an order in which they can run; cycles are noted.
    pub(super) fn order(&mut self, stages: &mut Vec<Stage>) {
        let position: BTreeMap<&str, usize> = stages
            .iter()
            .enumerate()
            .map(|(i, stage)| (stage.name.as_str(), i))
            .collect();
        let needs = |stage: &Stage| {
            stage
                .needs()
                .into_iter()
                .filter_map(|name| position.get(name).copied())
                .collect()
        };
        let needs: Vec<Vec<usize>> = stages.iter().map(needs).collect();
        match graph::order(&needs) {
            Ok(order) => {
                let mut slots: Vec<Option<Stage>> = stages.drain(..).map(Some).collect();
                stages.extend(order.into_iter().filter_map(|i| slots[i].take()));
            }
            Err(cycles) => {
                for cycle in cycles {
                    let problem = cycle_problem(&self.reader.text, stages, &cycle);
                    self.reader.problems.push(problem);
                }
            }
        }
    }
}

/// Shows a cycle at the input by which its first stage waits for its last; the other inputs are pointed at too.
fn cycle_problem(text: &Text, stages: &[Stage], cycle: &[usize]) -> Problem {
    let name = |position: usize| stages[cycle[position % cycle.len()]].name.as_str();
    let chain: Vec<_> = (0..=cycle.len()).map(name).collect();
    let message = format!("these stages wait for one another: {}", chain.join(" -> "));
    let help = "no stage can read, even through others, what is made from its own output";
    let mut problem = Problem::error("cycle", message).help(help);
    for (position, &stage) in cycle.iter().enumerate() {
        let before = name(position + cycle.len() - 1);
        let waits = |input: &&Input| input.reference.stage() == Some(before);
        // What is no input is the model that the stage applies.
        let input = stages[stage].inputs.values().find(waits);
        let span = input.map_or_else(|| stages[stage].span(Spot::Model), |i| i.span.clone());
        let label = format!("{} waits for {before}", stages[stage].name);
        problem = match position {
            0 => problem.at(text, span).labelled(label),
            _ => problem.related(span, label),
        };
    }
    problem
}

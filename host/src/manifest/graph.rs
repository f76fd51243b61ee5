//! The order of stages: each after those it reads from, otherwise as the file has them.

/// Stages that wait for one another: each reads from the one before it, and the first from the last.
pub(super) type Cycle = Vec<usize>;

/// The topological order of the stages `0..needs.len()`, where `needs[i]` lists what stage `i` reads from. Among stages that
/// could come next the smallest number does. Fails with the cycles, no two of which share a stage.
pub(super) fn order(needs: &[Vec<usize>]) -> Result<Vec<usize>, Vec<Cycle>> {
    let mut done = vec![false; needs.len()];
    let mut order = Vec::with_capacity(needs.len());
    let mut cycles = Vec::new();
    while done.contains(&false) {
        let ready = |&stage: &usize| !done[stage] && needs[stage].iter().all(|&need| done[need]);
        let next = (0..needs.len()).find(ready);
        match next {
            Some(stage) => {
                done[stage] = true;
                order.push(stage);
            }
            None => {
                let cycle = cycle(needs, &done);
                cycle.iter().for_each(|&stage| done[stage] = true);
                cycles.push(cycle);
            }
        }
    }
    if cycles.is_empty() {
        Ok(order)
    } else {
        Err(cycles)
    }
}

/// A cycle among the stages not done, given that each of them waits for another one: whoever goes from need to need comes to a
/// stage again. It starts with its smallest number.
fn cycle(needs: &[Vec<usize>], done: &[bool]) -> Cycle {
    let waiting = |stage: usize| needs[stage].iter().copied().find(|&need| !done[need]);
    let mut path: Vec<usize> = Vec::new();
    let mut stage = done.iter().position(|done| !done).expect("a stage is left");
    while !path.contains(&stage) {
        path.push(stage);
        stage = waiting(stage).expect("each stage left waits for another one");
    }
    let start = path
        .iter()
        .position(|&seen| seen == stage)
        .expect("the path holds it");
    let mut cycle = path.split_off(start);
    cycle.reverse();
    let smallest = cycle
        .iter()
        .enumerate()
        .min_by_key(|(_, stage)| **stage)
        .map_or(0, |(position, _)| position);
    cycle.rotate_left(smallest);
    cycle
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_file_decides_where_it_may() {
        assert_eq!(order(&[vec![], vec![], vec![]]), Ok(vec![0, 1, 2]));
        assert_eq!(order(&[vec![2], vec![], vec![]]), Ok(vec![1, 2, 0]));
        assert_eq!(order(&[vec![1, 2], vec![2], vec![]]), Ok(vec![2, 1, 0]));
    }

    #[test]
    fn cycles_are_found_each_once() {
        assert_eq!(order(&[vec![0]]), Err(vec![vec![0]]));
        // 0 reads from 2, 2 from 1, 1 from 0: data flows 0, 1, 2, 0. Stage 3 only hangs behind.
        assert_eq!(
            order(&[vec![2], vec![0], vec![1], vec![0]]),
            Err(vec![vec![0, 1, 2]])
        );
        assert_eq!(
            order(&[vec![1], vec![0], vec![3], vec![2]]),
            Err(vec![vec![0, 1], vec![2, 3]])
        );
    }

    proptest! {
        #[test]
        fn orders_are_topological_and_cycles_real(needs in (1usize..9).prop_flat_map(|n| {
            prop::collection::vec(prop::collection::vec(0..n, 0..3), n)
        })) {
            match order(&needs) {
                Ok(order) => {
                    let place = |stage| order.iter().position(|&other| other == stage).unwrap();
                    prop_assert_eq!(order.len(), needs.len());
                    for (stage, needs) in needs.iter().enumerate() {
                        prop_assert!(needs.iter().all(|&need| place(need) < place(stage)));
                    }
                }
                Err(cycles) => for cycle in cycles {
                    for (i, stage) in cycle.iter().enumerate() {
                        prop_assert!(needs[cycle[(i + 1) % cycle.len()]].contains(stage));
                    }
                },
            }
        }
    }
}

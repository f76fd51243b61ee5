//! Where the nodes of a graph go: layers by the longest path, few crossings, short edges.
//!
//! The usual steps: an edge over several layers gets an invisible item in each layer between; items are ordered by the mean of
//! their neighbours; then each layer is moved, in its order, as near to its neighbours as the widths allow.

/// Room between neighbours in a layer.
const GAP: f64 = 18.0;
/// Room between layers, for the edges.
const BETWEEN: f64 = 36.0;
/// Room around everything.
const MARGIN: f64 = 6.0;
/// How often the order is improved.
const SWEEPS: usize = 12;
/// How often the places are improved.
const MOVES: usize = 200;
/// The most invisible items; further edges go straight.
const MOST_BENDS: usize = 3000;

/// A node's middle and size.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place {
    /// The middle.
    pub x: f64,
    /// The middle.
    pub y: f64,
    /// The size.
    pub width: f64,
    /// The size.
    pub height: f64,
}

/// A drawing.
#[derive(Debug)]
pub struct Layout {
    /// The nodes, in the order given.
    pub places: Vec<Place>,
    /// The edges, in the order given.
    pub edges: Vec<Edge>,
    /// The width of the whole.
    pub width: f64,
    /// The height of the whole.
    pub height: f64,
}

/// An edge: from where, to where, and between them a place in each layer that it passes.
pub type Edge = (usize, usize, Vec<(f64, f64)>);

/// A node, or a bend of an edge.
struct Item {
    layer: usize,
    width: f64,
    above: Vec<usize>,
    below: Vec<usize>,
    x: f64,
}

/// Places nodes of the sizes given below all that they need. A node needs only earlier ones.
pub fn layout(sizes: &[(f64, f64)], edges: &[(usize, usize)]) -> Layout {
    let layer_of = layers(sizes.len(), edges);
    let mut items: Vec<Item> = (layer_of.iter().zip(sizes))
        .map(|(layer, (width, _))| item(*layer, *width))
        .collect();
    let bends: Vec<Vec<usize>> = edges
        .iter()
        .map(|edge| connect(&mut items, *edge, sizes.len()))
        .collect();

    let mut rows = vec![Vec::new(); layer_of.iter().max().map_or(0, |last| last + 1)];
    for (i, item) in items.iter().enumerate() {
        rows[item.layer].push(i);
    }
    order(&items, &mut rows);
    place(&mut items, &rows);

    let heights = heights(&layer_of, sizes, rows.len());
    drawing(&items, sizes, edges, &bends, &heights)
}

fn item(layer: usize, width: f64) -> Item {
    Item {
        layer,
        width,
        above: Vec::new(),
        below: Vec::new(),
        x: 0.0,
    }
}

/// The length of the longest path to each node.
pub fn layers(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut needs = vec![Vec::new(); nodes];
    for (from, to) in edges {
        needs[*to].push(*from);
    }
    let mut layers: Vec<usize> = Vec::with_capacity(nodes);
    for needs in needs {
        layers.push(needs.iter().map(|n| layers[*n] + 1).max().unwrap_or(0));
    }
    layers
}

/// Joins both ends of an edge, over a bend in each layer between them.
fn connect(items: &mut Vec<Item>, (from, to): (usize, usize), nodes: usize) -> Vec<usize> {
    let (first, last) = (items[from].layer, items[to].layer);
    let mut bends = Vec::new();
    let mut previous = from;
    if items.len() - nodes + (last - first) <= MOST_BENDS {
        for layer in first + 1..last {
            let bend = items.len();
            items.push(item(layer, 0.0));
            join(items, previous, bend);
            bends.push(bend);
            previous = bend;
        }
    }
    join(items, previous, to);
    bends
}

fn join(items: &mut [Item], from: usize, to: usize) {
    items[from].below.push(to);
    items[to].above.push(from);
}

/// Orders each layer by the mean place of its neighbours, down and up, and keeps the best of all sweeps.
fn order(items: &[Item], rows: &mut Vec<Vec<usize>>) {
    let mut best = (crossings(items, rows), rows.clone());
    let mut at = positions(items.len(), rows);
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        for step in 0..rows.len() {
            let row = if down { step } else { rows.len() - 1 - step };
            let mean = |i: usize| {
                let item = &items[i];
                let near = if down { &item.above } else { &item.below };
                mean(near.iter().map(|n| at[*n])).unwrap_or(at[i])
            };
            let mut keyed: Vec<_> = rows[row].iter().map(|i| (mean(*i), *i)).collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            rows[row] = keyed.into_iter().map(|(_, i)| i).collect();
            note_positions(&mut at, &rows[row]);
        }
        let crossings = crossings(items, rows);
        if crossings < best.0 {
            best = (crossings, rows.clone());
        }
    }
    *rows = best.1;
}

fn positions(items: usize, rows: &[Vec<usize>]) -> Vec<f64> {
    let mut at = vec![0.0; items];
    for row in rows {
        note_positions(&mut at, row);
    }
    at
}

/// Positions go from 0 to 1, so that layers of different lengths compare.
fn note_positions(at: &mut [f64], row: &[usize]) {
    for (position, i) in row.iter().enumerate() {
        at[*i] = (position as f64 + 0.5) / row.len() as f64;
    }
}

/// How many pairs of edges cross.
fn crossings(items: &[Item], rows: &[Vec<usize>]) -> usize {
    let at = positions(items.len(), rows);
    let mut count = 0;
    for row in rows {
        let ends: Vec<(f64, f64)> = row
            .iter()
            .flat_map(|i| items[*i].below.iter().map(|b| (at[*i], at[*b])))
            .collect();
        for (i, a) in ends.iter().enumerate() {
            count += ends[i + 1..]
                .iter()
                .filter(|b| (a.0 - b.0) * (a.1 - b.1) < 0.0)
                .count();
        }
    }
    count
}

/// Moves the layers, down and up, and at last between both neighbours.
fn place(items: &mut [Item], rows: &[Vec<usize>]) {
    for row in rows {
        let wanted = vec![0.0; row.len()];
        put(items, row, &wanted);
    }
    for sweep in 0..MOVES {
        for step in 0..rows.len() {
            let down = sweep % 2 == 0;
            let row = &rows[if down { step } else { rows.len() - 1 - step }];
            let wanted: Vec<f64> = row.iter().map(|i| wanted(items, *i, sweep)).collect();
            put(items, row, &wanted);
        }
    }
}

/// Where an item would like to be: first at the mean of those above or below, later of both.
fn wanted(items: &[Item], i: usize, sweep: usize) -> f64 {
    let item = &items[i];
    let (above, below): (&[usize], &[usize]) = match sweep {
        s if s >= MOVES / 4 => (&item.above, &item.below),
        s if s % 2 == 0 => (&item.above, &[]),
        _ => (&[], &item.below),
    };
    mean(above.iter().chain(below).map(|n| items[*n].x)).unwrap_or(item.x)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(s, n), v| (s + v, n + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// The places in order, with their widths apart, that are nearest to the wanted ones by least squares: less the widths, that is
/// an isotonic regression, which pooling solves exactly.
fn put(items: &mut [Item], row: &[usize], wanted: &[f64]) {
    let mut offsets = Vec::with_capacity(row.len());
    let mut edge = 0.0;
    for i in row {
        offsets.push(edge + items[*i].width / 2.0);
        edge += items[*i].width + GAP;
    }
    // Each pool: the sum of the weights, the mean of its members, how many they are.
    let mut pools: Vec<(f64, f64, usize)> = Vec::new();
    for ((i, offset), wanted) in row.iter().zip(&offsets).zip(wanted) {
        // A bend weighs more, so that long edges are straight.
        let weight = if items[*i].width == 0.0 { 8.0 } else { 1.0 };
        let mut pool = (weight, wanted - offset, 1);
        while let Some(last) = pools.pop_if(|last| last.1 > pool.1) {
            let weight = last.0 + pool.0;
            let mean = (last.0 * last.1 + pool.0 * pool.1) / weight;
            pool = (weight, mean, last.2 + pool.2);
        }
        pools.push(pool);
    }
    let means = pools
        .iter()
        .flat_map(|(_, mean, count)| std::iter::repeat_n(*mean, *count));
    for ((i, offset), mean) in row.iter().zip(&offsets).zip(means) {
        items[*i].x = mean + offset;
    }
}

/// The height of each layer: of its highest node.
fn heights(layer_of: &[usize], sizes: &[(f64, f64)], layers: usize) -> Vec<f64> {
    let mut heights = vec![0.0_f64; layers];
    for (layer, (_, height)) in layer_of.iter().zip(sizes) {
        heights[*layer] = heights[*layer].max(*height);
    }
    heights
}

fn drawing(
    items: &[Item],
    sizes: &[(f64, f64)],
    edges: &[(usize, usize)],
    bends: &[Vec<usize>],
    heights: &[f64],
) -> Layout {
    let left = (items.iter().map(|i| i.x - i.width / 2.0)).fold(f64::INFINITY, f64::min);
    let right = (items.iter().map(|i| i.x + i.width / 2.0)).fold(f64::NEG_INFINITY, f64::max);
    let x = |item: &Item| item.x - left + MARGIN;

    let mut tops = Vec::with_capacity(heights.len());
    let mut bottom = MARGIN - BETWEEN;
    for height in heights {
        tops.push(bottom + BETWEEN);
        bottom += BETWEEN + height;
    }
    let places = items
        .iter()
        .zip(sizes)
        .map(|(item, (width, height))| Place {
            x: x(item),
            y: tops[item.layer] + heights[item.layer] / 2.0,
            width: *width,
            height: *height,
        });
    let bend = |bend: &usize| {
        let layer = items[*bend].layer;
        (x(&items[*bend]), tops[layer] + heights[layer] / 2.0)
    };
    let edges = edges
        .iter()
        .zip(bends)
        .map(|((from, to), bends)| (*from, *to, bends.iter().map(bend).collect()));
    Layout {
        places: places.collect(),
        edges: edges.collect(),
        width: (right - left).max(0.0) + 2.0 * MARGIN,
        height: bottom.max(0.0) + MARGIN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn layers_follow_the_longest_path() {
        let edges = [(0, 1), (1, 2), (0, 3), (2, 3), (0, 4)];
        assert_eq!(layers(6, &edges), [0, 1, 2, 3, 1, 0]);
    }

    #[test]
    fn nothing_has_a_layout() {
        let layout = layout(&[], &[]);
        assert!(layout.width.is_finite() && layout.height.is_finite());
    }

    #[test]
    fn a_chain_is_straight() {
        let layout = layout(&[(80.0, 40.0); 4], &[(0, 1), (1, 2), (2, 3)]);
        assert!(layout.places.iter().all(|p| p.x == layout.places[0].x));
    }

    #[test]
    fn a_crossing_that_need_not_be_is_not() {
        let layout = layout(&[(80.0, 40.0); 4], &[(0, 3), (1, 2)]);
        let x: Vec<f64> = layout.places.iter().map(|p| p.x).collect();
        assert_eq!(x[0] < x[1], x[3] < x[2]);
    }

    type Graph = (Vec<(f64, f64)>, Vec<(usize, usize)>);

    fn graphs() -> impl Strategy<Value = Graph> {
        let sizes = prop::collection::vec((20.0..200.0, 20.0..60.0), 2..30);
        sizes.prop_flat_map(|sizes| {
            let n = sizes.len();
            let edge = (1..n).prop_flat_map(|to| (0..to, Just(to)));
            (Just(sizes), prop::collection::vec(edge, 0..60))
        })
    }

    proptest! {
        #[test]
        fn nodes_never_overlap_and_edges_go_down((sizes, edges) in graphs()) {
            let layout = layout(&sizes, &edges);
            for (i, a) in layout.places.iter().enumerate() {
                prop_assert!(a.x - a.width / 2.0 >= 0.0 && a.x + a.width / 2.0 <= layout.width);
                prop_assert!(a.y - a.height / 2.0 >= 0.0 && a.y + a.height / 2.0 <= layout.height);
                for b in &layout.places[i + 1..] {
                    let apart_x = (a.x - b.x).abs() >= (a.width + b.width) / 2.0;
                    let apart_y = (a.y - b.y).abs() >= (a.height + b.height) / 2.0;
                    prop_assert!(apart_x || apart_y);
                }
            }
            for (from, to, _) in &layout.edges {
                prop_assert!(layout.places[*from].y < layout.places[*to].y);
            }
        }
    }
}

//! Places the nodes and edges of a graph: in layers, from the first node downwards.
//!
//! After K. Sugiyama, S. Tagawa and M. Toda, "Methods for Visual Understanding of Hierarchical System Structures" (IEEE Transactions on
//! Systems, Man, and Cybernetics, 1981): edges that lead back are turned round, long edges get a bend in each layer, a label is a bend
//! with a size, and the order in each layer follows from the middle of the neighbours.

/// The least distance between two things beside each other.
const GAP: f64 = 26.0;
/// The distance between two layers.
const BETWEEN: f64 = 22.0;
/// How often orders and places are improved.
const ROUNDS: usize = 12;

/// A box to be placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Size {
    pub(super) width: f64,
    pub(super) height: f64,
}

/// An edge between two boxes, by their numbers; they may be the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// The room for its label.
    pub(super) label: Size,
}

/// A point.
pub(super) type At = (f64, f64);

/// Where everything is.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) width: f64,
    pub(super) height: f64,
    /// The middle of each box.
    pub(super) boxes: Vec<At>,
    /// For each edge the points on its way, and the upper left corner of its label.
    pub(super) arrows: Vec<(Vec<At>, At)>,
}

/// One thing in a layer.
struct Item {
    size: Size,
    /// How far the line lies right of its left edge.
    line: f64,
    layer: usize,
    x: f64,
    above: Vec<usize>,
    below: Vec<usize>,
}

/// Places boxes and edges; the first box is at the top. O((n + bends)²) at worst, for each of a fixed number of rounds.
pub(super) fn place(sizes: &[Size], arrows: &[Arrow]) -> Placed {
    let ranks = ranks(sizes.len(), arrows);
    let mut items: Vec<Item> = sizes
        .iter()
        .enumerate()
        .map(|(number, size)| {
            // The label of an edge from a box to itself stands beside the box.
            let loops = arrows.iter().filter(|arrow| arrow.from == number && arrow.to == number);
            let (beside, high) = loops.fold((0.0f64, 0.0), |(wide, high), arrow| {
                (wide.max(arrow.label.width), high + arrow.label.height)
            });
            let width = size.width + if beside > 0.0 { beside + LOOP } else { 0.0 };
            let size = Size { width, height: size.height.max(high) };
            Item {
                size,
                line: sizes[number].width / 2.0,
                layer: ranks[number] * 2,
                x: 0.0,
                above: Vec::new(),
                below: Vec::new(),
            }
        })
        .collect();
    let chains: Vec<Vec<usize>> = arrows.iter().map(|arrow| chain(&mut items, &ranks, arrow)).collect();
    let mut layers = layers(&items);
    order(&mut layers, &items);
    spread(&mut items, &layers);
    finished(sizes, arrows, &items, &layers, &chains)
}

/// How far the line of an edge from a box to itself bulges.
const LOOP: f64 = 26.0;

/// The layer of each box: at least one below every box that leads to it, without the edges that lead back.
fn ranks(boxes: usize, arrows: &[Arrow]) -> Vec<usize> {
    let mut out = vec![Vec::new(); boxes];
    for arrow in arrows.iter().filter(|arrow| arrow.from != arrow.to) {
        out[arrow.from].push(arrow.to);
    }
    // Depth first: an edge to a box that is still open leads back.
    let (mut state, mut finished, mut forward) = (vec![0u8; boxes], Vec::new(), vec![Vec::new(); boxes]);
    for start in 0..boxes {
        let mut open = vec![(start, 0)];
        while let Some((at, next)) = open.pop() {
            if next == 0 && state[at] != 0 {
                continue;
            }
            state[at] = 1;
            match out[at].get(next) {
                Some(&to) => {
                    open.push((at, next + 1));
                    if state[to] != 1 {
                        forward[at].push(to);
                        if state[to] == 0 {
                            open.push((to, 0));
                        }
                    }
                }
                None => {
                    state[at] = 2;
                    finished.push(at);
                }
            }
        }
    }
    let mut ranks = vec![0; boxes];
    for &at in finished.iter().rev() {
        for &to in &forward[at] {
            ranks[to] = ranks[to].max(ranks[at] + 1);
        }
    }
    ranks
}

/// Adds the bends of an edge, from its upper box to its lower one; nothing for one from a box to itself.
fn chain(items: &mut Vec<Item>, ranks: &[usize], arrow: &Arrow) -> Vec<usize> {
    if arrow.from == arrow.to {
        return Vec::new();
    }
    let is_back = ranks[arrow.from] > ranks[arrow.to];
    let (upper, lower) = if is_back { (arrow.to, arrow.from) } else { (arrow.from, arrow.to) };
    let (first, last) = (ranks[upper] * 2 + 1, ranks[lower] * 2);
    let middle = ((first + last) / 2) | 1;
    let mut chain = vec![upper];
    for layer in first..last {
        let (size, line) = match layer == middle {
            true => (arrow.label, 0.0),
            false => (Size { width: 0.0, height: 0.0 }, 0.0),
        };
        items.push(Item { size, line, layer, x: 0.0, above: Vec::new(), below: Vec::new() });
        chain.push(items.len() - 1);
    }
    chain.push(lower);
    for pair in chain.windows(2) {
        items[pair[0]].below.push(pair[1]);
        items[pair[1]].above.push(pair[0]);
    }
    chain
}

fn layers(items: &[Item]) -> Vec<Vec<usize>> {
    let deepest = items.iter().map(|item| item.layer).max().unwrap_or(0);
    let mut layers = vec![Vec::new(); deepest + 1];
    for (number, item) in items.iter().enumerate() {
        layers[item.layer].push(number);
    }
    layers
}

/// Orders each layer by the middle of the neighbours in the layer before it, down and up again; the order with the fewest crossings wins.
fn order(layers: &mut Vec<Vec<usize>>, items: &[Item]) {
    let mut best = (crossings(layers, items), layers.clone());
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        let turns: Vec<usize> = if down {
            (1..layers.len()).collect()
        } else {
            (0..layers.len().saturating_sub(1)).rev().collect()
        };
        for at in turns {
            let before = places(&layers[if down { at - 1 } else { at + 1 }], items.len());
            let middle = |item: usize, own: usize| {
                let neighbours = if down { &items[item].above } else { &items[item].below };
                let sum: usize = neighbours.iter().map(|neighbour| before[*neighbour]).sum();
                if neighbours.is_empty() { own as f64 } else { sum as f64 / neighbours.len() as f64 }
            };
            let mut keyed: Vec<(f64, usize)> =
                layers[at].iter().enumerate().map(|(own, item)| (middle(*item, own), *item)).collect();
            keyed.sort_by(|one, other| one.0.total_cmp(&other.0));
            layers[at] = keyed.into_iter().map(|(_, item)| item).collect();
        }
        let found = crossings(layers, items);
        if found < best.0 {
            best = (found, layers.clone());
        }
    }
    *layers = best.1;
}

fn places(layer: &[usize], items: usize) -> Vec<usize> {
    let mut places = vec![0; items];
    layer.iter().enumerate().for_each(|(place, item)| places[*item] = place);
    places
}

fn crossings(layers: &[Vec<usize>], items: &[Item]) -> usize {
    let mut found = 0;
    for pair in layers.windows(2) {
        let below = places(&pair[1], items.len());
        let ends: Vec<(usize, usize)> = pair[0]
            .iter()
            .enumerate()
            .flat_map(|(place, item)| items[*item].below.iter().map(move |to| (place, *to)))
            .map(|(place, to)| (place, below[to]))
            .collect();
        for (i, one) in ends.iter().enumerate() {
            found += ends[i + 1..].iter().filter(|other| one.0 < other.0 && one.1 > other.1).count();
        }
    }
    found
}

/// Places each layer as near below, and above, its neighbours as its order and the distances allow.
fn spread(items: &mut [Item], layers: &[Vec<usize>]) {
    for layer in layers {
        let mut x = 0.0;
        for &item in layer {
            items[item].x = x;
            x += items[item].size.width + GAP;
        }
    }
    for round in 0..ROUNDS {
        let down = round % 2 == 0;
        let turns: Vec<usize> =
            if down { (0..layers.len()).collect() } else { (0..layers.len()).rev().collect() };
        for at in turns {
            let line = |item: usize| items[item].x + items[item].line;
            let wanted: Vec<f64> = layers[at]
                .iter()
                .map(|&item| {
                    let (above, below) = (&items[item].above, &items[item].below);
                    let toward = match (above.is_empty(), below.is_empty(), down) {
                        (true, true, _) => return items[item].x,
                        (false, true, _) | (false, false, true) => above,
                        _ => below,
                    };
                    let sum: f64 = toward.iter().map(|neighbour| line(*neighbour)).sum();
                    sum / toward.len() as f64 - items[item].line
                })
                .collect();
            let widths: Vec<f64> = layers[at].iter().map(|item| items[*item].size.width + GAP).collect();
            for (&item, x) in layers[at].iter().zip(apart(&wanted, &widths)) {
                items[item].x = x;
            }
        }
    }
}

/// The places nearest to the wanted ones (least squares) at which nothing overlaps, in the same order.
fn apart(wanted: &[f64], widths: &[f64]) -> Vec<f64> {
    // Without the widths before each, the places only have to rise: neighbours that do not are one block at their mean.
    let (mut blocks, mut before) = (Vec::<(f64, usize)>::new(), 0.0);
    for (wanted, width) in wanted.iter().zip(widths) {
        let mut block = (wanted - before, 1);
        while let Some(last) = blocks.last().copied()
            && last.0 > block.0
        {
            let count = last.1 + block.1;
            block = ((last.0 * last.1 as f64 + block.0 * block.1 as f64) / count as f64, count);
            blocks.pop();
        }
        blocks.push(block);
        before += width;
    }
    let mut before = 0.0;
    let means = blocks.iter().flat_map(|(mean, count)| std::iter::repeat_n(*mean, *count));
    means
        .zip(widths)
        .map(|(mean, width)| {
            let x = mean + before;
            before += width;
            x
        })
        .collect()
}

fn finished(
    sizes: &[Size],
    arrows: &[Arrow],
    items: &[Item],
    layers: &[Vec<usize>],
    chains: &[Vec<usize>],
) -> Placed {
    let (mut top, mut middles, mut heights) = (0.0, Vec::new(), Vec::new());
    for layer in layers {
        let height = layer.iter().map(|item| items[*item].size.height).fold(0.0, f64::max);
        middles.push(top + height / 2.0);
        heights.push(height);
        top += height + BETWEEN;
    }
    let left = items.iter().map(|item| item.x).fold(f64::INFINITY, f64::min);
    let left = if left.is_finite() { left } else { 0.0 };
    let right = items.iter().map(|item| item.x + item.size.width).fold(left, f64::max);
    let at = |item: usize| (items[item].x + items[item].line - left, middles[items[item].layer]);
    let boxes: Vec<At> = (0..sizes.len()).map(at).collect();
    let (mut loops, mut drawn) = (vec![0.0; sizes.len()], vec![0; sizes.len()]);
    let loops_of =
        |number: usize| arrows.iter().filter(|arrow| arrow.from == number && arrow.to == number).count();
    let placed = arrows.iter().zip(chains).map(|(arrow, chain)| {
        if chain.is_empty() {
            let ((x, y), size) = (boxes[arrow.from], sizes[arrow.from]);
            let begin = y - items[arrow.from].size.height / 2.0 + loops[arrow.from];
            loops[arrow.from] += arrow.label.height;
            let middle = begin + arrow.label.height / 2.0;
            let side = x + size.width / 2.0;
            // Several such lines share the side of the box.
            let part = size.height / loops_of(arrow.from) as f64;
            let at = y - size.height / 2.0 + part * drawn[arrow.from] as f64;
            drawn[arrow.from] += 1;
            let (up, down) = (at + part * 0.25, at + part * 0.75);
            return (vec![(side, up), (side + LOOP - 4.0, middle), (side, down)], (side + LOOP, begin));
        }
        let is_back = chain[0] == arrow.to;
        let mut points = Vec::new();
        for (place, &item) in chain.iter().enumerate() {
            let (x, y) = at(item);
            if item < sizes.len() {
                let (upper, half) = (place == 0, sizes[item].height / 2.0);
                let port = port(items, item, chain[if upper { 1 } else { place - 1 }], sizes[item].width);
                points.push((x + port, if upper { y + half } else { y - half }));
            } else {
                let half = heights[items[item].layer] / 2.0;
                points.extend([(x, y - half), (x, y + half)]);
            }
        }
        let label = chain.iter().find(|item| **item >= sizes.len() && items[**item].size.width > 0.0);
        let label =
            label.map(|item| (at(*item).0, at(*item).1 - items[*item].size.height / 2.0)).unwrap_or_default();
        if is_back {
            points.reverse();
        }
        (points, label)
    });
    let arrows = placed.collect();
    Placed { width: right - left, height: (top - BETWEEN).max(0.0), boxes, arrows }
}

/// How far from the middle of a box a line begins: the lines of one side stand beside each other, in the order of where they lead.
fn port(items: &[Item], of: usize, neighbour: usize, width: f64) -> f64 {
    let side = if items[neighbour].layer > items[of].layer { &items[of].below } else { &items[of].above };
    let mut order: Vec<usize> = side.clone();
    order.sort_by(|one, other| {
        (items[*one].x + items[*one].line).total_cmp(&(items[*other].x + items[*other].line))
    });
    let place = order.iter().position(|item| *item == neighbour).unwrap_or(0);
    let step = ((width - 16.0) / order.len() as f64).min(22.0);
    (place as f64 - (order.len() - 1) as f64 / 2.0) * step
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn graphs() -> impl Strategy<Value = (Vec<Size>, Vec<Arrow>)> {
        (1usize..14).prop_flat_map(|boxes| {
            let size = (10.0..90.0, 10.0..40.0).prop_map(|(width, height)| Size { width, height });
            let arrow =
                (0..boxes, 0..boxes, size.clone()).prop_map(|(from, to, label)| Arrow { from, to, label });
            (prop::collection::vec(size, boxes), prop::collection::vec(arrow, 0..30))
        })
    }

    proptest! {
        #[test]
        fn nothing_overlaps_and_everything_is_inside((sizes, arrows) in graphs()) {
            let placed = place(&sizes, &arrows);
            let mut areas: Vec<(f64, f64, f64, f64)> = placed
                .boxes
                .iter()
                .zip(&sizes)
                .map(|((x, y), size)| (x - size.width / 2.0, y - size.height / 2.0, size.width, size.height))
                .collect();
            areas.extend(placed.arrows.iter().zip(&arrows).map(|((_, (x, y)), arrow)| (*x, *y, arrow.label.width, arrow.label.height)));
            for (i, one) in areas.iter().enumerate() {
                let slack = 1e-6;
                prop_assert!(one.0 > -slack && one.1 > -slack, "{one:?}");
                prop_assert!(one.0 + one.2 < placed.width + slack && one.1 + one.3 < placed.height + slack, "{one:?} in {placed:?}");
                for other in &areas[i + 1..] {
                    let apart = one.0 + one.2 <= other.0 + slack
                        || other.0 + other.2 <= one.0 + slack
                        || one.1 + one.3 <= other.1 + slack
                        || other.1 + other.3 <= one.1 + slack;
                    prop_assert!(apart, "{one:?} and {other:?}");
                }
            }
            // Each line begins and ends at the edge of its boxes.
            for ((points, _), arrow) in placed.arrows.iter().zip(&arrows) {
                for (point, number) in [(points[0], arrow.from), (points[points.len() - 1], arrow.to)] {
                    let ((x, y), size) = (placed.boxes[number], sizes[number]);
                    prop_assert!((point.0 - x).abs() <= size.width / 2.0 + 1e-6, "{point:?} at {number}");
                    prop_assert!((point.1 - y).abs() <= size.height / 2.0 + 1e-6, "{point:?} at {number}");
                }
            }
        }

        #[test]
        fn places_are_as_near_as_can_be(wanted in prop::collection::vec(-50.0..50.0, 1..7)) {
            let widths = vec![10.0; wanted.len()];
            let found = apart(&wanted, &widths);
            let cost = |x: &[f64]| x.iter().zip(&wanted).map(|(x, w): (&f64, &f64)| (x - w).powi(2)).sum::<f64>();
            prop_assert!(found.windows(2).all(|pair| pair[1] - pair[0] >= 10.0 - 1e-9));
            // Moving any run of them a little is no better, unless it makes them overlap.
            for from in 0..found.len() {
                for to in from + 1..=found.len() {
                    for by in [-0.1, 0.1] {
                        let mut moved = found.clone();
                        moved[from..to].iter_mut().for_each(|x| *x += by);
                        let fits = moved.windows(2).all(|pair| pair[1] - pair[0] >= 10.0 - 1e-9);
                        prop_assert!(!fits || cost(&moved) >= cost(&found) - 1e-9, "{found:?} {moved:?}");
                    }
                }
            }
        }
    }
}

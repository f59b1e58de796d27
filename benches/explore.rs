//! States explored in a second, of the models that peers are measured on in `benches/peers` (bin `explore`).

#[path = "../tests/models/grid.rs"]
mod grid;
#[path = "../tests/models/reserve.rs"]
mod reserve;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use grid::Grid;
use leftfold::check::explore;
use reserve::Reserve;
use std::hint::black_box;

const STATES_OF_TWO: u64 = 14_288;
const SIDE: u16 = 300;

fn reserve_of_two(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("reserve of two customers");
    group.throughput(Throughput::Elements(STATES_OF_TWO)).sample_size(20);
    let model = Reserve::of(2);
    let explored = || explore(black_box(&model), reserve::alphabet(2)).property(reserve::reserve_is_kept());
    group.bench_function("exact", |b| b.iter(|| explored().run().states));
    group.bench_function("exact, two threads", |b| b.iter(|| explored().threads(2).run().states));
    group.bench_function("compact", |b| b.iter(|| explored().compact().run().states));
    group.bench_function("states kept", |b| b.iter(|| explored().keep_states().run().states));
    let possible = || {
        leftfold::check::Property::always_possible("nobody is suspended", |state: &reserve::State| {
            !state.contracts.values().any(|contract| matches!(contract, reserve::Contract::Suspended { .. }))
        })
    };
    group.bench_function("exact, with what is always possible", |b| {
        b.iter(|| explored().property(possible()).run().states);
    });
    group.finish();
}

fn grid_of_counters(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("grid of two counters");
    group.throughput(Throughput::Elements(u64::from(SIDE) * u64::from(SIDE))).sample_size(20);
    let model = Grid { side: SIDE };
    let explored = || explore(black_box(&model), grid::alphabet).property(grid::inside(SIDE));
    group.bench_function("exact", |b| b.iter(|| explored().run().states));
    group.bench_function("states kept", |b| b.iter(|| explored().keep_states().run().states));
    group.finish();
}

criterion_group!(benches, reserve_of_two, grid_of_counters);
criterion_main!(benches);

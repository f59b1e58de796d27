//! A store in a stream keeps every promise of an event store: through one handle, and through two.

mod common;

mod one_door {
    use super::common::Servers;
    use leftfold::codec::Codec;
    use leftfold::conformance::Fact;
    use leftfold_nats::Nats;

    fn make() -> Nats<Fact> {
        let servers = Servers::shared(1);
        servers.options().open(&servers.url(), &servers.new_stream(), Codec::new().unwrap()).unwrap()
    }

    leftfold::conformance!(make);
}

mod two_doors {
    use super::common::Servers;
    use leftfold::codec::Codec;
    use leftfold::conformance::{Fact, TwoDoors};
    use leftfold_nats::{Freshness, Nats};

    fn make() -> TwoDoors<Nats<Fact>> {
        let servers = Servers::shared(3);
        let stream = servers.new_stream();
        let open = || {
            let options = servers.options().freshness(Freshness::Linearizable);
            options.open(&servers.url(), &stream, Codec::new().unwrap()).unwrap()
        };
        TwoDoors::new(open(), open())
    }

    leftfold::conformance!(make);
}

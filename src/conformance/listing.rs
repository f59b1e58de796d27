//! Streams and categories can be listed by name, and a stream has metadata.

use super::entries::{EntryContent, positions, shown};
use super::{Candidate, Fact, account, append, category, head, info, listed, named, opened};
use crate::recorded::{Headers, Position, Version};
use crate::store::{Batch, DESCRIBED, Field, Filter, Listing, Query, ReadError, StreamInfo, StreamState};

fn streams(store: &impl Candidate) {
    for stream in ["order-2", "shop-order-1", "order-10", "payment-1", "order", "order-1", "öl-1"] {
        append(store, Batch::to(&named(stream)).event(opened()));
    }
}

/// Streams are listed in the order of their names, by exact name or by prefix, with limit and offset.
pub fn streams_are_listed_by_name_or_prefix_in_order<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    assert_eq!(listed(&store, &Listing::all()), [""; 0], "an empty log has no streams");
    streams(&store);
    let all = ["order", "order-1", "order-10", "order-2", "payment-1", "shop-order-1", "öl-1"];
    assert_eq!(listed(&store, &Listing::all()), all, "all streams, in the order of their names");
    assert_eq!(listed(&store, &Listing::prefix("order-1")), ["order-1", "order-10"], "by prefix");
    assert_eq!(listed(&store, &Listing::prefix("ö")), ["öl-1"], "by prefix, with any character");
    assert_eq!(listed(&store, &Listing::prefix("nothing")), [""; 0], "a prefix of none");
    assert_eq!(listed(&store, &Listing::exactly("order-1")), ["order-1"], "by exact name");
    assert_eq!(listed(&store, &Listing::exactly("order-")), [""; 0], "an exact name is no prefix");
    let orders = || Listing::prefix("order");
    assert_eq!(listed(&store, &orders().limit(2)), ["order", "order-1"], "at most this many");
    assert_eq!(listed(&store, &orders().skip(1).limit(2)), ["order-1", "order-10"], "from an offset on");
    assert_eq!(listed(&store, &orders().skip(3)), ["order-2"], "an offset without a limit");
    assert_eq!(listed(&store, &orders().skip(9)), [""; 0], "an offset after the last");
    assert_eq!(listed(&store, &orders().limit(0)), [""; 0], "at most none");
    assert_eq!(
        listed(&store, &Listing::exactly("order").skip(1)),
        [""; 0],
        "an offset counts exact names too"
    );
}

/// Categories are listed in the order of their names, each once, by exact name or by prefix, with limit and offset.
pub fn categories_are_listed_by_name_or_prefix_in_order<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let categories =
        |listing: Listing| store.categories(&listing).expect("the store can list its categories");
    assert_eq!(categories(Listing::all()), [""; 0], "an empty log has no categories");
    streams(&store);
    assert_eq!(
        categories(Listing::all()),
        ["order", "payment", "shop", "öl"],
        "each category once, in order"
    );
    assert_eq!(categories(Listing::prefix("sho")), ["shop"], "by prefix");
    assert_eq!(categories(Listing::exactly("order")), ["order"], "by exact name");
    assert_eq!(categories(Listing::exactly("sho")), [""; 0], "an exact name is no prefix");
    assert_eq!(categories(Listing::all().skip(1).limit(2)), ["payment", "shop"], "with limit and offset");
}

/// Streams and categories are listed by a regular expression, together with a prefix, limit and offset.
pub fn streams_and_categories_are_listed_by_pattern<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    streams(&store);
    let listed = |listing: Listing, pattern: &str| {
        listed(&store, &listing.matching(pattern).expect("a regular expression"))
    };
    let all = Listing::all;
    assert_eq!(
        listed(all(), "^(order|payment)-[0-9]$"),
        ["order-1", "order-2", "payment-1"],
        "the whole name"
    );
    assert_eq!(listed(all(), "order-1"), ["order-1", "order-10", "shop-order-1"], "or a part of it");
    assert_eq!(listed(Listing::prefix("s"), "order"), ["shop-order-1"], "with a prefix");
    assert_eq!(listed(Listing::exactly("order"), "d"), ["order"], "with an exact name");
    assert_eq!(listed(Listing::exactly("order"), "x"), [""; 0], "which has to match too");
    assert_eq!(listed(all().skip(1).limit(1), "-1$"), ["payment-1"], "limit and offset count what matches");
    assert_eq!(listed(all().after("order-1"), "-1$"), ["payment-1", "shop-order-1", "öl-1"], "after a name");
    let categories = all().matching("^.{2}$").expect("a regular expression");
    assert_eq!(store.categories(&categories).expect("the store can list its categories"), ["öl"]);
}

/// Streams are listed by their metadata as it is now, and categories by that of their streams.
pub fn streams_and_categories_are_listed_by_metadata<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    streams(&store);
    for (stream, owner, size) in
        [("order-1", "alex", 3), ("order-1", "petra", 5), ("order-10", "petra", 7), ("note-1", "petra", 1)]
    {
        let headers = Headers::from([("owner".to_string(), owner.into()), ("size".to_string(), size.into())]);
        append(&store, Batch::to(&named(stream)).describe(headers));
    }
    let of = |filter: Filter| listed(&store, &Listing::all().filter(filter));
    let owner = || Filter::header("owner");
    assert_eq!(of(owner().equals("petra")), ["note-1", "order-1", "order-10"], "by a header");
    assert_eq!(of(owner().equals("alex")), [""; 0], "by the last metadata alone");
    assert_eq!(
        of(owner().differs_from("alex")),
        ["note-1", "order-1", "order-10"],
        "without metadata, none passes"
    );
    assert_eq!(of(Filter::header("size").more_than(4)), ["order-1", "order-10"], "by a number");
    assert_eq!(of(Filter::on(Field::Category).equals("shop")), ["shop-order-1"], "by the category");
    assert_eq!(of(Filter::on(Field::Type).equals("Opened")), [""; 0], "a stream has no type");
    let large = || {
        Listing::prefix("order").filter(owner().equals("petra")).filter(Filter::header("size").at_least(5))
    };
    assert_eq!(listed(&store, &large()), ["order-1", "order-10"], "all filters have to be passed");
    assert_eq!(listed(&store, &large().skip(1).limit(1)), ["order-10"], "limit and offset count what passes");
    let categories =
        |listing: &Listing| store.categories(listing).expect("the store can list its categories");
    assert_eq!(categories(&large()), ["order"], "each category once");
    let hers = Listing::all().filter(owner().equals("petra"));
    assert_eq!(categories(&hers), ["order"], "a stream without entries makes no category");
    let unlike = store.streams(&Listing::all().filter(owner().equals(5)));
    assert!(matches!(unlike, Err(ReadError::Unlike(_))), "unlike values are an error: {unlike:?}");
    let unlike = store.categories(&Listing::all().filter(owner().equals(5)));
    assert!(matches!(unlike, Err(ReadError::Unlike(_))), "unlike values are an error: {unlike:?}");
}

/// The information about a stream: its state, and the positions of its first and its last event.
pub fn what_is_known_of_a_stream_follows_its_events<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    let look = || store.stream(&petra).expect("the store can look up a stream");
    assert_eq!(look(), None, "a stream that was never written to is not known");
    append(&store, Batch::to(&account("alex")).event(opened()));
    assert_eq!(look(), None, "nor is it known because of another");
    append(&store, Batch::to(&petra).event(opened()));
    append(&store, Batch::to(&account("alex")).event(Fact::Closed));
    append(&store, Batch::to(&petra).events([Fact::Deposited(1), Fact::Closed]));
    append(&store, Batch::to(&account("alex")).event(opened()));
    let known = StreamInfo {
        name: petra.clone(),
        state: StreamState::At(Version::new(3)),
        first: Some(Position::new(2)),
        last: Some(Position::new(5)),
        metadata: Headers::default(),
    };
    assert_eq!(look(), Some(known.clone()), "state, first and last position follow from the events");
    let all = store.streams(&Listing::exactly(petra.as_str())).expect("the store can list its streams");
    assert_eq!(all, [known], "a list says the same");
}

/// New metadata of a stream replaces the old metadata, and is no event of the stream.
pub fn metadata_of_a_stream_is_replaced_and_is_no_event<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    let one = Headers::from([("owner".to_string(), "petra".into()), ("limit".to_string(), 5.into())]);
    let other = Headers::from([("closed".to_string(), true.into())]);
    append(&store, Batch::to(&petra).event(opened()).describe(one.clone()));
    assert_eq!(info(&store, &petra).metadata, one, "the stream has its metadata");
    let described = append(&store, Batch::to(&petra).describe(other.clone()));
    assert!(described.versions.is_empty(), "no stream has a new version");
    let known = info(&store, &petra);
    assert_eq!(known.metadata, other, "it replaces the old metadata as a whole");
    assert_eq!(
        (known.state, known.last),
        (StreamState::At(Version::new(1)), Some(Position::new(1))),
        "it is no event"
    );
    append(&store, Batch::to(&petra).expecting(Version::new(1)).event(Fact::Closed));
    assert_eq!(info(&store, &petra).metadata, other, "an event does not change it");
    assert_eq!(
        head(&store),
        4,
        "it has a position in the log, so that a repeat is found and a reader sees it in order"
    );
    for query in
        [Query::all(), Query::stream(&petra), category("account"), Query::of_types(["Opened", "Closed"])]
    {
        assert_eq!(positions(&store, &query), [1, 4], "reads do not show it: {query}");
    }
    let shown = shown(&store, Query::stream(&petra).types([DESCRIBED]));
    let whats: Vec<_> =
        shown.iter().map(|(at, what)| (at.position.get(), at.version.get(), what.clone())).collect();
    let described = [(2, 1, EntryContent::Described(one)), (3, 1, EntryContent::Described(other))];
    assert_eq!(whats, described, "unless they name its type, and then each as it was written");
    let after =
        Batch::to(&petra).event(Fact::Deposited(1)).fail_if_events_match(Query::all(), Position::new(4));
    append(&store, Batch::to(&account("alex")).describe(Headers::default()));
    append(&store, after);
}

/// A stream may be described before its first event. It is listed, and has no version yet.
pub fn a_stream_may_be_described_before_its_first_event<S: Candidate>(make: impl Fn() -> S) {
    let store = make();
    let petra = account("petra");
    let metadata = Headers::from([("owner".to_string(), "petra".into())]);
    append(&store, Batch::to(&petra).describe(metadata.clone()));
    let known =
        StreamInfo { name: petra.clone(), state: StreamState::Missing, first: None, last: None, metadata };
    assert_eq!(info(&store, &petra), known, "it is known by its metadata alone");
    assert_eq!(listed(&store, &Listing::all()), ["account-petra"], "and it is listed");
    append(&store, Batch::to(&petra).expecting(Version::NONE).event(opened()));
    assert_eq!(info(&store, &petra).first, Some(Position::new(2)), "its first event is its first");
}

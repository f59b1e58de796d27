//! A typed view of a category is a store of its own: it keeps the promises of one, and neither shows nor writes anything
//! outside of its category.

use leftfold::conformance::Fact;
use leftfold::recorded::{Position, StreamName, Tag, Version};
use leftfold::store::{
    AppendError, Batch, Conflict, Entry, EventReader, EventStore, ExpectedVersion, Listing, Memory, Query,
    QueryItem, ReadError, Reading, Typed,
};
use leftfold::sum;
use serde::{Deserialize, Serialize};
use std::ops::ControlFlow;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Order {
    Placed(u32),
    Shipped,
}

sum! {
    #[derive(Clone, Debug, PartialEq)]
    enum Shop { Account(Fact), Order(Order) }
}

type Accounts = Typed<Memory<Shop>, Shop, Fact>;

fn accounts() -> Accounts {
    Typed::new(Memory::new(), "account").unwrap()
}

/// Those promises that need no second category.
mod promises {
    use super::accounts;
    use leftfold::conformance::{
        appending, conditions, deleting, filtering, listing, reading, repeating, subscribing,
    };

    macro_rules! kept {
        ($($room:ident { $($promise:ident)* })*) => {
            $($(
                #[test]
                fn $promise() {
                    $room::$promise(accounts);
                }
            )*)*
        };
    }

    kept! {
        appending {
            an_event_is_read_back_as_it_was_appended
            positions_and_versions_count_from_one_without_a_gap
            a_batch_is_recorded_in_order_across_streams
            a_batch_is_recorded_whole_or_not_at_all
            a_batch_that_writes_nothing_is_refused
            events_without_ids_get_ids_of_their_own
            a_large_batch_is_read_back_whole
        }
        conditions {
            any_takes_every_stream_that_is_not_deleted
            a_stream_of_which_nothing_is_said_must_not_be_deleted
            no_stream_takes_a_stream_that_never_had_an_event
            stream_exists_takes_a_stream_with_events
            exactly_takes_a_stream_at_this_version
            a_stream_may_be_expected_without_being_written_to
            an_event_that_matches_refuses_the_batch
            only_events_after_the_position_refuse_the_batch
            all_conditions_have_to_hold
            conditions_are_judged_before_the_batch
            a_conflict_carries_what_is_needed_to_try_again
        }
        repeating {
            the_same_batch_again_is_answered_with_the_positions_it_got
            a_repeated_batch_is_answered_though_its_conditions_hold_no_more
            a_repeat_with_other_metadata_is_a_repeat
            the_same_id_with_other_content_is_refused
            a_batch_is_repeated_whole_or_not_at_all
            an_id_that_a_batch_has_twice_is_refused
            an_id_that_the_store_made_is_as_good_as_a_given_one
            tombstones_and_metadata_are_repeated_with_their_batch
        }
        reading {
            an_event_that_carries_a_tag_twice_is_found_once
            a_read_sees_the_log_as_it_was_when_it_began
            a_reader_does_not_keep_a_writer_waiting
        }
        filtering {
            each_comparison_finds_what_it_says
            a_missing_key_never_matches
            comparing_unlike_values_is_an_error
            numbers_compare_as_numbers
            filters_must_all_be_passed_and_a_limit_counts_what_does
        }
        listing {
            what_is_known_of_a_stream_follows_its_events
            metadata_of_a_stream_is_replaced_and_is_no_event
            a_stream_may_be_described_before_its_first_event
        }
        deleting {
            a_deleted_stream_ends_with_a_tombstone_and_keeps_its_events
            a_deleted_stream_is_known_to_be_deleted
            a_deleted_stream_is_written_again_only_on_purpose_and_its_versions_go_on
            a_state_begins_again_after_a_tombstone
            only_a_stream_with_events_can_be_deleted_and_only_once
            a_tombstone_is_seen_by_those_who_must_not_miss_an_event
        }
        subscribing {
            history_is_followed_by_what_comes
            a_subscription_begins_after_its_position
            a_subscription_goes_on_where_it_was_broken_off
            nothing_is_missed_or_repeated_while_a_writer_appends
            a_waiting_reader_is_woken_when_the_log_grows
        }
    }
}

fn named(name: &str) -> StreamName {
    StreamName::new(name).unwrap()
}

/// account-1, order-1, account-1, accounts-1, order-1 again.
fn shop() -> Memory<Shop> {
    let shop = Memory::new();
    for (stream, event) in [
        ("account-1", Fact::Deposited(1).into()),
        ("order-1", Shop::from(Order::Placed(2))),
        ("account-1", Fact::Deposited(3).into()),
        ("accounts-1", Fact::Deposited(4).into()),
        ("order-1", Order::Shipped.into()),
    ] {
        shop.append(Batch::to(&named(stream)).event(event)).unwrap();
    }
    shop
}

fn facts(view: &impl EventReader<Fact>, query: Query) -> Vec<u64> {
    let events = view.read(&query.into()).unwrap();
    events.iter().map(|recorded| recorded.position.get()).collect()
}

#[test]
fn a_view_reads_its_category_alone_whatever_the_query_says() {
    let shop = shop();
    let accounts = shop.category::<Fact>("account").unwrap();
    assert_eq!(facts(&accounts, Query::all()), [1, 3]);
    assert_eq!(facts(&accounts, Query::category("order").unwrap()), [0; 0]);
    assert_eq!(facts(&accounts, Query::streams([named("order-1"), named("account-1")])), [1, 3]);
    assert_eq!(facts(&accounts, Query::stream(&named("accounts-1"))), [0; 0]);
    assert!(shop.category::<Fact>("account-big").is_err(), "no stream has such a category");
    assert_eq!(facts(&accounts, Query::of_types(["Deposited", "Placed"])), [1, 3]);
    let items = [
        QueryItem {
            streams: vec![named("order-1")],
            categories: vec!["account".into()],
            ..QueryItem::default()
        },
        QueryItem { types: vec!["Shipped".into()], ..QueryItem::default() },
    ];
    assert_eq!(facts(&accounts, Query::any_of(items)), [1, 3]);
    assert_eq!(facts(&shop.category("accounts").unwrap(), Query::all()), [4]);
    let orders = shop.category::<Order>("order").unwrap();
    let read = orders.all(Query::all().backwards().limit(1)).unwrap();
    assert_eq!(
        (&read[0].event, read[0].position, read[0].version),
        (&Order::Shipped, Position::new(5), Version::new(2))
    );
    assert_eq!(orders.head().unwrap(), Position::new(5), "positions are those of the whole log");
}

#[test]
fn a_view_lists_its_category_alone() {
    let shop = shop();
    let view = shop.category::<Fact>("account").unwrap();
    let streams = |listing: &Listing| -> Vec<String> {
        view.streams(listing).unwrap().iter().map(|info| info.name.to_string()).collect()
    };
    view.append(Batch::to(&named("account-2")).event(Fact::Closed)).unwrap();
    assert_eq!(streams(&Listing::all()), ["account-1", "account-2"]);
    assert_eq!(streams(&Listing::prefix("acc").skip(1)), ["account-2"]);
    assert_eq!(streams(&Listing::prefix("account-1")), ["account-1"]);
    assert_eq!(streams(&Listing::prefix("order")), [""; 0]);
    assert_eq!(streams(&Listing::exactly("account-2")), ["account-2"]);
    assert_eq!(streams(&Listing::exactly("accounts-1")), [""; 0]);
    assert_eq!(view.categories(&Listing::all()).unwrap(), ["account"]);
    assert_eq!(view.categories(&Listing::prefix("order")).unwrap(), [""; 0]);
    assert_eq!(view.stream(&named("order-1")).unwrap(), None);
    assert!(view.stream(&named("account-1")).unwrap().is_some());
}

#[test]
fn a_view_appends_to_its_category_alone() {
    let shop = shop();
    let view = shop.category::<Fact>("account").unwrap();
    let (own, other) = (named("account-1"), named("order-1"));
    let batches = [
        Batch::to(&other).event(Fact::Closed),
        Batch::to(&own).event(Fact::Closed).and_to(&other).event(Fact::Closed),
        Batch::to(&own).event(Fact::Closed).and_to(&other).expecting(ExpectedVersion::Any),
        Batch::to(&other).delete(),
        Batch::to(&other).describe(Default::default()),
    ];
    for batch in batches {
        match view.append(batch.clone()) {
            Err(AppendError::Elsewhere { stream, category }) => {
                assert_eq!((stream, &*category), (other.clone(), "account"));
            }
            other => panic!("{batch:?}: {other:?}"),
        }
    }
    assert_eq!(shop.head().unwrap(), Position::new(5), "nothing was recorded");
    view.append(Batch::to(&own).expecting(Version::new(2)).event(Fact::Closed)).unwrap();
    let recorded = shop.all(Query::stream(&own).backwards().limit(1)).unwrap();
    assert_eq!((&recorded[0].event, &*recorded[0].event_type), (&Shop::Account(Fact::Closed), "Closed"));
}

#[test]
fn what_must_not_match_is_looked_for_in_the_category_and_told_as_it_was_said() {
    let shop = shop();
    let view = shop.category::<Fact>("account").unwrap();
    let batch = || Batch::to(&named("account-2")).event(Fact::Closed);
    // Other categories have gone on since, which is nothing to this view.
    view.append(batch().fail_if_events_match(Query::all(), Position::new(3))).unwrap();
    view.append(batch().fail_if_events_match(Query::of_types(["Placed"]), Position::START)).unwrap();
    let conflict = view.append(batch().fail_if_events_match(Query::all(), Position::new(2))).unwrap_err();
    let AppendError::Conflict(Conflict::EventsMatch { query, after, found, .. }) = conflict else {
        panic!("{conflict}")
    };
    assert_eq!((query, after, found), (Query::all(), Position::new(2), Position::new(7)));
    // Of two that come to the same in this category, it is told which one was not met.
    let said = Query::category("account").unwrap();
    let both = batch()
        .fail_if_events_match(Query::all(), Position::new(7))
        .fail_if_events_match(said.clone(), Position::START);
    let conflict = view.append(both).unwrap_err();
    let AppendError::Conflict(Conflict::EventsMatch { query, after, .. }) = conflict else {
        panic!("{conflict}")
    };
    assert_eq!((query, after), (said, Position::START));
}

#[test]
fn an_event_of_another_part_is_an_error_of_the_read() {
    let shop = shop();
    shop.append(Batch::to(&named("account-1")).event(Order::Shipped.into())).unwrap();
    let view = shop.category::<Fact>("account").unwrap();
    let mut seen = Vec::new();
    let outcome = view.visit(&Query::all().into(), &mut |entry| {
        seen.extend(entry.event().cloned());
        ControlFlow::Continue(())
    });
    let error = outcome.unwrap_err();
    assert!(matches!(&error, ReadError::Foreign { position, .. } if position.get() == 6), "{error}");
    assert_eq!(
        error.to_string(),
        "the event at position 6 of stream account-1 is of type Shipped, which is none of this view's"
    );
    assert_eq!(seen, [Fact::Deposited(1), Fact::Deposited(3)], "what came before it is right");
    assert_eq!(facts(&view, Query::of_types(["Deposited"])), [1, 3], "what is not asked for does no harm");
}

#[test]
fn a_view_reads_by_reference_and_is_a_store_like_any_other() {
    // An event that cannot be cloned is read as well as another.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Unique {
        Born,
    }
    sum! {
        #[derive(Debug, PartialEq)]
        enum World { Unique(Unique), Order(Order) }
    }
    let world = std::sync::Arc::new(Memory::<World>::new());
    let view: Box<dyn EventStore<Unique>> = Box::new(Typed::new(world.clone(), "life").unwrap());
    view.append(Batch::to(&named("life-1")).event(Unique::Born)).unwrap();
    let mut born = 0;
    view.visit(&Query::all().into(), &mut |entry| {
        born += usize::from(matches!(entry, Entry::Event(_, Unique::Born)));
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!((born, world.head().unwrap()), (1, Position::new(1)));
    let none = Tag::new("none").unwrap();
    assert_eq!(world.categories(&Listing::all()).unwrap(), ["life"]);
    assert_eq!(view.visit(&Query::tagged(none).into(), &mut |_| ControlFlow::Continue(())).unwrap().get(), 1);
}

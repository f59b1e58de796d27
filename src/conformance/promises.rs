//! The list of promises, and the macros that write tests from it.

/// Writes one test for each promise of an event store.
///
/// The argument is a function or closure that makes an empty store of [`Fact`](crate::conformance::Fact)s; see
/// [`conformance`](mod@crate::conformance). Call the macro in a module of its own, because each test becomes a function
/// there.
///
/// ```
/// # mod tests {
/// leftfold::conformance!(leftfold::store::Memory::new);
/// # }
/// ```
#[macro_export]
macro_rules! conformance {
    ($make:expr $(,)?) => {
        $crate::__store_promises! { __store_tests ($make) }
    };
}

/// One test for each promise.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_tests {
    (($make:expr) $($room:ident { $($promise:ident)* })*) => {
        $($(
            #[test]
            fn $promise() {
                $crate::__private::promises::$room::$promise($make);
            }
        )*)*
    };
}

/// The promises as values: a list of names and functions.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_promise_list {
    (($store:ty) $($room:ident { $($promise:ident)* })*) => {{
        type Promise = (&'static str, fn(&dyn Fn() -> $store));
        let promises: ::std::vec::Vec<Promise> = ::std::vec![$($(
            (stringify!($promise), |make| $crate::__private::promises::$room::$promise(make)),
        )*)*];
        promises
    }};
}

/// Passes every promise, by the module that it is in, to a macro.
#[doc(hidden)]
#[macro_export]
macro_rules! __store_promises {
    ($then:ident $given:tt) => {
        $crate::$then! {
            $given
            appending {
                an_event_is_read_back_as_it_was_appended
                texts_are_read_back_whatever_characters_are_in_them
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
                an_event_is_found_by_its_id
            }
            reading {
                events_are_found_by_stream_and_by_category
                types_are_alternatives_tags_are_not_and_items_are
                an_event_that_carries_a_tag_twice_is_found_once
                reads_are_bounded_by_positions
                reads_are_bounded_by_versions
                reads_go_backwards_and_end_at_their_limit
                every_read_is_what_a_look_at_every_event_finds
                a_read_sees_the_log_as_it_was_when_it_began
                a_reader_does_not_keep_a_writer_waiting
                a_read_ends_where_it_is_broken_off
                a_read_tells_how_far_the_log_was
            }
            filtering {
                each_comparison_finds_what_it_says
                a_missing_key_never_matches
                comparing_unlike_values_is_an_error
                numbers_compare_as_numbers
                every_field_of_the_envelope_can_be_asked_for
                filters_must_all_be_passed_and_a_limit_counts_what_does
            }
            listing {
                streams_are_listed_by_name_or_prefix_in_order
                categories_are_listed_by_name_or_prefix_in_order
                streams_and_categories_are_listed_by_pattern
                streams_and_categories_are_listed_by_metadata
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
                a_subscription_shows_what_passes_its_filters
                a_subscription_goes_on_where_it_was_broken_off
                nothing_is_missed_or_repeated_while_a_writer_appends
                a_waiting_reader_is_woken_when_the_log_grows
            }
            operations {
                random_operations_are_answered_as_the_contract_says
                many_threads_are_answered_as_if_one_came_after_another
                of_those_who_claim_one_name_one_gets_it
                a_batch_that_many_threads_append_is_recorded_once
            }
        }
    };
}

//! Queries and conditions with the types under which events may be stored.

use super::batch::AppendCondition;
use super::query::{Query, QueryItem};
use crate::codec::EventCodec;

/// A query with the types under which the events that it asks for may be stored, where these are others. The codec may be
/// the user's, so no lock may be held.
pub(crate) fn as_stored<E>(codec: &dyn EventCodec<E>, query: &Query) -> Option<Query> {
    let stored = |item: &QueryItem| -> Vec<String> {
        let mut types: Vec<String> =
            item.types.iter().flat_map(|current| codec.stored_types(current)).collect();
        types.sort_unstable();
        types.dedup();
        types
    };
    let same = |item: &QueryItem| {
        let mut types = item.types.clone();
        types.sort_unstable();
        types.dedup();
        // The store's own types are no matter of a codec.
        types == stored(item) || types.iter().all(|name| name.starts_with('$'))
    };
    if query.items().iter().all(same) {
        return None;
    }
    let items = query.items().iter().map(|item| {
        let mut types = stored(item);
        types.extend(item.types.iter().filter(|name| name.starts_with('$')).cloned());
        QueryItem { types, ..item.clone() }
    });
    Some(Query::any_of(items))
}

/// Conditions with the types under which events may be stored.
pub(crate) fn conditions_as_stored<E>(
    codec: &dyn EventCodec<E>,
    conditions: Vec<AppendCondition>,
) -> Vec<AppendCondition> {
    let stored = |condition| match condition {
        AppendCondition::NoMatch(query, after) => {
            AppendCondition::NoMatch(as_stored(codec, &query).unwrap_or(query), after)
        }
        stream => stream,
    };
    conditions.into_iter().map(stored).collect()
}

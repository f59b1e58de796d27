//! Where a value stands in words, and how its field is named.

/// Where a value stands, and so how much of it is in parentheses.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Room {
    /// Nothing follows but the end, or a parenthesis.
    Open,
    /// After the name of its field.
    Field(Form),
    /// Among others, or after the name of a variant.
    Item,
    /// Before a colon.
    Key,
    /// In a slot of a sentence.
    Slot,
}

/// How a field is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// `limit 5`
    Value,
    /// `joint`
    Alone,
    /// `not joint`
    Not,
    /// `no limit`
    No,
}

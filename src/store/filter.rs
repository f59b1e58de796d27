//! Filters of a read: conditions on what the store wrote around an event.

use crate::page::{named, shown};
use crate::recorded::{Envelope, Headers, Position, Scalar, StreamName, Timestamp};
use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;

/// A condition on one field of an event's envelope or metadata, never on the event itself; in a
/// [`Listing`](super::Listing), on the metadata of a stream.
///
/// An event without the field passes no filter on it, not even [`differs_from`](On::differs_from). Comparing unlike values
/// (a text with a number) is an error of the read, and not `false`.
///
/// ```
/// use leftfold::store::{Field, Filter};
///
/// let hers = Filter::header("user").equals("petra");
/// let by_hand = Filter::header("user").one_of(["petra", "alex"]);
/// let large = Filter::header("amount").more_than(1_000);
/// let imported = Filter::on(Field::Id).matches("^import-[0-9]+$")?;
/// assert_eq!(large.to_string(), "header amount > 1000");
/// # let _ = (hers, by_hand, imported);
/// # Ok::<(), leftfold::store::InvalidRegex>(())
/// ```
#[doc(alias = "MetadataMatcher")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Filter {
    field: Field,
    test: Test,
}

/// A field of the envelope or the metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Field {
    /// A header of the metadata, by name.
    Header(String),
    /// The correlation id.
    CorrelationId,
    /// The causation id.
    CausationId,
    /// The position: a number.
    Position,
    /// The version: a number.
    Version,
    /// The name of the stream.
    Stream,
    /// The category of the stream.
    Category,
    /// The type of the event.
    Type,
    /// The id of the event.
    Id,
    /// When it was recorded: a time.
    RecordedAt,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Header(name) => return write!(f, "header {name}"),
            Field::CorrelationId => "correlation id",
            Field::CausationId => "causation id",
            Field::Position => "position",
            Field::Version => "version",
            Field::Stream => "stream",
            Field::Category => "category",
            Field::Type => "type",
            Field::Id => "id",
            Field::RecordedAt => "recorded at",
        })
    }
}

/// What a field is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Compared {
    /// A moment.
    Time(Timestamp),
    /// A flag, a number or a text.
    Scalar(Scalar),
}

impl Compared {
    fn kind(&self) -> &'static str {
        match self {
            Compared::Time(_) => "a time",
            Compared::Scalar(scalar) => scalar.kind(),
        }
    }
}

impl<S: Into<Scalar>> From<S> for Compared {
    fn from(scalar: S) -> Compared {
        Compared::Scalar(scalar.into())
    }
}

impl From<Timestamp> for Compared {
    fn from(time: Timestamp) -> Compared {
        Compared::Time(time)
    }
}

impl fmt::Display for Compared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Compared::Time(time) => time.fmt(f),
            Compared::Scalar(Scalar::Text(text)) => write!(f, "{text:?}"),
            Compared::Scalar(scalar) => scalar.fmt(f),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Test {
    Is(Operator, Compared),
    OneOf(Vec<Compared>),
    NoneOf(Vec<Compared>),
    Matches(RegexPattern),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Operator {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Operator {
    fn holds(self, found: Ordering) -> bool {
        match self {
            Operator::Equal => found.is_eq(),
            Operator::Unequal => found.is_ne(),
            Operator::Less => found.is_lt(),
            Operator::AtMost => found.is_le(),
            Operator::More => found.is_gt(),
            Operator::AtLeast => found.is_ge(),
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::Unequal => "!=",
            Operator::Less => "<",
            Operator::AtMost => "<=",
            Operator::More => ">",
            Operator::AtLeast => ">=",
        }
    }
}

/// A regular expression, as a value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct RegexPattern(Regex);

impl RegexPattern {
    pub(super) fn is_found_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

impl PartialEq for RegexPattern {
    fn eq(&self, other: &RegexPattern) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

impl TryFrom<String> for RegexPattern {
    type Error = InvalidRegex;

    fn try_from(pattern: String) -> Result<Self, InvalidRegex> {
        match Regex::new(&pattern) {
            Ok(regex) => Ok(RegexPattern(regex)),
            Err(why) => Err(InvalidRegex { pattern, why: why.to_string() }),
        }
    }
}

impl From<RegexPattern> for String {
    fn from(pattern: RegexPattern) -> String {
        pattern.0.as_str().to_string()
    }
}

/// A text that is not a regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{pattern:?} is no regular expression: {why}", why = shown(.why))]
pub struct InvalidRegex {
    pattern: String,
    why: String,
}

/// A filter compares values that cannot be compared, such as a text with a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the filter on {field} compares {found} with {compared_with} {place}", field = named(.field))]
#[non_exhaustive]
pub struct UnlikeValues {
    /// Where it does so.
    pub place: Filtered,
    /// The field.
    pub field: String,
    /// The kind of value that the field has there.
    pub found: &'static str,
    /// What the filter compares it with.
    pub compared_with: &'static str,
}

/// What a filter looks at: an entry of the log, or the metadata of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum Filtered {
    /// The entry at this position, of this stream.
    Entry(Position, StreamName),
    /// The metadata of this stream.
    Stream(StreamName),
}

impl fmt::Display for Filtered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filtered::Entry(position, _) => write!(f, "at position {position}"),
            Filtered::Stream(stream) => write!(f, "in the metadata of stream {}", named(stream)),
        }
    }
}

/// A field for a filter, which one of its methods makes; made by [`Filter::on`].
#[must_use = "a field alone filters nothing"]
#[derive(Debug)]
pub struct On(Field);

impl Filter {
    /// A filter on this field.
    pub fn on(field: Field) -> On {
        On(field)
    }

    /// A filter on a header of the metadata.
    pub fn header(name: impl Into<String>) -> On {
        On(Field::Header(name.into()))
    }

    /// The field it looks at.
    pub fn field(&self) -> &Field {
        &self.field
    }

    /// Whether an entry passes.
    ///
    /// # Errors
    /// [`UnlikeValues`] when the field and what it is compared with are of unlike kinds.
    pub fn passes(&self, envelope: &Envelope) -> Result<bool, UnlikeValues> {
        self.test(value(&self.field, envelope), || {
            Filtered::Entry(envelope.position, envelope.stream.clone())
        })
    }

    /// Whether a stream with this metadata passes. It has a name, a category and headers, and no other field.
    pub(super) fn passes_stream(&self, name: &StreamName, metadata: &Headers) -> Result<bool, UnlikeValues> {
        let found = match &self.field {
            Field::Header(header) => metadata.get(header).cloned().map(Compared::Scalar),
            Field::Stream => Some(name.as_str().into()),
            Field::Category => Some(name.category().into()),
            _ => None,
        };
        self.test(found, || Filtered::Stream(name.clone()))
    }

    fn test(&self, found: Option<Compared>, place: impl Fn() -> Filtered) -> Result<bool, UnlikeValues> {
        let Some(found) = found else { return Ok(false) };
        let unlike = |compared_with| UnlikeValues {
            place: place(),
            field: self.field.to_string(),
            found: found.kind(),
            compared_with,
        };
        let compared = |with: &Compared| compare(&found, with).ok_or_else(|| unlike(with.kind()));
        match &self.test {
            Test::Is(comparison, with) => Ok(comparison.holds(compared(with)?)),
            Test::OneOf(values) => among(values, compared),
            Test::NoneOf(values) => Ok(!among(values, compared)?),
            Test::Matches(pattern) => match &found {
                Compared::Scalar(Scalar::Text(text)) => Ok(pattern.is_found_in(text)),
                _ => Err(unlike("a regular expression")),
            },
        }
    }
}

/// Compares with all of them, so that an unlike value is an error even after an equal one.
fn among(
    values: &[Compared],
    compared: impl Fn(&Compared) -> Result<Ordering, UnlikeValues>,
) -> Result<bool, UnlikeValues> {
    let mut found = false;
    for value in values {
        found |= compared(value)?.is_eq();
    }
    Ok(found)
}

impl On {
    fn is(self, comparison: Operator, value: impl Into<Compared>) -> Filter {
        Filter { field: self.0, test: Test::Is(comparison, value.into()) }
    }

    /// `=`
    pub fn equals(self, value: impl Into<Compared>) -> Filter {
        self.is(Operator::Equal, value)
    }

    /// `!=`
    pub fn differs_from(self, value: impl Into<Compared>) -> Filter {
        self.is(Operator::Unequal, value)
    }

    /// `<`
    pub fn less_than(self, value: impl Into<Compared>) -> Filter {
        self.is(Operator::Less, value)
    }

    /// `<=`
    pub fn at_most(self, value: impl Into<Compared>) -> Filter {
        self.is(Operator::AtMost, value)
    }

    /// `>`
    pub fn more_than(self, value: impl Into<Compared>) -> Filter {
        self.is(Operator::More, value)
    }

    /// `>=`
    pub fn at_least(self, value: impl Into<Compared>) -> Filter {
        self.is(Operator::AtLeast, value)
    }

    /// Equal to one of these.
    pub fn one_of<V: Into<Compared>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        Filter { field: self.0, test: Test::OneOf(values.into_iter().map(Into::into).collect()) }
    }

    /// Present, and equal to none of these.
    pub fn none_of<V: Into<Compared>>(self, values: impl IntoIterator<Item = V>) -> Filter {
        Filter { field: self.0, test: Test::NoneOf(values.into_iter().map(Into::into).collect()) }
    }

    /// A text in which this regular expression is found; `^` and `$` bind it to the whole.
    ///
    /// # Errors
    /// [`InvalidRegex`] when it is none.
    pub fn matches(self, pattern: impl Into<String>) -> Result<Filter, InvalidRegex> {
        Ok(Filter { field: self.0, test: Test::Matches(RegexPattern::try_from(pattern.into())?) })
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[Compared]| {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            values.join(", ")
        };
        let condition = match &self.test {
            Test::Is(comparison, value) => format!("{} {} {value}", self.field, comparison.sign()),
            Test::OneOf(values) => format!("{} in ({})", self.field, list(values)),
            Test::NoneOf(values) => format!("{} not in ({})", self.field, list(values)),
            Test::Matches(pattern) => format!("{} ~ /{}/", self.field, pattern.0.as_str()),
        };
        f.write_str(&shown(condition))
    }
}

fn value(field: &Field, envelope: &Envelope) -> Option<Compared> {
    let text = |text: &str| Some(Compared::Scalar(Scalar::Text(text.to_string())));
    let metadata = &envelope.metadata;
    match field {
        Field::Header(name) => metadata.headers.get(name).cloned().map(Compared::Scalar),
        Field::CorrelationId => text(metadata.correlation_id.as_ref()?.as_str()),
        Field::CausationId => text(metadata.causation_id.as_ref()?.as_str()),
        Field::Position => Some(number(envelope.position.get())),
        Field::Version => Some(number(envelope.version.get())),
        Field::Stream => text(envelope.stream.as_str()),
        Field::Category => text(envelope.stream.category()),
        Field::Type => text(&envelope.event_type),
        Field::Id => text(envelope.id.as_str()),
        Field::RecordedAt => Some(Compared::Time(envelope.recorded_at)),
    }
}

/// Positions and versions stay far below the largest whole number of a header.
fn number(number: u64) -> Compared {
    Compared::Scalar(Scalar::Integer(i64::try_from(number).unwrap_or(i64::MAX)))
}

/// How two values compare, if they are of one kind.
fn compare(one: &Compared, other: &Compared) -> Option<Ordering> {
    match (one, other) {
        (Compared::Time(one), Compared::Time(other)) => Some(one.cmp(other)),
        (Compared::Scalar(one), Compared::Scalar(other)) => match (one, other) {
            (Scalar::Flag(one), Scalar::Flag(other)) => Some(one.cmp(other)),
            (Scalar::Text(one), Scalar::Text(other)) => Some(one.cmp(other)),
            (Scalar::Integer(one), Scalar::Integer(other)) => Some(one.cmp(other)),
            (Scalar::Decimal(one), Scalar::Decimal(other)) => one.get().partial_cmp(&other.get()),
            (Scalar::Integer(one), Scalar::Decimal(other)) => Some(against(*one, other.get())),
            (Scalar::Decimal(one), Scalar::Integer(other)) => Some(against(*other, one.get()).reverse()),
            _ => None,
        },
        _ => None,
    }
}

/// Compares a whole number with a float, without rounding the whole one to 53 bits.
fn against(whole: i64, other: f64) -> Ordering {
    // Both bounds are powers of two, and exact.
    if other >= 9_223_372_036_854_775_808.0 {
        return Ordering::Less;
    }
    if other < -9_223_372_036_854_775_808.0 {
        return Ordering::Greater;
    }
    let floor = other.floor();
    match whole.cmp(&(floor as i64)) {
        Ordering::Equal if other > floor => Ordering::Less,
        compared => compared,
    }
}

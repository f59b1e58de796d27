//! The name of a stream: its category, up to the first `-`, and the identity after it.

use super::{InvalidText, StreamName};
use std::fmt;

impl StreamName {
    /// The stream of one identity in a category: `category-id`. Its [category](Self::category) and its [id](Self::id) are these
    /// again.
    ///
    /// ```
    /// use leftfold::recorded::StreamName;
    ///
    /// let order = StreamName::of("order", "550e8400-e29b-41d4-a716-446655440000")?;
    /// assert_eq!((order.category(), order.id()), ("order", Some("550e8400-e29b-41d4-a716-446655440000")));
    ///
    /// let refused = StreamName::of("shop-order", 17).unwrap_err().to_string();
    /// assert_eq!(
    ///     refused,
    ///     r#""shop-order" cannot be a category: it holds a `-`, and the first `-` of a stream's name ends its category"#
    /// );
    /// # Ok::<(), leftfold::recorded::InvalidText>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidText`] as for [`new`](Self::new), and when the category is empty or holds a `-`: write `shop_order`.
    pub fn of(category: &str, id: impl fmt::Display) -> Result<Self, InvalidText> {
        check_category(category)?;
        let text = format!("{category}-{id}");
        match category {
            "" => Err(InvalidText {
                what: "the name of a stream",
                text,
                why: "the category is empty".to_string(),
            }),
            _ => Self::new(text),
        }
    }

    /// The part before the first `-`, or the whole name.
    pub fn category(&self) -> &str {
        self.0.split_once('-').map_or(&*self.0, |(category, _)| category)
    }

    /// The part after the first `-`, if there is one: the identity that the stream is about.
    pub fn id(&self) -> Option<&str> {
        self.0.split_once('-').map(|(_, id)| id)
    }
}

/// Refuses a category that no stream has, because it holds a `-`.
pub(crate) fn check_category(category: &str) -> Result<(), InvalidText> {
    match category.contains('-') {
        false => Ok(()),
        true => Err(InvalidText {
            what: "a category",
            text: category.to_string(),
            why: "it holds a `-`, and the first `-` of a stream's name ends its category".to_string(),
        }),
    }
}

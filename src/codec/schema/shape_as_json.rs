//! The shape of any type, for those who compare shapes.

use super::shape::Shape;
use super::shape_of_type::Explorer;
use serde::de::DeserializeOwned;

/// The shape of the stored values of a type, as JSON; `None` if it cannot be found.
pub(crate) fn shape_as_json<T: DeserializeOwned>() -> Option<String> {
    Some(shape_of::<T>()?.to_json().to_string())
}

pub(super) fn shape_of<T: DeserializeOwned>() -> Option<Shape> {
    let explorer = Explorer {
        probe: &|probe| {
            let _ = T::deserialize(probe);
        },
        whole: &|value| T::deserialize(value).map(drop).map_err(|why| why.to_string()),
        examples: &[],
    };
    explorer.shape().ok()
}

//! The items of one instance by key, in little memory.

use super::Item;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// The items that one process manager owes, sorted by key. Most owe one or none, and a map would reserve room for
/// eleven.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Items(Vec<(String, Item)>);

impl Items {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn index_of(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(other, _)| other.as_str().cmp(key))
    }

    pub(super) fn get(&self, key: &str) -> Option<&Item> {
        self.index_of(key).ok().map(|index| &self.0[index].1)
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Item> {
        self.index_of(key).ok().map(|index| &mut self.0[index].1)
    }

    pub(super) fn contains_key(&self, key: &str) -> bool {
        self.index_of(key).is_ok()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Item)> {
        self.0.iter_mut().map(|(key, item)| (&*key, item))
    }
}

/// If two items have one key, the first stays. O(n log n).
impl FromIterator<(String, Item)> for Items {
    fn from_iter<I: IntoIterator<Item = (String, Item)>>(items: I) -> Self {
        let mut items: Vec<(String, Item)> = items.into_iter().collect();
        items.sort_by(|(one, _), (other, _)| one.cmp(other));
        items.dedup_by(|(one, _), (other, _)| one == other);
        items.shrink_to_fit();
        Items(items)
    }
}

/// As a map, by key.
impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, item)| (key, item)))
    }
}

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ItemsVisitor;

        impl<'de> Visitor<'de> for ItemsVisitor {
            type Value = Items;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("items by key")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Items, A::Error> {
                let mut items = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    items.push(entry);
                }
                Ok(items.into_iter().collect())
            }
        }

        deserializer.deserialize_map(ItemsVisitor)
    }
}

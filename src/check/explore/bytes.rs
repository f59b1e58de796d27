//! States as bytes: written, hashed, read back, and checked to come back as they were.

use super::floats;
use super::unfit::Unfit;
use foldhash::fast::FixedState;
use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

/// Writes the key of a state. States with equal keys count as the same.
pub(super) type StateKey<S> = Arc<dyn Fn(&S, &mut Vec<u8>) -> Result<(), Unfit> + Send + Sync>;

/// The seed of all hashes. An equal hash alone never makes two states the same.
const SEED: u64 = 0x1eaf_f01d;

#[inline]
pub(super) fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

pub(super) fn hash_of(value: &impl Hash) -> u64 {
    FixedState::with_seed(SEED).hash_one(value)
}

/// Appends the canonical bytes of a value.
#[inline]
pub(in crate::check) fn encode<T: Serialize + ?Sized>(value: &T, bytes: &mut Vec<u8>) -> Result<(), Unfit> {
    struct AppendTo<'a>(&'a mut Vec<u8>);

    impl Flavor for AppendTo<'_> {
        type Output = ();

        #[inline]
        fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
            self.0.push(byte);
            Ok(())
        }

        #[inline]
        fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }

        fn finalize(self) -> postcard::Result<()> {
            Ok(())
        }
    }

    postcard::serialize_with_flavor(value, AppendTo(bytes))
        .map_err(|error| Unfit::NotWritten { why: error.to_string() })
}

#[inline]
pub(super) fn decode<S: DeserializeOwned>(bytes: &[u8]) -> Result<S, Unfit> {
    postcard::from_bytes(bytes).map_err(|error| Unfit::NotRead { why: error.to_string() })
}

/// Checks that a state is read back as it was, and is written the same way again.
///
/// A state that is found has the same bytes as the stored one, so this also compares the two states themselves.
pub(super) fn second_look<S: Serialize + DeserializeOwned + Eq>(
    state: &S,
    bytes: &[u8],
) -> Result<(), Unfit> {
    floats::check(state)?;
    let (read, rest): (S, _) =
        postcard::take_from_bytes(bytes).map_err(|error| Unfit::NotRead { why: error.to_string() })?;
    if !rest.is_empty() || read != *state {
        return Err(Unfit::Lossy);
    }
    let mut again = Vec::with_capacity(bytes.len());
    encode(&read, &mut again)?;
    if again == bytes { Ok(()) } else { Err(Unfit::NotCanonical) }
}

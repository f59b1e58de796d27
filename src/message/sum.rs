//! Umbrella enums: sums of messages, written by the macro `sum!`, whose variants are part of the path of a name.

use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};
use std::fmt;

/// The prefix of an umbrella enum's container name in serde. The enum's own name follows. A variant of such an enum is a part
/// of the path of a name.
const SUM: &str = "leftfold::Sum ";

pub(crate) fn is_sum(container: &str) -> bool {
    container.starts_with(SUM)
}

/// Serde's container name of the kit's own wrappers, whose newtype variants are not part of a name.
pub(crate) const LOOK_THROUGH: &str = "leftfold::LookThrough";

/// Serde's container name of a message with its key.
pub(crate) const KEYED: &str = "leftfold::Keyed";
/// The field of a message with its key that is the message.
pub(crate) const MESSAGE: &str = "message";

/// A sum of messages, one of which is `M`. [`sum!`](crate::sum) implements it for each variant.
///
/// ```
/// use leftfold::{message::Umbrella, sum};
///
/// #[derive(Debug, PartialEq)]
/// pub struct Ring;
/// #[derive(Debug, PartialEq)]
/// pub struct Knock;
///
/// sum! { pub enum Sound { Bell(Ring), Door(Knock) } }
///
/// let part: Option<&Ring> = Sound::Door(Knock).part();
/// assert_eq!(part, None);
/// ```
pub trait Umbrella<M> {
    /// The message inside, if it is of this type.
    fn part(&self) -> Option<&M>;
    /// The umbrella message around `message`.
    fn wrap(message: M) -> Self;
}

/// Every message is an umbrella over itself, so that a part can also read the events of other parts.
impl<M> Umbrella<M> for M {
    #[inline]
    fn part(&self) -> Option<&M> {
        Some(self)
    }

    #[inline]
    fn wrap(message: M) -> M {
        message
    }
}

/// Writes an umbrella enum: `enum ShopEvent { Order(OrderEvent), Payment(PaymentEvent) }` with `From` and
/// [`Umbrella`] for every part. If the parts have serde, so has the enum, and its variants are paths of names (`order.Placed`).
///
/// A struct of one field around a struct or an enum is looked through: `struct Send(Letter)` and `struct Sent(Letter)` would both have the name
/// `Letter`. Give such messages fields (`struct Sent { letter: Letter }`), or make them variants of an enum.
///
/// Each part is a type of its own; for two variants of the same type the compiler reports conflicting `From` implementations.
/// Derive what you need, except `Serialize` and `Deserialize`: the macro writes these.
///
/// ```
/// use leftfold::{message, sum};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// pub enum OrderEvent { Placed { total: u32 }, Closed }
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// pub enum PaymentEvent { Paid }
///
/// sum! {
///     /// All that happens in the shop.
///     #[derive(Debug, PartialEq)]
///     pub enum ShopEvent { Order(OrderEvent), Payment(PaymentEvent) }
/// }
///
/// let event = ShopEvent::from(OrderEvent::Placed { total: 3 });
/// assert_eq!(event, ShopEvent::Order(OrderEvent::Placed { total: 3 }));
/// assert_eq!(message::name(&event).unwrap().to_string(), "order.Placed");
/// assert_eq!(message::name(&event).unwrap().leaf(), "Placed");
/// let all: Vec<String> = message::names::<ShopEvent>().unwrap().iter().map(|n| n.to_string()).collect();
/// assert_eq!(all, ["order.Placed", "order.Closed", "payment.Paid"]);
/// ```
#[macro_export]
macro_rules! sum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident($part:ty) ),+ $(,)?
        }
    ) => {
        $(#[$meta])*
        $vis enum $name {
            $( $(#[$variant_meta])* $variant($part) ),+
        }

        $(
            impl ::core::convert::From<$part> for $name {
                fn from(message: $part) -> Self {
                    $name::$variant(message)
                }
            }

            impl $crate::message::Umbrella<$part> for $name {
                #[inline]
                fn part(&self) -> ::core::option::Option<&$part> {
                    match self {
                        $name::$variant(message) => ::core::option::Option::Some(message),
                        #[allow(unreachable_patterns)]
                        _ => ::core::option::Option::None,
                    }
                }

                #[inline]
                fn wrap(message: $part) -> Self {
                    $name::$variant(message)
                }
            }
        )+

        // With `for<'part>`, the compiler checks whether a part has serde only where serde is used.
        const _: () = {
            use $crate::__private::serde::{Deserialize, Deserializer, Serialize, Serializer};
            use $crate::__private::serde::de::{EnumAccess, Error, VariantAccess, Visitor};
            use $crate::message::Variant;

            const SUM: &str = concat!("leftfold::Sum ", stringify!($name));
            const PARTS: &[&str] = &[$( stringify!($variant) ),+];

            impl Serialize for $name
            where
                $( for<'part> $part: Serialize, )+
            {
                fn serialize<S: Serializer>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error> {
                    let mut index = 0;
                    $(
                        if let $name::$variant(message) = self {
                            return serializer.serialize_newtype_variant(SUM, index, stringify!($variant), message);
                        }
                        index += 1;
                    )+
                    unreachable!("{} of {} variants", index, PARTS.len())
                }
            }

            impl<'de> Deserialize<'de> for $name
            where
                $( for<'part> $part: Deserialize<'de>, )+
            {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> ::core::result::Result<Self, D::Error> {
                    struct Parts;

                    impl<'de> Visitor<'de> for Parts
                    where
                        $( for<'part> $part: Deserialize<'de>, )+
                    {
                        type Value = $name;

                        fn expecting(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                            f.write_str(concat!("enum ", stringify!($name)))
                        }

                        fn visit_enum<A: EnumAccess<'de>>(
                            self,
                            access: A,
                        ) -> ::core::result::Result<$name, A::Error> {
                            let (found, content) = access.variant_seed(Variant(PARTS))?;
                            let mut index = 0;
                            $(
                                if found == index {
                                    return content.newtype_variant().map($name::$variant);
                                }
                                index += 1;
                            )+
                            Err(A::Error::custom(format_args!("no variant {} of {}", found, index)))
                        }
                    }

                    deserializer.deserialize_enum(SUM, PARTS, Parts)
                }
            }
        };
    };
}

/// Reads the name or number of a variant; used by `sum!`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Variant(pub &'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Variant {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Variant {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a variant")
    }

    fn visit_u64<E: Error>(self, index: u64) -> Result<usize, E> {
        usize::try_from(index)
            .ok()
            .filter(|index| *index < self.0.len())
            .ok_or_else(|| E::custom(format_args!("no variant {index} of {}", self.0.len())))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<usize, E> {
        self.0.iter().position(|known| *known == name).ok_or_else(|| E::unknown_variant(name, self.0))
    }

    fn visit_bytes<E: Error>(self, name: &[u8]) -> Result<usize, E> {
        self.visit_str(&String::from_utf8_lossy(name))
    }
}

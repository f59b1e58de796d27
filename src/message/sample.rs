//! Values of a type that nobody described: a deserializer that answers each request of the type with something that fits.

use super::sum::{KEYED, LOOK_THROUGH, is_sum};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, VariantAccess, Visitor,
};
use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;

/// How deeply a sample is nested before its lists and options are empty.
const MAX_DEPTH: u32 = 5;
/// How often a type may refuse what it is given.
const ATTEMPTS: usize = 60;

/// Texts that types with a form of their own read: dates, durations, numbers, addresses, currencies.
const FORMS: [&str; 12] = [
    "2024-02-29T12:30:00Z",
    "2024-02-29",
    "12:30:00",
    "PT90M",
    "7",
    "2.5",
    "true",
    "EUR",
    "127.0.0.1",
    "67e55044-10b1-426f-9247-bb680e5fe0c8",
    "https://example.org/",
    "a",
];

/// What samples are like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What one shows as an example: every option is there, lists have one item.
    Example,
    /// Anything that the type can be, texts with signs that have a meaning in phrases among them.
    Any(u64),
}

/// Why there is no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoSample {
    /// The type takes nothing that it is offered.
    Refused,
    /// This type asks for anything, and so does not say what it takes.
    Hidden(&'static str),
}

/// A sample of the message at this route of sums, and of this variant if it is one of an enum.
pub(super) fn sample<T: DeserializeOwned>(
    route: &[u32],
    variant: Option<u32>,
    kind: Kind,
) -> Result<T, NoSample> {
    sample_with_choices(route, variant, kind).map(|(value, _)| value)
}

/// An enum in a message: the field that holds it, which is empty for a position, and all its variants.
pub(super) type Choice = (&'static str, &'static [&'static str]);

/// As [`sample`], with the enums whose variants were picked from.
pub(super) fn sample_with_choices<T: DeserializeOwned>(
    route: &[u32],
    variant: Option<u32>,
    kind: Kind,
) -> Result<(T, Vec<Choice>), NoSample> {
    let offered = RefCell::new(HashMap::new());
    for attempt in 0..ATTEMPTS {
        let source = Source {
            kind,
            random: Cell::new(match kind {
                Kind::Any(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (attempt as u64) << 56,
                Kind::Example => 0,
            }),
            offered: &offered,
            last: Cell::new(None),
            hidden: Cell::new(None),
            field: Cell::new(""),
            choices: RefCell::new(Vec::new()),
        };
        let sampler = Sampler { source: &source, route, variant, depth: 0 };
        if let Ok(value) = T::deserialize(sampler) {
            return Ok((value, source.choices.take()));
        }
        if let Some(hidden) = source.hidden.get() {
            return Err(NoSample::Hidden(hidden));
        }
        // What was offered last was refused.
        let Some(last) = source.last.get() else { break };
        *offered.borrow_mut().entry(last).or_insert(0) += 1;
    }
    Err(NoSample::Refused)
}

struct Source<'s> {
    kind: Kind,
    random: Cell<u64>,
    /// How often each type has refused what it was offered.
    offered: &'s RefCell<HashMap<&'static str, usize>>,
    last: Cell<Option<&'static str>>,
    /// The type that asked for anything.
    hidden: Cell<Option<&'static str>>,
    /// The field that is read.
    field: Cell<&'static str>,
    choices: RefCell<Vec<Choice>>,
}

impl Source<'_> {
    /// A number below `bound`, from xorshift64*.
    fn below(&self, bound: usize) -> usize {
        if self.kind == Kind::Example || bound == 0 {
            return 0;
        }
        let mut next = self.random.get() | 1;
        next ^= next >> 12;
        next ^= next << 25;
        next ^= next >> 27;
        self.random.set(next);
        (next.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn refused(&self, type_name: &'static str) -> usize {
        self.last.set(Some(type_name));
        self.offered.borrow().get(type_name).copied().unwrap_or(0)
    }

    fn whole(&self, type_name: &'static str, least: i128, most: u128) -> i128 {
        let refused = self.refused(type_name);
        if self.kind == Kind::Example {
            return [5, 1, 12, 100, 0].get(refused).copied().unwrap_or(refused as i128).min(most as i128);
        }
        let most_signed = i128::try_from(most).unwrap_or(i128::MAX);
        match self.below(8) {
            _ if refused > 0 => self.below(20) as i128,
            0 => least,
            1 => most_signed,
            2 => 0,
            3 => (self.below(1 << 31) as i128).min(most_signed),
            _ => (self.below(100) as i128 - if least < 0 { 50 } else { 0 }).clamp(least, most_signed),
        }
    }

    fn float(&self, type_name: &'static str) -> f64 {
        let refused = self.refused(type_name);
        if self.kind == Kind::Example || refused > 0 {
            return 2.5 + self.below(20) as f64;
        }
        let any = [
            0.0,
            -0.0,
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            1e300,
            5e-324,
            0.1,
            -2.5,
            1e16,
            12345.678,
        ];
        any[self.below(any.len())]
    }

    fn text(&self, type_name: &'static str) -> String {
        let refused = self.refused(type_name);
        if refused > 0 {
            return FORMS[(refused - 1) % FORMS.len()].to_string();
        }
        if self.kind == Kind::Example {
            return "…".to_string();
        }
        const PIECES: [&str; 26] = [
            "a", "Petra", " ", "  ", ",", ":", "\"", "\\", "\n", "\t", "(", ")", " and ", "none", "no ",
            "not ", "ä", "|", "*", "5", "{0}", "<x>", "#", "\u{a0}", "\u{202e}", "'",
        ];
        (0..self.below(5)).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

/// Not a failure of the kit: what the type was offered is nothing that it takes.
#[derive(Debug)]
struct NotTaken;

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the type takes no such value")
    }
}

impl std::error::Error for NotTaken {}

impl de::Error for NotTaken {
    fn custom<T: fmt::Display>(_: T) -> Self {
        NotTaken
    }
}

#[derive(Clone, Copy)]
struct Sampler<'s> {
    source: &'s Source<'s>,
    route: &'s [u32],
    variant: Option<u32>,
    depth: u32,
}

impl Sampler<'_> {
    /// For a value within the message.
    fn within(self) -> Self {
        Sampler { route: &[], variant: None, depth: self.depth + 1, ..self }
    }

    fn len(self) -> usize {
        match self.source.kind {
            _ if self.depth > MAX_DEPTH => 0,
            Kind::Example => 1,
            Kind::Any(_) => self.source.below(4),
        }
    }
}

macro_rules! whole {
    ($($method:ident $visit:ident $type:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
            let number = self.source.whole(type_name::<V::Value>(), <$type>::MIN as i128, <$type>::MAX as u128);
            visitor.$visit(number as $type)
        })*
    };
}

impl<'de> Deserializer<'de> for Sampler<'_> {
    type Error = NotTaken;

    whole! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_i128 visit_i128 i128;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        let number = self.source.whole(type_name::<V::Value>(), 0, u128::MAX);
        visitor.visit_u128(if number == i128::MAX { u128::MAX } else { number as u128 })
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, NotTaken> {
        self.source.hidden.set(Some(type_name::<V::Value>()));
        Err(NotTaken)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_bool(self.source.below(2) == 0)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_f32(self.source.float(type_name::<V::Value>()) as f32)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_f64(self.source.float(type_name::<V::Value>()))
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        let chars = ['a', '"', '\\', ' ', ',', 'ß', '\n', '(', '5'];
        visitor.visit_char(chars[self.source.below(chars.len())])
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_string(self.source.text(type_name::<V::Value>()))
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_byte_buf((0..self.len()).map(|_| self.source.below(256) as u8).collect())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        if self.depth > MAX_DEPTH || self.source.below(3) == 1 {
            return visitor.visit_none();
        }
        visitor.visit_some(Sampler { depth: self.depth + 1, ..self })
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Items { sampler: self.within(), left: self.len() })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Items { sampler: self.within(), left: len })
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Items { sampler: self.within(), left: len })
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_map(Items { sampler: self.within(), left: self.len() })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        visitor.visit_map(Fields { sampler: self, keyed: name == KEYED, fields, read: 0 })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        let is_wrapper = is_sum(name) || name == LOOK_THROUGH;
        let (pick, inside) = match (self.route, self.variant) {
            ([first, rest @ ..], _) if is_wrapper => (*first as usize, Sampler { route: rest, ..self }),
            (_, Some(variant)) if !is_wrapper => (variant as usize, self.within()),
            _ => {
                let choice = (self.source.field.get(), variants);
                let mut choices = self.source.choices.borrow_mut();
                if !is_wrapper && variants.len() > 1 && !choices.contains(&choice) {
                    choices.push(choice);
                }
                // A type that holds itself ends with its first variant.
                let among = if self.depth > MAX_DEPTH { 1 } else { variants.len() };
                (self.source.below(among), self.within())
            }
        };
        let variant = variants.get(pick).ok_or(NotTaken)?;
        if self.depth > 2 * MAX_DEPTH {
            return Err(NotTaken);
        }
        visitor.visit_enum(Variant { sampler: inside, variant })
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        self.deserialize_str(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_unit()
    }
}

struct Items<'s> {
    sampler: Sampler<'s>,
    left: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = NotTaken;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, NotTaken> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.sampler).map(Some)
    }
}

impl<'de> MapAccess<'de> for Items<'_> {
    type Error = NotTaken;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotTaken> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotTaken> {
        seed.deserialize(self.sampler)
    }
}

struct Fields<'s> {
    sampler: Sampler<'s>,
    keyed: bool,
    fields: &'static [&'static str],
    read: usize,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = NotTaken;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotTaken> {
        let Some(field) = self.fields.get(self.read) else { return Ok(None) };
        self.read += 1;
        // A key has no name in words.
        self.sampler.source.field.set(if self.keyed { "" } else { field });
        let name: StrDeserializer<'_, NotTaken> = (*field).into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotTaken> {
        // The second field of a message with its key is the message.
        let is_message = self.keyed && self.read == 2;
        seed.deserialize(if is_message { self.sampler } else { self.sampler.within() })
    }
}

struct Variant<'s> {
    sampler: Sampler<'s>,
    variant: &'static str,
}

impl<'de, 's> EnumAccess<'de> for Variant<'s> {
    type Error = NotTaken;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), NotTaken> {
        let name: StrDeserializer<'_, NotTaken> = self.variant.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = NotTaken;

    fn unit_variant(self) -> Result<(), NotTaken> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, NotTaken> {
        seed.deserialize(self.sampler)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, NotTaken> {
        visitor.visit_seq(Items { sampler: self.sampler, left: len })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotTaken> {
        self.sampler.deserialize_struct("", fields, visitor)
    }
}

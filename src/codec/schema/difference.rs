//! What differs between two shapes, place by place, in sentences that name the place.

use super::shape::{Field, Shape};

/// One difference.
pub(super) struct Difference {
    /// The place, such as `.lines[].article`; empty for the whole content.
    place: String,
    what: String,
    /// Whether values of the older shape may not be read by it.
    pub(super) breaks: bool,
}

impl Difference {
    pub(super) fn sentence(&self) -> String {
        format!("{} {}", named(&self.place), self.what)
    }
}

/// A place in words.
pub(super) fn named(place: &str) -> String {
    match place.trim_start_matches('.') {
        "" => "the content".to_string(),
        place => format!("field `{place}`"),
    }
}

/// What differs between what was locked and what is read now.
pub(super) fn differences(locked: &Shape, now: &Shape) -> Vec<Difference> {
    let mut all = Vec::new();
    collect(locked, now, "", &mut all);
    all
}

fn collect(locked: &Shape, now: &Shape, place: &str, all: &mut Vec<Difference>) {
    if locked == now {
        return;
    }
    match (locked, now) {
        (Shape::Nullable(locked), Shape::Nullable(now)) => collect(locked, now, place, all),
        (Shape::List(locked), Shape::List(now)) => collect(locked, now, &format!("{place}[]"), all),
        (Shape::Map(locked_key, locked), Shape::Map(key, now)) => {
            collect(locked_key, key, &format!("{place}[key]"), all);
            collect(locked, now, &format!("{place}[]"), all);
        }
        (Shape::Tuple(locked), Shape::Tuple(now)) if locked.len() == now.len() => {
            for (index, (locked, now)) in locked.iter().zip(now).enumerate() {
                collect(locked, now, &format!("{place}.{index}"), all);
            }
        }
        (Shape::Struct(locked), Shape::Struct(now)) => {
            for (name, field) in locked.iter() {
                field_difference(Some(field), now.get(name), &format!("{place}.{name}"), all);
            }
            for (name, field) in now.iter().filter(|(name, _)| !locked.contains_key(*name)) {
                field_difference(None, Some(field), &format!("{place}.{name}"), all);
            }
        }
        (Shape::Enum(locked), Shape::Enum(now)) => {
            for (name, locked) in locked.iter() {
                let place = format!("{place}({name})");
                match now.get(name) {
                    Some(now) => collect(locked, now, &place, all),
                    None => all.push(Difference {
                        place,
                        what: "is a variant that was locked, and that is not read any more".into(),
                        breaks: true,
                    }),
                }
            }
            all.extend(now.keys().filter(|name| !locked.contains_key(*name)).map(|name| Difference {
                place: format!("{place}({name})"),
                what: "is a new variant".into(),
                breaks: false,
            }));
        }
        _ => all.push(Difference {
            place: place.to_string(),
            what: format!("was locked as {}, and is now {}", locked.words(), now.words()),
            breaks: !now.covers(locked),
        }),
    }
}

fn field_difference(locked: Option<&Field>, now: Option<&Field>, place: &str, all: &mut Vec<Difference>) {
    let mut push = |what: String, breaks| all.push(Difference { place: place.to_string(), what, breaks });
    match (locked, now) {
        (Some(locked), Some(now)) if both_change(locked, now) => {
            push(
                format!("was locked as {}, and is now {}", locked.words(), now.words()),
                !now.covers(locked),
            );
        }
        (Some(locked), Some(now)) => {
            if locked.may_be_missing && !now.may_be_missing {
                push("could be missing when it was locked, and is required now".into(), true);
            } else if now.may_be_missing && !locked.may_be_missing {
                push("was required when it was locked, and may be missing now".into(), false);
            }
            collect(&locked.shape, &now.shape, place, all);
        }
        (Some(locked), None) => {
            push(format!("was locked as {}, and is not read any more", locked.words()), false);
        }
        (None, Some(now)) if now.may_be_missing => push(format!("is new: {}", now.words()), false),
        (None, Some(now)) => {
            push(format!("is required now ({}), and was not there when it was locked", now.words()), true);
        }
        (None, None) => {}
    }
}

/// Whether both the shape of a field and whether it may be missing have changed; one sentence says both.
fn both_change(locked: &Field, now: &Field) -> bool {
    let inside = matches!(
        (&locked.shape, &now.shape),
        (Shape::Struct(_), Shape::Struct(_)) | (Shape::Enum(_), Shape::Enum(_))
    );
    locked.may_be_missing != now.may_be_missing && locked.shape != now.shape && !inside
}

//! What a faulty store shows.

use super::faults::Fault::*;
use super::{Faulty, Owned, whole};
use leftfold::conformance::Fact;
use leftfold::recorded::{Envelope, EventId, Headers, Position, StreamName, Version};
use leftfold::store::{
    DELETED, DESCRIBED, Direction, Entry, EventReader, Listing, QueryItem, Read, ReadError, StreamInfo,
    StreamState,
};
use std::ops::ControlFlow;
use std::time::Duration;

impl Faulty {
    /// An entry as a store with this fault would show it.
    fn changed(&self, (mut envelope, mut fact): Owned, all: &[Owned]) -> Option<Owned> {
        let before =
            || all.iter().filter(|(at, _)| at.position < envelope.position && at.stream == envelope.stream);
        let tombstone = |(at, _): &&Owned| *at.event_type == *DELETED;
        match self.fault {
            LosesTags => envelope.tags.truncate(1),
            ChangesTexts => {
                if let Some(Fact::Noted(text)) = &mut fact {
                    *text = text.replace('\r', "");
                }
            }
            CountsFromZero => {
                envelope.version = Version::new(envelope.version.get().saturating_sub(1));
                envelope.id = EventId::new("the only id").unwrap();
            }
            ReusesVersions => {
                let reused = before().rfind(tombstone).map_or(0, |(at, _)| at.version.get());
                envelope.version = Version::new(envelope.version.get() - reused);
            }
            HidesWhatWasDeleted if *envelope.event_type == *DELETED => return None,
            ShowsMetadataAsEvents if *envelope.event_type == *DESCRIBED => {
                envelope.event_type = "Described".into();
            }
            _ => {}
        }
        Some((envelope, fact))
    }

    /// What a stream was described with.
    fn described(&self, at: &Envelope) -> Headers {
        let mut found = Headers::default();
        let there = whole().starting_at(at.position).until(at.position);
        let _ = self.store.visit(&there, &mut |entry| {
            if let Entry::Described(_, headers) = entry {
                found.clone_from(headers);
            }
            ControlFlow::Continue(())
        });
        match self.fault {
            TellsTheLastDescription => self.store.stream(&at.stream).unwrap().unwrap().metadata,
            _ => found,
        }
    }

    fn item_matches(&self, item: &QueryItem, at: &Envelope) -> bool {
        match self.fault {
            EndsCategoriesAtTheLastDash if !item.categories.is_empty() => {
                let category = at.stream.as_str().rsplit_once('-').map_or("", |(before, _)| before);
                item.categories.iter().any(|it| it == category)
                    && QueryItem { categories: Vec::new(), ..item.clone() }.matches(at)
            }
            TakesTagsForAlternatives if !item.tags.is_empty() => {
                item.tags.iter().any(|tag| at.tags.contains(tag))
                    && QueryItem { tags: Vec::new(), ..item.clone() }.matches(at)
            }
            _ => item.matches(at),
        }
    }

    fn matches(&self, read: &Read, at: &Envelope) -> bool {
        let ((from, until), (first, last)) = (read.positions(), read.versions());
        let described = *at.event_type == *DESCRIBED;
        let most = if self.fault == ReadsOneItem { 1 } else { usize::MAX };
        let mut items = read.query().items().iter().take(most);
        let from = match self.fault {
            RepeatsAtTheSeam => from.get().saturating_sub(1),
            _ => from.get(),
        };
        let until = until.get().saturating_sub(u64::from(self.fault == ExcludesTheLastPosition));
        let first = match self.fault {
            ExcludesTheFirstVersion if first > Version::NONE => first.next(),
            _ => first,
        };
        (from..=until).contains(&at.position.get())
            && (first..=last).contains(&at.version)
            && items.any(|item| self.item_matches(item, at) && (!described || !item.types.is_empty()))
    }

    fn passes(&self, read: &Read, at: &Envelope) -> Result<bool, ReadError> {
        let most = if self.fault == PassesOneFilterOfSeveral { 1 } else { usize::MAX };
        for filter in read.filters().iter().take(most) {
            let told = filter.to_string();
            let (negative, words) = (told.contains("!=") || told.contains("not in"), told.split(' '));
            let header = words.clone().nth(1).filter(|_| told.starts_with("header"));
            let missing = header.is_some_and(|name| !at.metadata.headers.contains_key(name));
            let passes = match (filter.passes(at), self.fault) {
                (Ok(_), TakesMissingForUnequal) if negative && missing => true,
                (Err(_), TakesUnlikeForUnequal) => negative,
                (Ok(false), RoundsNumbers) => {
                    told == "header n = 9007199254740992" && at.position == Position::new(4)
                }
                (Ok(true), TakesLessForAtMost) if told.contains("<=") && told.ends_with(" 5") => {
                    at.metadata.headers.values().all(|value| *value != 5.into())
                }
                (Ok(_), DoesNotKnowTheId) if told.starts_with("id ") => true,
                (other, _) => other?,
            };
            if !passes {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Shows what there is from a position on, and answers with how many entries that were.
    fn show(
        &self,
        read: &Read,
        after: Position,
        each: &mut dyn FnMut(Entry<'_, Fact>) -> ControlFlow<()>,
    ) -> Result<(usize, Position, bool), ReadError> {
        let (mut all, mut head) = self.everything();
        if self.fault == ReadsWhatWasThereBefore && head > Position::new(40) && head.get() % 3 > 0 {
            // What came last is not there yet.
            let last = all.pop().unwrap().0.id;
            head = Position::new(all.len() as u64);
            drop(last);
        }
        let mut seen: Vec<Owned> = all.iter().filter_map(|entry| self.changed(entry.clone(), &all)).collect();
        seen.retain(|(at, _)| at.position > after && self.matches(read, at));
        if self.fault == ShowsWhatHasATagTwiceTwice {
            let twice =
                |(at, _): &Owned| (1..at.tags.len()).any(|place| at.tags[..place].contains(&at.tags[place]));
            seen = seen
                .into_iter()
                .flat_map(|entry| vec![entry.clone(); 1 + usize::from(twice(&entry))])
                .collect();
        }
        if read.direction() == Direction::Backwards && self.fault != IgnoresTheDirection {
            seen.reverse();
        }
        let mut left = read.most().unwrap_or(usize::MAX);
        let (mut shown, mut last) = (0, head);
        for (envelope, fact) in seen {
            if left == 0 {
                break;
            }
            let passes = self.passes(read, &envelope)?;
            left -= usize::from(passes || self.fault == LimitsBeforeItFilters);
            if !passes {
                continue;
            }
            (shown, last) = (shown + 1, envelope.position);
            let flow = match fact {
                Some(event) => each(Entry::Event(&envelope, &event)),
                None if *envelope.event_type == *DELETED => each(Entry::Deleted(&envelope)),
                None => each(Entry::Described(&envelope, &self.described(&envelope))),
            };
            if flow.is_break() && self.fault != DoesNotBreakOff {
                return Ok((shown, if self.fault == TellsWhereItStopped { last } else { head }, true));
            }
        }
        let told = if self.fault == TellsWhereItStopped && shown > 0 { last } else { head };
        Ok((shown, told, false))
    }
}

impl EventReader<Fact> for Faulty {
    fn head(&self) -> Result<Position, ReadError> {
        self.store.head()
    }

    fn visit(
        &self,
        read: &Read,
        each: &mut dyn FnMut(Entry<'_, Fact>) -> ControlFlow<()>,
    ) -> Result<Position, ReadError> {
        self.reading.lock().unwrap().push(std::thread::current().id());
        let mut outcome = self.show(read, Position::START, each);
        while self.fault == SeesTheLogGrow
            && let Ok((_, head, false)) = outcome
            && head < self.store.head()?
        {
            outcome = self.show(read, head, each);
        }
        let mut reading = self.reading.lock().unwrap();
        let this = reading.iter().position(|thread| *thread == std::thread::current().id()).unwrap();
        reading.remove(this);
        drop(reading);
        match self.fault {
            TellsALaterHead => outcome.and_then(|_| self.store.head()),
            _ => outcome.map(|(_, head, _)| head),
        }
    }

    fn stream(&self, stream: &StreamName) -> Result<Option<StreamInfo>, ReadError> {
        let found = self.store.stream(stream)?;
        Ok(match self.fault {
            KnowsNoDeletedStreams => found.filter(|info| !matches!(info.state, StreamState::Deleted(_))),
            KnowsDescribedStreamsByEventsAlone => found.filter(|info| info.first.is_some()),
            TellsTheLastPositionOfTheLog => {
                let head = self.store.head()?;
                found.map(|info| StreamInfo { last: info.last.map(|_| head), ..info })
            }
            _ => found,
        })
    }

    fn streams(&self, listing: &Listing) -> Result<Vec<StreamInfo>, ReadError> {
        if self.fault == ListsByPrefixAlone {
            return self.store.streams(&Listing::prefix(listing.begins()));
        }
        let mut streams = self.store.streams(listing)?;
        if self.fault == ListsUnsorted {
            streams.reverse();
        }
        Ok(streams)
    }

    fn categories(&self, listing: &Listing) -> Result<Vec<String>, ReadError> {
        match self.fault {
            ListsEveryCategory => self.store.categories(&Listing::all()),
            _ => self.store.categories(listing),
        }
    }

    fn position_of(&self, id: &EventId) -> Result<Option<Position>, ReadError> {
        let found = self.store.position_of(id)?;
        Ok(match self.fault {
            FindsTheIdBefore => found.map(|position| Position::new(position.get() - 1)),
            _ => found,
        })
    }

    fn wait(&self, after: Position, at_most: Duration) -> Result<Position, ReadError> {
        match self.fault {
            WaitsForNothing => self.store.head(),
            _ => self.store.wait(after, at_most),
        }
    }
}

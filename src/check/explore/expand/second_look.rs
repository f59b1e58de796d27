//! A second look at some states: a model that answers differently the second time is unfit.

use super::{Block, Expander, Note, SeenStates, Setting, unlike, watched};
use crate::check::explore::unfit::{Differed, Unfit};
use crate::decider::Decider;

impl<D, A, I, M> Expander<'_, D, A, M>
where
    D: Decider<State: Clone>,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
    M: SeenStates<D::State>,
{
    /// Lists the commands of a state again, and takes each step twice. Any difference makes the model unfit.
    ///
    /// This happens before the steps that count, so that the very first answer is one of the two. It is separate from them,
    /// so that they stay fast.
    #[cold]
    #[inline(never)]
    pub(super) fn look_twice(
        &mut self,
        state: &D::State,
        commands: &[D::Command],
        block: &mut Block<M::NewStates>,
    ) {
        let most = self.setting.most_commands;
        let listed = watched(self.watchful, || {
            (self.setting.alphabet)(state).into_iter().take(most + 1).count().min(most)
        });
        match listed {
            Ok(listed) if listed == commands.len() => (),
            Ok(_) => block.notes.push(unlike(None, Differed::Alphabet)),
            Err(_) => block.notes.push(unlike(None, Differed::Panic)),
        }
        for (i, command) in commands.iter().enumerate() {
            if let Err(why) = self.answers_alike(state, command) {
                block.notes.push(Note::Unfit { command: Some(i as u16), why });
            }
        }
    }

    /// Takes one step twice, and returns how the two differ. Two panics are alike, and reported by the step that counts.
    fn answers_alike(&mut self, state: &D::State, command: &D::Command) -> Result<(), Unfit> {
        let Setting { decider, .. } = self.setting;
        let led = || {
            watched(self.watchful, || {
                let events = decider.decide(command, state).ok()?;
                Some((!events.is_empty()).then(|| decider.fold_from(state.clone(), &events)))
            })
        };
        let what = match (led(), led()) {
            (Err(_), Err(_)) | (Ok(None), Ok(None)) | (Ok(Some(None)), Ok(Some(None))) => return Ok(()),
            (Ok(Some(Some(one))), Ok(Some(Some(other)))) => {
                let seen = self.phase.seen;
                let (lookup, again) = (&mut self.lookup, &mut self.again);
                let same = watched(self.watchful, || {
                    seen.prepare_alone(one, lookup)?;
                    seen.prepare_alone(other, again)?;
                    Ok(seen.same(lookup, again))
                });
                match same {
                    Ok(Ok(true)) | Err(_) => return Ok(()),
                    Ok(Ok(false)) => Differed::State,
                    Ok(Err(why)) => return Err(why),
                }
            }
            (Ok(Some(_)), Ok(Some(_))) => Differed::State,
            (Ok(_), Ok(_)) => Differed::Answer,
            (Err(_), Ok(_)) | (Ok(_), Err(_)) => Differed::Panic,
        };
        Err(Unfit::NotDeterministic { what })
    }
}

//! A second look at some states: a model that answers otherwise when it is asked again is unfit.

use super::{Block, Expander, Memory, Note, unlike, watched};
use crate::check::explore::unfit::{Differed, Unfit};
use crate::decider::Decider;

impl<D, A, I, M> Expander<'_, D, A, M>
where
    D: Decider<State: Clone>,
    A: Fn(&D::State) -> I,
    I: IntoIterator<Item = D::Command>,
    M: Memory<D::State>,
{
    /// Lists the commands of a state once more, and takes each step twice: what differs makes the model unfit.
    ///
    /// Apart from the steps that count, so that these stay as quick as they can be. `noted` is how many notes there were
    /// before the visit: a command that has panicked in it is not taken again.
    #[cold]
    #[inline(never)]
    pub(super) fn look_twice(
        &mut self,
        state: &D::State,
        commands: &[D::Command],
        noted: usize,
        block: &mut Block<M::Drafts>,
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
            let index = Some(i as u16);
            let panicked = |note: &Note| match note {
                Note::Panicked { command, .. } | Note::PropertyPanicked { command, .. } => *command == index,
                _ => false,
            };
            if self.watchful && block.notes[noted..].iter().any(panicked) {
                continue;
            }
            let why = match watched(self.watchful, || self.unlike_twice(state, command)) {
                Ok(Ok(())) => continue,
                Ok(Err(why)) => why,
                Err(_) => Unfit::NotDeterministic { what: Differed::Panic },
            };
            block.notes.push(Note::Unfit { command: index, why });
        }
    }

    /// Takes one step twice: why the two are unlike.
    fn unlike_twice(&mut self, state: &D::State, command: &D::Command) -> Result<(), Unfit> {
        let decider = self.setting.decider;
        let differed = |what| Err(Unfit::NotDeterministic { what });
        let led = || {
            decider
                .decide(command, state)
                .map(|events| (!events.is_empty()).then(|| decider.fold_from(state.clone(), &events)))
        };
        match (led(), led()) {
            (Err(_), Err(_)) | (Ok(None), Ok(None)) => Ok(()),
            (Err(_), Ok(_)) | (Ok(_), Err(_)) => differed(Differed::Answer),
            (Ok(Some(one)), Ok(Some(other))) => {
                let memory = self.phase.memory;
                memory.beside(one, &mut self.draft)?;
                memory.beside(other, &mut self.again)?;
                if memory.same(&self.draft, &self.again) { Ok(()) } else { differed(Differed::State) }
            }
            (Ok(_), Ok(_)) => differed(Differed::State),
        }
    }
}

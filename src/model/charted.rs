//! Stories over a network are drawn as sequence charts.

use super::{Model, Modelled};
use crate::check::{SequenceChart, Story};
use crate::decider::Decider;
use crate::message::{Message, Words};
use crate::process::ProcessManager;
use crate::process::delivery::Delivery;

/// How a story of the model is drawn.
pub(super) type ChartOf<D> = fn(&Story<D>, &D, &Words) -> SequenceChart;

impl<D, P> Model<Delivery<D, P>>
where
    D: Decider<Event: Message + Clone + Ord, Command: Message + Clone + Ord, Rejection: Message>,
    P: ProcessManager<Event = D::Event, Command = D::Command>,
    Delivery<D, P>: Modelled,
{
    /// Has the stories that its page shows drawn as sequence charts too, as [`Story::chart`] draws them: who sent what to whom, and what was
    /// lost on its way.
    ///
    /// ```
    /// # use leftfold::{Decider, Model, Modelled, ProcessManager};
    /// # use leftfold::delivery::Delivery;
    /// # use leftfold::message::Message;
    /// # fn model<D, P>(delivery: Delivery<D, P>) -> Model<Delivery<D, P>>
    /// # where
    /// #     D: Decider<Event: Message + Clone + Ord, Command: Message + Clone + Ord, Rejection: Message>,
    /// #     P: ProcessManager<Event = D::Event, Command = D::Command>,
    /// #     Delivery<D, P>: Modelled,
    /// # {
    /// Model::new("order over a network", delivery).charted()
    /// # }
    /// ```
    #[must_use]
    pub fn charted(mut self) -> Self {
        self.declared.chart = Some(Story::chart);
        self
    }
}

impl<D: Modelled> Model<D> {
    /// A story as a sequence chart, if the model has its stories drawn.
    pub(crate) fn chart_of(&self, story: &Story<D>) -> Option<SequenceChart> {
        self.declared.chart.map(|chart| chart(story, &self.decider, self.specification.in_words()))
    }
}

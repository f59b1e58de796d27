//! How the contracts stand: a view of where each has come to, and since when.

use super::Event;
use super::contract::{ContractEvent, ContractNumber, Stage};
use super::customer::CustomerNumber;
use jiff::Timestamp;
use leftfold::im::OrdMap;
use leftfold::{Fold, Keyed};
use serde::{Deserialize, Serialize};

/// Something that happened, and when it was recorded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct At {
    pub at: Timestamp,
    pub event: Event,
}

/// The contracts under way; those that have ended are counted.
#[derive(Clone, Copy, Debug)]
pub struct Progress;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Standings {
    pub under_way: OrdMap<ContractNumber, Standing>,
    /// How many have ended in each way.
    pub ended: OrdMap<Stage, u32>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    pub customer: CustomerNumber,
    pub stage: Stage,
    /// When it came to this stage.
    pub since: Timestamp,
    pub signatures: u8,
}

impl Fold for Progress {
    type State = Standings;
    type Event = At;

    fn initial_state(&self) -> Standings {
        Standings::default()
    }

    fn evolve(&self, mut standings: Standings, At { at, event }: &At) -> Standings {
        let Event::Contract(Keyed { key, message }) = event else { return standings };
        if let ContractEvent::AppointmentMade { customer, .. } = message {
            let standing =
                Standing { customer: *customer, stage: Stage::Appointed, since: *at, signatures: 0 };
            standings.under_way.insert(*key, standing);
        }
        let Some(standing) = standings.under_way.get_mut(key) else { return standings };
        let stage = standing.stage.after(message);
        if stage != standing.stage {
            (standing.stage, standing.since) = (stage, *at);
        }
        if matches!(message, ContractEvent::InternallySigned | ContractEvent::ExternallySigned) {
            standing.signatures += 1;
        }
        if stage.has_ended() {
            standings.under_way.remove(key);
            *standings.ended.entry(stage).or_default() += 1;
        }
        standings
    }
}

impl Standings {
    /// Those that have been with the signing service since before this moment.
    pub fn stuck_since(&self, before: Timestamp) -> impl Iterator<Item = (ContractNumber, &Standing)> {
        let standings = self.under_way.iter().map(|(contract, standing)| (*contract, standing));
        standings.filter(move |(_, standing)| standing.stage.is_outside() && standing.since < before)
    }
}

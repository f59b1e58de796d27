//! Who is searched for: a view of customers and of what is negotiated with them.

use super::Event;
use super::contract::{ContractEvent, ContractNumber, Stage};
use super::customer::{Change, CustomerEvent, CustomerNumber, Segment};
use leftfold::im::OrdMap;
use leftfold::{Fold, Keyed};
use serde::{Deserialize, Serialize};

/// The search index: a fold of all that is told of customers and contracts.
#[derive(Clone, Copy, Debug)]
pub struct Search;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Index {
    pub shops: OrdMap<CustomerNumber, Found>,
    /// With whom each contract is negotiated.
    contracts: OrdMap<ContractNumber, CustomerNumber>,
}

/// What a search finds of a customer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub name: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    /// `None` of a customer of whom only a note is known.
    pub segment: Option<Segment>,
    pub email: String,
    pub account_manager: String,
    pub contracts: OrdMap<ContractNumber, Stage>,
    /// All that is searched, in small letters.
    text: String,
}

/// What is looked for: all of it.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words that stand somewhere in name, address, e-mail or account manager.
    pub words: Vec<String>,
    pub city: Option<String>,
    pub segment: Option<Segment>,
    /// Some contract is in this stage.
    pub stage: Option<Stage>,
}

impl Fold for Search {
    type State = Index;
    type Event = Event;

    fn initial_state(&self) -> Index {
        Index::default()
    }

    fn evolve(&self, mut index: Index, event: &Event) -> Index {
        match event {
            Event::Customer(Keyed { key, message }) => {
                let shop = index.shops.entry(*key).or_default();
                match message {
                    CustomerEvent::ShopAdded(basic) | CustomerEvent::ShopUpdated(Change::Basic(basic)) => {
                        shop.name.clone_from(&basic.name);
                        shop.street.clone_from(&basic.street);
                        shop.postcode.clone_from(&basic.postcode);
                        shop.city.clone_from(&basic.city);
                        shop.segment = Some(basic.segment);
                    }
                    CustomerEvent::ShopUpdated(Change::Invoice(invoice)) => {
                        shop.email.clone_from(&invoice.email);
                    }
                    CustomerEvent::ShopUpdated(Change::Deskware(deskware)) => {
                        shop.account_manager.clone_from(&deskware.account_manager);
                    }
                    CustomerEvent::RejectionNoted { .. } => return index,
                }
                shop.text = shop.searched();
            }
            Event::Contract(Keyed { key, message }) => {
                if let ContractEvent::AppointmentMade { customer, .. } = message {
                    index.contracts.insert(*key, *customer);
                }
                let Some(customer) = index.contracts.get(key) else { return index };
                let stage = index.shops.entry(*customer).or_default().contracts.entry(*key).or_default();
                *stage = stage.after(message);
            }
            Event::Mail(_) | Event::Signing(_) => {}
        }
        index
    }
}

impl Index {
    /// All that match, in the order of their numbers. O(customers).
    pub fn find<'i>(&'i self, wanted: &Wanted) -> impl Iterator<Item = (CustomerNumber, &'i Found)> {
        let words: Vec<String> = wanted.words.iter().map(|word| word.to_lowercase()).collect();
        let Wanted { city, segment, stage, .. } = wanted.clone();
        let city = city.map(|city| city.to_lowercase());
        self.known().filter(move |(_, shop)| {
            words.iter().all(|word| shop.text.contains(word))
                && city.as_ref().is_none_or(|city| shop.city.to_lowercase() == *city)
                && segment.is_none_or(|segment| shop.segment == Some(segment))
                && stage.is_none_or(|stage| shop.contracts.values().any(|reached| *reached == stage))
        })
    }

    /// How many shops there are.
    pub fn len(&self) -> usize {
        self.known().count()
    }

    fn known(&self) -> impl Iterator<Item = (CustomerNumber, &Found)> {
        let shops = self.shops.iter().map(|(number, shop)| (*number, shop));
        shops.filter(|(_, shop)| shop.segment.is_some())
    }
}

impl Found {
    fn searched(&self) -> String {
        let all = [&self.name, &self.street, &self.postcode, &self.city, &self.email, &self.account_manager];
        all.map(|text| text.to_lowercase()).join(" ")
    }
}

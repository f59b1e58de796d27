//! Customers: shops that live in a legacy system, which exports them every night.

use super::contract::ContractNumber;
use leftfold::im::OrdMap;
use leftfold::{Decider, Fold};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of a shop in the legacy system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CustomerNumber(pub u32);

impl fmt::Display for CustomerNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What the export tells of a shop, a table at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CustomerCommand {
    /// Who and where.
    ImportBasicCustomerData(BasicData),
    /// Where its invoices go.
    ImportDigitalInvoiceData(InvoiceData),
    /// What the sales department keeps of it.
    ImportCustomerDeskwareData(DeskwareData),
    /// The supervisor has refused a contract with it.
    NoteRejection { contract: ContractNumber, reason: String },
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CustomerEvent {
    ShopAdded(BasicData),
    ShopUpdated(Change),
    RejectionNoted { contract: ContractNumber, reason: String },
}

/// What has become different about a shop.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Change {
    Basic(BasicData),
    Invoice(InvoiceData),
    Deskware(DeskwareData),
}

/// Why a row is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, thiserror::Error)]
pub enum CustomerRejection {
    #[error("the shop has no name")]
    NameMissing,
    #[error("{email:?} is no address of e-mail")]
    NotAnAddress { email: String },
    #[error("there is no such shop: its basic data has to be imported first")]
    UnknownShop,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BasicData {
    pub name: String,
    pub street: String,
    pub postcode: String,
    pub city: String,
    pub segment: Segment,
}

/// What kind of shop it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Segment {
    Boutique,
    Chain,
    DepartmentStore,
    Online,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct InvoiceData {
    pub email: String,
    pub format: InvoiceFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InvoiceFormat {
    Pdf,
    Xml,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DeskwareData {
    pub account_manager: String,
    /// Square metres on which it sells.
    pub sales_area: u32,
    /// Whole euros a year.
    pub turnover: u64,
}

/// A shop, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Shop {
    pub basic: Option<BasicData>,
    pub invoice: Option<InvoiceData>,
    pub deskware: Option<DeskwareData>,
    /// Contracts that were refused, with the reason.
    pub rejections: OrdMap<ContractNumber, String>,
}

/// One customer.
#[derive(Clone, Copy, Debug)]
pub struct Customer;

impl Fold for Customer {
    type State = Shop;
    type Event = CustomerEvent;

    fn initial_state(&self) -> Shop {
        Shop::default()
    }

    fn evolve(&self, mut shop: Shop, event: &CustomerEvent) -> Shop {
        match event {
            CustomerEvent::ShopAdded(basic) | CustomerEvent::ShopUpdated(Change::Basic(basic)) => {
                shop.basic = Some(basic.clone());
            }
            CustomerEvent::ShopUpdated(Change::Invoice(invoice)) => shop.invoice = Some(invoice.clone()),
            CustomerEvent::ShopUpdated(Change::Deskware(deskware)) => shop.deskware = Some(deskware.clone()),
            CustomerEvent::RejectionNoted { contract, reason } => {
                shop.rejections.insert(*contract, reason.clone());
            }
        }
        shop
    }
}

impl Decider for Customer {
    type Command = CustomerCommand;
    type Rejection = CustomerRejection;

    /// A row that says what is known already changes nothing; neither does a note that was made before.
    fn decide(
        &self,
        command: &CustomerCommand,
        shop: &Shop,
    ) -> Result<Vec<CustomerEvent>, CustomerRejection> {
        use CustomerRejection::{NameMissing, NotAnAddress, UnknownShop};
        let event = match command {
            CustomerCommand::ImportBasicCustomerData(basic) => {
                if basic.name.trim().is_empty() {
                    return Err(NameMissing);
                }
                match &shop.basic {
                    None => CustomerEvent::ShopAdded(basic.clone()),
                    Some(known) if known == basic => return Ok(vec![]),
                    Some(_) => CustomerEvent::ShopUpdated(Change::Basic(basic.clone())),
                }
            }
            CustomerCommand::NoteRejection { contract, .. } if shop.rejections.contains_key(contract) => {
                return Ok(vec![]);
            }
            // Also of a shop that the export does not know yet: the note must not get lost.
            CustomerCommand::NoteRejection { contract, reason } => {
                CustomerEvent::RejectionNoted { contract: *contract, reason: reason.clone() }
            }
            _ if shop.basic.is_none() => return Err(UnknownShop),
            CustomerCommand::ImportDigitalInvoiceData(invoice) => {
                if !is_address(&invoice.email) {
                    return Err(NotAnAddress { email: invoice.email.clone() });
                }
                if shop.invoice.as_ref() == Some(invoice) {
                    return Ok(vec![]);
                }
                CustomerEvent::ShopUpdated(Change::Invoice(invoice.clone()))
            }
            CustomerCommand::ImportCustomerDeskwareData(deskware) => {
                if shop.deskware.as_ref() == Some(deskware) {
                    return Ok(vec![]);
                }
                CustomerEvent::ShopUpdated(Change::Deskware(deskware.clone()))
            }
        };
        Ok(vec![event])
    }
}

fn is_address(email: &str) -> bool {
    email.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'))
}

impl Segment {
    pub const ALL: [Segment; 4] =
        [Segment::Boutique, Segment::Chain, Segment::DepartmentStore, Segment::Online];

    pub fn name(self) -> &'static str {
        match self {
            Segment::Boutique => "boutique",
            Segment::Chain => "chain",
            Segment::DepartmentStore => "department-store",
            Segment::Online => "online",
        }
    }

    pub fn named(name: &str) -> Option<Segment> {
        Segment::ALL.into_iter().find(|segment| segment.name() == name)
    }
}

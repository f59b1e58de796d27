//! The multistep form: which fields come next, with which rules, from what is known so far; and whether what was filled in
//! would do, by the very `decide` that will judge it.

use super::contract::{
    Contract, ContractCommand, ContractEvent, ContractRejection, LARGEST_SALES_AREA, Negotiation, Problem,
    SpecialConditions, Stage, least_sales,
};
use super::customer::CustomerNumber;
use jiff::civil::Date;
use leftfold::Decider;
use leftfold::message::phrase;
use leftfold::page::printable;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;
use std::fmt;

/// What somebody has filled in, by the names of the fields.
pub type Answers = BTreeMap<String, String>;

/// One step of the form.
#[derive(Debug, PartialEq, Serialize)]
pub struct Form {
    pub stage: Stage,
    /// `None` once the contract has ended.
    pub step: Option<Step>,
    pub fields: Vec<Field>,
}

/// What the form is about, one after another. Its words are in English here, as those of all that follows; in German, they
/// are in `german`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Appointment,
    SpecialConditions,
    Decision,
    Signing,
}

impl Step {
    /// The step that is open in this stage.
    pub fn of(stage: Stage) -> Option<Step> {
        match stage {
            Stage::New => Some(Step::Appointment),
            Stage::Appointed => Some(Step::SpecialConditions),
            Stage::Requested => Some(Step::Decision),
            Stage::Accepted | Stage::Sent | Stage::Signing => Some(Step::Signing),
            Stage::Completed | Stage::Rejected | Stage::Abandoned => None,
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::Appointment => "appointment",
            Step::SpecialConditions => "special conditions",
            Step::Decision => "decision of the supervisor",
            Step::Signing => "signing, by the external service",
        })
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One field of a step.
#[derive(Debug, PartialEq, Serialize)]
pub struct Field {
    pub name: &'static str,
    pub label: Label,
    pub required: bool,
    #[serde(flatten)]
    pub rule: Rule,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// What a field is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    Customer,
    Day,
    AccountManager,
    SalesArea,
    PlannedSales,
    OtherDay,
    Decision,
    Supervisor,
    Reason,
    Abandon,
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Label::Customer => "Number of the customer",
            Label::Day => "Day of the appointment",
            Label::AccountManager => "Account manager",
            Label::SalesArea => "Sales area in square metres",
            Label::PlannedSales => "Planned annual sales in euros",
            Label::OtherDay => "Meet on this day instead, in place of all other fields",
            Label::Decision => "Decision",
            Label::Supervisor => "Supervisor",
            Label::Reason => "Reason of the rejection",
            Label::Abandon => "Give the negotiation up, for this reason, in place of all other fields",
        })
    }
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What a field takes.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Rule {
    Text,
    Date,
    WholeNumber {
        at_least: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        at_most: Option<u64>,
    },
    Choice {
        of: Vec<Choice>,
    },
}

/// What the supervisor may decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Accept,
    Reject,
}

impl Choice {
    /// As it is filled in.
    pub fn name(self) -> &'static str {
        match self {
            Choice::Accept => "accept",
            Choice::Reject => "reject",
        }
    }
}

impl Serialize for Choice {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// An answer to each field of a step, and to all of them together.
#[derive(Debug, PartialEq)]
pub struct Validation {
    /// Each field with what is wrong with it, if anything is.
    pub fields: Vec<(String, Option<Wrong>)>,
    /// What would happen, or why nothing would.
    pub outcome: Result<Vec<ContractEvent>, Hindrance>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// `decide` refuses it.
    #[error("{0}")]
    Refused(Problem),
    #[error("a whole number is missing")]
    NumberMissing,
    #[error("{0:?} is no whole number, or too large a one")]
    NoNumber(String),
    #[error("a day is written as 2026-12-31")]
    NoDay,
    #[error("the decision is accept or reject")]
    NoDecision,
    #[error("this step has no such field")]
    NoSuchField,
}

/// Why nothing would happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Hindrance {
    #[error("this step asks for nothing but patience")]
    NothingAsked,
    #[error("{0}")]
    Rejected(ContractRejection),
    #[error("{}", match .0 {
        1 => "one field is missing or wrong".to_string(),
        many => format!("{many} fields are missing or wrong"),
    })]
    Fields(usize),
}

/// The command that a form asks for, and what of it could not be read.
struct Filled {
    command: Option<ContractCommand>,
    problems: BTreeMap<String, Wrong>,
}

const DECISION: &str = "decision";
const ABANDON: &str = "abandon";
const MOVE: &str = "on";

/// The fields of the next step.
pub fn form(contract: &Contract, answers: &Answers) -> Form {
    let answered = |name: &str| answers.get(name).cloned();
    let field = |name, label, rule| Field { name, label, required: true, rule, answer: answered(name) };
    let in_place = |name, label, rule| Field { required: false, ..field(name, label, rule) };
    let step = Step::of(contract.stage);
    let mut fields = match step {
        Some(Step::Appointment) => vec![
            field("customer", Label::Customer, whole_number(0, Some(u32::MAX.into()))),
            field("on", Label::Day, Rule::Date),
        ],
        Some(Step::SpecialConditions) => {
            let area = answers.get("sales_area").and_then(|area| area.parse().ok());
            let at_least = least_sales(area.unwrap_or(1).clamp(1, LARGEST_SALES_AREA));
            vec![
                field("account_manager", Label::AccountManager, Rule::Text),
                field("sales_area", Label::SalesArea, whole_number(1, Some(LARGEST_SALES_AREA.into()))),
                field("planned_sales", Label::PlannedSales, whole_number(at_least, None)),
                in_place(MOVE, Label::OtherDay, Rule::Date),
            ]
        }
        Some(Step::Decision) => {
            let choice = Rule::Choice { of: vec![Choice::Accept, Choice::Reject] };
            let mut fields = vec![
                field(DECISION, Label::Decision, choice),
                field("supervisor", Label::Supervisor, Rule::Text),
            ];
            if answered(DECISION).as_deref() == Some(Choice::Reject.name()) {
                fields.push(field("reason", Label::Reason, Rule::Text));
            }
            fields
        }
        Some(Step::Signing) | None => vec![],
    };
    if contract.stage != Stage::New && !contract.stage.has_ended() {
        fields.push(in_place(ABANDON, Label::Abandon, Rule::Text));
    }
    Form { stage: contract.stage, step, fields }
}

/// The field that was filled in in place of all others.
fn instead(contract: &Contract, answers: &Answers) -> Option<&'static str> {
    let moves = contract.stage == Stage::Appointed && answers.contains_key(MOVE);
    if answers.contains_key(ABANDON) { Some(ABANDON) } else { moves.then_some(MOVE) }
}

fn whole_number(at_least: u64, at_most: Option<u64>) -> Rule {
    Rule::WholeNumber { at_least, at_most }
}

/// What `decide` says of these answers. Nothing is recorded.
pub fn validate(contract: &Contract, answers: &Answers) -> Validation {
    let form = form(contract, answers);
    let mut filled = filled(contract, answers);
    let instead = instead(contract, answers);
    let outcome = match &filled.command {
        None => Err(Hindrance::NothingAsked),
        Some(command) => Negotiation.decide(command, contract).map_err(|rejection| {
            if let ContractRejection::Invalid(problems) = &rejection {
                for problem in problems {
                    let field = instead.unwrap_or(problem.field());
                    // What could not even be read has been told.
                    filled
                        .problems
                        .entry(field.to_string())
                        .or_insert_with(|| Wrong::Refused(problem.clone()));
                }
            }
            Hindrance::Rejected(rejection)
        }),
    };
    let asked: Vec<&str> = match instead {
        Some(field) => vec![field],
        None => form.fields.iter().filter(|field| field.required).map(|field| field.name).collect(),
    };
    for name in answers.keys().filter(|name| !asked.contains(&name.as_str())) {
        filled.problems.insert(name.clone(), Wrong::NoSuchField);
    }
    let outcome = match filled.problems.len() {
        0 => outcome,
        wrong => Err(Hindrance::Fields(wrong)),
    };
    let strange = answers.keys().map(String::as_str).filter(|name| !asked.contains(name));
    let fields = asked.iter().copied().chain(strange);
    let fields = fields.map(|name| (name.to_string(), filled.problems.get(name).cloned())).collect();
    Validation { fields, outcome }
}

/// The command that these answers are, to be given to `decide`; or what is wrong with them.
pub fn command(contract: &Contract, answers: &Answers) -> Result<ContractCommand, Validation> {
    let validation = validate(contract, answers);
    match filled(contract, answers).command {
        Some(command) if validation.outcome.is_ok() => Ok(command),
        _ => Err(validation),
    }
}

/// What is missing or not to be read becomes what `decide` refuses, so that it has a word on every field.
fn filled(contract: &Contract, answers: &Answers) -> Filled {
    let mut problems = BTreeMap::new();
    let text = |name: &str| answers.get(name).map(|text| text.trim().to_string()).unwrap_or_default();
    match instead(contract, answers) {
        Some(MOVE) => {
            let customer = contract.customer.unwrap_or(CustomerNumber(0));
            let on = day(&text(MOVE), &mut problems);
            return Filled { command: Some(ContractCommand::MakeAppointment { customer, on }), problems };
        }
        Some(_) => {
            let command = Some(ContractCommand::AbandonNegotiation { reason: text(ABANDON) });
            return Filled { command, problems };
        }
        None => {}
    }
    let command = match contract.stage {
        Stage::New => {
            let customer = number(&text("customer"), "customer", &mut problems).unwrap_or(0);
            let on = day(&text("on"), &mut problems);
            Some(ContractCommand::MakeAppointment { customer: CustomerNumber(customer), on })
        }
        Stage::Appointed => Some(ContractCommand::RequestSpecialConditions(SpecialConditions {
            account_manager: text("account_manager"),
            sales_area: number(&text("sales_area"), "sales_area", &mut problems).unwrap_or(0),
            planned_sales: number(&text("planned_sales"), "planned_sales", &mut problems).unwrap_or(0),
        })),
        Stage::Requested => match text(DECISION).as_str() {
            decision if decision == Choice::Reject.name() => Some(ContractCommand::RejectConditions {
                supervisor: text("supervisor"),
                reason: text("reason"),
            }),
            decision => {
                if decision != Choice::Accept.name() {
                    problems.insert(DECISION.to_string(), Wrong::NoDecision);
                }
                Some(ContractCommand::AcceptConditions { supervisor: text("supervisor") })
            }
        },
        _ => None,
    };
    Filled { command, problems }
}

fn day(text: &str, problems: &mut BTreeMap<String, Wrong>) -> Date {
    text.parse().unwrap_or_else(|_| {
        problems.insert("on".to_string(), Wrong::NoDay);
        Date::default()
    })
}

fn number<N: std::str::FromStr>(
    text: &str,
    field: &str,
    problems: &mut BTreeMap<String, Wrong>,
) -> Option<N> {
    let number = text.parse().ok();
    if number.is_none() {
        let problem = match text {
            "" => Wrong::NumberMissing,
            text => Wrong::NoNumber(text.to_string()),
        };
        problems.insert(field.to_string(), problem);
    }
    number
}

impl fmt::Display for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (field, problem) in &self.fields {
            match problem {
                None => writeln!(f, "✓ {}", printable(field))?,
                Some(wrong) => writeln!(f, "✗ {}: {}", printable(field), printable(&wrong.to_string()))?,
            }
        }
        match &self.outcome {
            Ok(events) => {
                let events: Vec<String> = events.iter().map(|event| phrase(event).to_string()).collect();
                writeln!(f, "would do: {}", events.join("; "))
            }
            Err(why) => writeln!(f, "would not do: {}", printable(&why.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::contract::Negotiation;
    use super::*;
    use jiff::civil::date;
    use leftfold::Fold;

    fn answers(filled: &[(&str, &str)]) -> Answers {
        filled.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    fn appointed() -> Contract {
        Negotiation
            .fold(&[ContractEvent::AppointmentMade { customer: CustomerNumber(7), on: date(2026, 12, 1) }])
    }

    fn requested() -> Contract {
        let conditions =
            SpecialConditions { account_manager: "Alex".into(), sales_area: 10, planned_sales: 9_000 };
        Negotiation.evolve(appointed(), &ContractEvent::SpecialConditionsRequested(conditions))
    }

    fn names(form: &Form) -> Vec<&str> {
        form.fields.iter().map(|field| field.name).collect()
    }

    #[test]
    fn the_fields_of_a_step_follow_from_the_answers_so_far() {
        assert_eq!(names(&form(&Contract::default(), &answers(&[]))), ["customer", "on"]);
        let asked = ["account_manager", "sales_area", "planned_sales", "on", "abandon"];
        assert_eq!(names(&form(&appointed(), &answers(&[]))), asked);
        assert_eq!(names(&form(&requested(), &answers(&[]))), ["decision", "supervisor", "abandon"]);
        let rejecting = form(&requested(), &answers(&[("decision", "reject")]));
        assert_eq!(names(&rejecting), ["decision", "supervisor", "reason", "abandon"]);
        let ended =
            Negotiation.evolve(requested(), &ContractEvent::NegotiationAbandoned { reason: "no".into() });
        assert_eq!(form(&ended, &answers(&[])).step, None);
    }

    #[test]
    fn the_rules_of_the_form_are_those_that_decide_judges_by() {
        for area in [1, 2, 119, LARGEST_SALES_AREA, LARGEST_SALES_AREA + 1] {
            let so_far = answers(&[("account_manager", "Alex"), ("sales_area", &area.to_string())]);
            let form = form(&appointed(), &so_far);
            let Rule::WholeNumber { at_most: Some(at_most), .. } = form.fields[1].rule else { panic!() };
            let Rule::WholeNumber { at_least, .. } = form.fields[2].rule else { panic!() };
            let mut nothing_planned = so_far.clone();
            nothing_planned.insert("planned_sales".into(), "0".into());
            let told = validate(&appointed(), &nothing_planned).to_string();
            assert!(told.contains(&format!("at least {at_least} euros")), "{told}");
            for sales in [at_least - 1, at_least] {
                let mut all = so_far.clone();
                all.insert("planned_sales".into(), sales.to_string());
                let would_do = u64::from(area) <= at_most && sales >= at_least;
                assert_eq!(validate(&appointed(), &all).outcome.is_ok(), would_do, "{all:?}");
            }
        }
    }

    #[test]
    fn every_field_has_an_answer_of_its_own() {
        let told = validate(
            &appointed(),
            &answers(&[("sales_area", "many"), ("planned_sales", "20"), ("colour", "red")]),
        );
        assert_eq!(
            told.to_string(),
            "✗ account_manager: the account manager is missing\n\
             ✗ sales_area: \"many\" is no whole number, or too large a one\n\
             ✗ planned_sales: the planned annual sales are too low: at least 500 euros for this sales area\n\
             ✗ colour: this step has no such field\n\
             would not do: 4 fields are missing or wrong\n"
        );
    }

    #[test]
    fn what_is_filled_in_well_is_the_command() {
        let filled = answers(&[("customer", "7"), ("on", "2026-12-01")]);
        assert_eq!(
            command(&Contract::default(), &filled).ok(),
            Some(ContractCommand::MakeAppointment { customer: CustomerNumber(7), on: date(2026, 12, 1) })
        );
        assert_eq!(
            command(&appointed(), &answers(&[("on", "2026-12-02")])).ok(),
            Some(ContractCommand::MakeAppointment { customer: CustomerNumber(7), on: date(2026, 12, 2) })
        );
        let same = validate(&appointed(), &answers(&[("on", "2026-12-01")])).to_string();
        assert_eq!(same, "✓ on\nwould not do: the appointment has been made before\n");
        let no_day = validate(&appointed(), &answers(&[("on", "Monday"), ("sales_area", "1")])).to_string();
        assert_eq!(
            no_day,
            "✗ on: a day is written as 2026-12-31\n✗ sales_area: this step has no such field\n\
             would not do: 2 fields are missing or wrong\n"
        );
        assert_eq!(
            command(&requested(), &answers(&[("abandon", "closed")])).ok(),
            Some(ContractCommand::AbandonNegotiation { reason: "closed".into() })
        );
        let nothing = command(&requested(), &answers(&[("abandon", " ")])).unwrap_err();
        assert_eq!(
            nothing.to_string(),
            "✗ abandon: the reason is missing\nwould not do: one field is missing or wrong\n"
        );
    }
}

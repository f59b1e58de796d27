//! Reads a log in XES (IEEE 1849), one trace at a time.

use super::error::{Problem, short};
use super::event_builder::{AttributeNames, EventBuilder};
use super::input::Text;
use super::open_cases::OpenCases;
use super::{ACTIVITY, Attributes, CaseLog, LoggedCase};
use quick_xml::events::{BytesStart, Event as Xml};
use quick_xml::{Reader, XmlVersion};
use std::borrow::Cow;

/// A log in XES whose traces are read one at a time.
pub(super) struct XesLog<'r> {
    how: CaseLog,
    xml: Reader<Text<'r>>,
    buffer: Vec<u8>,
    /// The elements that are open, outermost first.
    open: Vec<Element>,
    /// The root has been seen.
    begun: bool,
    /// The file is at its end.
    ended: bool,
    /// The defaults that a `<global>` gives for cases and for events.
    case_defaults: Attributes,
    event_defaults: Attributes,
    /// The id of the trace that is being read, and its other parts.
    id: Option<String>,
    case: LoggedCase,
    case_names: AttributeNames,
    event: EventBuilder,
    event_names: AttributeNames,
    /// A trace or an event has been seen.
    has_cases: bool,
    /// The cases of events outside of traces.
    open_cases: OpenCases,
    /// About how many bytes the defaults and the trace take.
    bytes: usize,
    default_bytes: usize,
    pub(super) events: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Element {
    Log,
    Global(Scope),
    Trace,
    Event,
    Attribute,
    /// An element that XES does not define.
    Foreign,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Scope {
    Trace,
    Event,
    Other,
}

/// The elements that a log, a trace or an event may contain besides traces and events.
const KNOWN: [&str; 11] = [
    "string",
    "date",
    "int",
    "float",
    "boolean",
    "id",
    "list",
    "container",
    "values",
    "extension",
    "classifier",
];

/// How deep attributes may be nested.
const DEEPEST: usize = 64;

impl<'r> XesLog<'r> {
    pub(super) fn new(how: CaseLog, text: Text<'r>) -> Self {
        let mut xml = Reader::from_reader(text);
        // Ignores white space between tags.
        xml.config_mut().trim_text_start = true;
        XesLog {
            how,
            xml,
            buffer: Vec::new(),
            open: Vec::new(),
            begun: false,
            ended: false,
            case_defaults: Attributes::default(),
            event_defaults: Attributes::default(),
            id: None,
            case: LoggedCase::default(),
            case_names: AttributeNames::default(),
            event: EventBuilder::default(),
            event_names: AttributeNames::default(),
            has_cases: false,
            open_cases: OpenCases::default(),
            bytes: 0,
            default_bytes: 0,
            events: 0,
        }
    }

    pub(super) fn line(&mut self) -> u64 {
        self.xml.get_mut().line()
    }

    pub(super) fn next_case(&mut self) -> Result<Option<LoggedCase>, Problem> {
        let mut buffer = std::mem::take(&mut self.buffer);
        while !self.ended {
            buffer.clear();
            self.xml.get_mut().next_piece();
            let done = match self.xml.read_event_into(&mut buffer)? {
                Xml::Start(element) => self.begin(&element).map(|()| None),
                Xml::Empty(element) => self.begin(&element).and_then(|()| self.end()),
                Xml::End(_) => self.end(),
                Xml::Text(text) => self.text(&text).map(|()| None),
                Xml::CData(text) => self.text(&text).map(|()| None),
                Xml::Eof => self.end_of_file().map(|()| None),
                _ => Ok(None),
            };
            if let Some(case) = done? {
                self.buffer = buffer;
                return Ok(Some(case));
            }
        }
        Ok(self.open_cases.next())
    }

    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), Problem> {
        let parent = self.open.last().copied();
        let kind = match (parent, element.local_name().into_inner()) {
            (None, _) if self.begun => return Err(Problem::Trailing),
            (None, "log") => Element::Log,
            (None, other) => return Err(Problem::NotXes(format!("<{}>", short(other, 40)))),
            (Some(Element::Log), "trace") => Element::Trace,
            (Some(Element::Log), "global") => Element::Global(scope(element)?),
            (Some(Element::Log | Element::Trace), "event") => Element::Event,
            (Some(Element::Trace | Element::Event | Element::Foreign), name @ ("trace" | "event")) => {
                return Err(Problem::Misplaced(name.to_string()));
            }
            (Some(_), name) if KNOWN.contains(&name) => Element::Attribute,
            (Some(Element::Attribute), _) => Element::Attribute,
            (Some(_), _) => Element::Foreign,
        };
        match kind {
            // Attributes are inside of a log, a trace and an event.
            _ if self.open.len() > DEEPEST + 3 => return Err(Problem::TooDeep(DEEPEST)),
            Element::Trace => {
                self.has_cases = true;
                self.id = None;
                self.case_names.clear();
                self.bytes = self.default_bytes;
            }
            Element::Event => {
                self.has_cases = true;
                self.event = EventBuilder::default();
                self.event_names.clear();
            }
            Element::Global(_) if self.has_cases => return Err(Problem::LateGlobal),
            Element::Global(_) => self.event_names.clear(),
            Element::Attribute => self.attribute(parent, element)?,
            Element::Log | Element::Foreign => {}
        }
        self.begun = true;
        self.open.push(kind);
        Ok(())
    }

    fn attribute(&mut self, parent: Option<Element>, element: &BytesStart<'_>) -> Result<(), Problem> {
        let Some(parent @ (Element::Trace | Element::Event | Element::Global(_))) = parent else {
            return Ok(());
        };
        let (mut key, mut value) = (None, None);
        for attribute in xml_attributes(element) {
            let (name, text) = attribute?;
            let place = match name {
                "key" => &mut key,
                "value" => &mut value,
                _ => continue,
            };
            if place.replace(text).is_some() {
                return Err(Problem::Repeated { of: "an attribute".into(), key: name.into() });
            }
        }
        let Some(key) = key else {
            return match value {
                Some(_) => Err(Problem::NoKey),
                None => Ok(()),
            };
        };
        let in_no_trace = !self.open.contains(&Element::Trace);
        let id = self.id.as_deref();
        match parent {
            Element::Trace => self.case_names.add(&key, || of_case(id))?,
            Element::Event => self.event_names.add(&key, || of_event(id, in_no_trace))?,
            _ => self.event_names.add(&key, || "a <global>".into())?,
        }
        // Without a value it is a list, or an attribute without a value.
        let Some(value) = value else { return Ok(()) };
        match parent {
            Element::Trace if key == ACTIVITY => {
                self.id = Some(value.into_owned()).filter(|id| !id.is_empty());
            }
            Element::Trace => {
                self.case.attributes.push(&key, &value);
                self.bytes += key.len() + value.len() + size_of::<(usize, usize)>();
            }
            Element::Event => {
                self.event
                    .add_attribute(&self.how, &key, &value, in_no_trace, || of_event(id, in_no_trace))?;
            }
            Element::Global(scope) => {
                match scope {
                    Scope::Trace => self.case_defaults.push(&key, &value),
                    Scope::Event => self.event_defaults.push(&key, &value),
                    Scope::Other => {}
                }
                self.default_bytes = self.case_defaults.bytes() + self.event_defaults.bytes();
                self.bytes = self.default_bytes;
            }
            _ => {}
        }
        self.within_memory(self.event.bytes())
    }

    fn within_memory(&self, more: usize) -> Result<(), Problem> {
        match self.bytes + more > self.how.memory {
            true => Err(Problem::TooMuch { memory: self.how.memory, remedy: "or have longer cases cut" }),
            false => Ok(()),
        }
    }

    fn end(&mut self) -> Result<Option<LoggedCase>, Problem> {
        match self.open.pop() {
            Some(Element::Event) => self.end_of_event(),
            Some(Element::Trace) => {
                let mut case = std::mem::take(&mut self.case);
                let mut id = self.id.take();
                for (key, value) in self.case_defaults.iter() {
                    match key == ACTIVITY {
                        _ if self.case_names.contains(key) => {}
                        true => id = Some(value.to_string()).filter(|id| !id.is_empty()),
                        false => case.attributes.push(key, value),
                    }
                }
                case.id = id.ok_or_else(|| Problem::Nameless { key: ACTIVITY.into() })?;
                Ok(Some(case))
            }
            _ => Ok(None),
        }
    }

    fn end_of_event(&mut self) -> Result<Option<LoggedCase>, Problem> {
        let in_no_trace = self.open.last() != Some(&Element::Trace);
        let line = self.line();
        let mut event = std::mem::take(&mut self.event);
        let id = self.id.as_deref();
        let of = || of_event(id, in_no_trace);
        for (key, value) in self.event_defaults.iter() {
            if !self.event_names.contains(key) {
                event.add_attribute(&self.how, key, value, in_no_trace, of)?;
            }
        }
        let case = event.case.take();
        let event = event.build(&self.how, line, of)?;
        if in_no_trace {
            let case = case.ok_or_else(|| Problem::NoCase { key: self.how.case_name().to_string() })?;
            let ended = self.open_cases.add(&self.how, case, event)?;
            self.events += 1;
            return Ok(ended);
        }
        self.bytes += event.bytes();
        self.within_memory(0)?;
        self.events += 1;
        self.case.events.push(event);
        Ok(None)
    }

    fn text(&self, text: &str) -> Result<(), Problem> {
        match text.trim() {
            "" => Ok(()),
            _ if !self.open.is_empty() => Ok(()),
            _ if self.begun => Err(Problem::Trailing),
            text => Err(Problem::NotXes(format!("{:?}", short(text, 40)))),
        }
    }

    fn end_of_file(&mut self) -> Result<(), Problem> {
        let inside = match self.open.last() {
            None if self.begun => {
                self.ended = true;
                return Ok(());
            }
            None => return Err(Problem::Empty),
            Some(Element::Log) => "the log",
            Some(Element::Global(_)) => "a <global>",
            Some(Element::Trace) => "a case",
            Some(Element::Event) => "an event",
            Some(Element::Attribute | Element::Foreign) => "an attribute",
        };
        Err(Problem::Unfinished(inside))
    }
}

/// The names and values of an element. The callers check for repeated names.
fn xml_attributes<'e>(
    element: &'e BytesStart<'_>,
) -> impl Iterator<Item = Result<(&'e str, Cow<'e, str>), Problem>> {
    let mut attributes = element.attributes();
    attributes.with_checks(false);
    attributes.map(|attribute| {
        let attribute = attribute.map_err(|error| Problem::Xml(error.into()))?;
        // Most values need no unescaping.
        let value = match attribute.value.bytes().all(|byte| byte >= b' ' && byte != b'&') {
            true => attribute.value,
            false => attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned().into(),
        };
        Ok((attribute.key.into_inner(), value))
    })
}

/// The scope of a `<global>`. Default: events.
fn scope(element: &BytesStart<'_>) -> Result<Scope, Problem> {
    let mut scope = Scope::Event;
    for attribute in xml_attributes(element) {
        let (name, value) = attribute?;
        if name == "scope" {
            scope = match &*value {
                "trace" => Scope::Trace,
                "event" => Scope::Event,
                _ => Scope::Other,
            };
        }
    }
    Ok(scope)
}

fn of_case(id: Option<&str>) -> String {
    match id {
        Some(id) => format!("case {:?}", short(id, 40)),
        None => "a case that is not named yet".into(),
    }
}

fn of_event(id: Option<&str>, in_no_trace: bool) -> String {
    match in_no_trace {
        true => "an event outside of traces".into(),
        false => format!("an event of {}", of_case(id)),
    }
}

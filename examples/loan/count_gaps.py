"""Counts the gaps between the scenarios of the loan and its log a second time, without the kit.

    python3 count_gaps.py loan.feature sample.xes

reads the specification and the log by itself, and has the rules of the model in Python. It prints one line for each kind of
steps: the list, the class of the state, the command, the outcome, how many cases and how many steps. The tests of the example
hold its lines against those of the model.
"""

import gzip
import sys
from collections import defaultdict
from xml.etree import ElementTree

WORK = {
    "W_Afhandelen leads": "FollowUpLead",
    "W_Beoordelen fraude": "AssessFraud",
    "W_Completeren aanvraag": "CompleteApplication",
    "W_Nabellen offertes": "CallAfterOffers",
    "W_Nabellen incomplete dossiers": "CallAfterIncompleteFiles",
    "W_Valideren aanvraag": "ValidateApplication",
    "W_Wijzigen contractgegevens": "ChangeContractDetails",
}
LIFE = {"schedule": "WorkScheduled", "start": "WorkStarted", "complete": "WorkCompleted"}
ACTIVITY = {
    "A_SUBMITTED": "Submitted",
    "A_PARTLYSUBMITTED": "PartlySubmitted",
    "A_PREACCEPTED": "PreAccepted",
    "A_ACCEPTED": "Accepted",
    "A_FINALIZED": "Finalised",
    "A_DECLINED": "Declined",
    "A_CANCELLED": "Cancelled",
    "A_APPROVED": "Approved",
    "A_REGISTERED": "Registered",
    "A_ACTIVATED": "Activated",
    "O_SELECTED": "OfferSelected",
    "O_CREATED": "OfferCreated",
    "O_SENT": "OfferSent",
    "O_SENT_BACK": "OfferSentBack",
    "O_ACCEPTED": "OfferAccepted",
    "O_CANCELLED": "OfferCancelled",
    "O_DECLINED": "OfferDeclined",
}
CAUSE = {
    "Submitted": "Submit",
    "PartlySubmitted": "Submit",
    "PreAccepted": "PreAccept",
    "Accepted": "Accept",
    "Finalised": "Finalise",
    "Declined": "Decline",
    "Cancelled": "Cancel",
    "Approved": "Approve",
    "Registered": "Register",
    "Activated": "Activate",
    "OfferSelected": "SelectOffer",
    "OfferCreated": "CreateOffer",
    "OfferSent": "SendOffer",
    "OfferSentBack": "ReceiveOfferBack",
    "OfferAccepted": "AcceptOffer",
    "OfferCancelled": "CancelOffer",
    "OfferDeclined": "DeclineOffer",
    "WorkScheduled": "ScheduleWork",
    "WorkStarted": "StartWork",
    "WorkCompleted": "CompleteWork",
}
STAGES = ["Nothing", "Submitted", "PreAccepted", "Accepted", "Finalised"]
MAKING_OFFERS = {"CompleteApplication", "CallAfterOffers", "CallAfterIncompleteFiles", "ValidateApplication"}
CALLING = {"CallAfterOffers", "CallAfterIncompleteFiles"}
ASSESSING = {"ValidateApplication", "CallAfterIncompleteFiles"}
TURNING_DOWN = {"ValidateApplication", "CallAfterIncompleteFiles", "CallAfterOffers"}


class Refused(Exception):
    """A rejection, by its name."""


def refuse(broken, why):
    if broken:
        raise Refused(why)


class Application:
    """One application. Messages are pairs of a name and the work, or `None`."""

    def __init__(self):
        self.stage = 0
        self.end = None
        self.granted = set()
        self.offer = None
        self.replacement = False
        self.answered = False
        self.scheduled = set()
        self.going_on = set()

    def label(self):
        if self.end:
            return self.end
        return "Granted" if self.granted else STAGES[self.stage]

    def fold(self, event):
        name, work = event
        if name in STAGES:
            self.stage = max(self.stage, STAGES.index(name))
        elif name in ("Declined", "Cancelled"):
            self.end = name
        elif name in ("Approved", "Registered", "Activated"):
            self.granted.add(name)
        elif name == "OfferSelected":
            if self.offer:
                self.replacement = True
            else:
                self.offer = "Selected"
        elif name == "OfferCreated":
            self.offer, self.replacement = "Created", False
        elif name == "OfferCancelled":
            self.offer, self.replacement = ("Selected" if self.replacement else None), False
        elif name.startswith("Offer"):
            self.offer = name[len("Offer"):]
            self.answered |= name == "OfferSentBack"
        elif name == "WorkScheduled":
            self.scheduled.add(work)
        elif name == "WorkStarted":
            self.going_on.add(work)
        elif name == "WorkCompleted":
            self.going_on.discard(work)

    def open_at(self, stage):
        refuse(self.end == "Declined", "AlreadyDeclined")
        refuse(self.end == "Cancelled", "AlreadyCancelled")
        missing = ["NotSubmitted", "NotPreAccepted", "NotAccepted", "NotFinalised", "NotFinalised"]
        refuse(self.stage < STAGES.index(stage), missing[self.stage])

    def undecided_at(self, stage):
        self.open_at(stage)
        refuse(self.granted, "AlreadyGranted")

    def step(self, stage, already):
        """The next stage is reached once."""
        self.open_at(stage)
        refuse(self.stage > STAGES.index(stage), already)

    def offer_is_out(self):
        refuse(self.replacement, "BeingReplaced")
        refuse(self.offer == "Accepted", "OfferAlreadyAccepted")
        refuse(self.offer == "Declined", "OfferAlreadyDeclined")
        refuse(self.offer not in ("Sent", "SentBack"), "NotSent")

    def at_work(self, works):
        refuse(not works & self.going_on, "NobodyAtWork")

    def grant(self, name):
        self.open_at("Finalised")
        refuse(name in self.granted, "AlreadySo")
        if self.offer != "Accepted":
            self.offer_is_out()
        refuse(not self.answered, "NotAnswered")
        self.at_work(ASSESSING)
        return [(name, None)]

    def schedule(self, work):
        self.open_at("Submitted")
        if work == "ChangeContractDetails":
            refuse(not self.granted, "NotGranted")
        else:
            refuse(self.granted, "AlreadyGranted")
            if work == "FollowUpLead":
                refuse(self.stage > 1, "AlreadyPreAccepted")
            elif work == "CompleteApplication":
                self.open_at("PreAccepted")
            elif work == "CallAfterOffers":
                self.offer_is_out()
            elif work in ("CallAfterIncompleteFiles", "ValidateApplication"):
                refuse(not self.answered, "NotAnswered")
        return [("WorkScheduled", work)]

    def decide(self, command):
        name, work = command
        if name == "Submit":
            refuse(self.stage > 0, "AlreadySubmitted")
            return [("Submitted", None), ("PartlySubmitted", None)]
        if name == "PreAccept":
            self.step("Submitted", "AlreadyPreAccepted")
            refuse("AssessFraud" in self.going_on, "FraudInQuestion")
            return [("PreAccepted", None), ("WorkScheduled", "CompleteApplication")]
        if name in ("Accept", "Finalise"):
            before, done = ("PreAccepted", "Accepted") if name == "Accept" else ("Accepted", "Finalised")
            self.step(before, "Already" + done)
            self.at_work({"CompleteApplication"})
            return [(done, None)]
        if name in ("Decline", "Cancel"):
            self.undecided_at("Submitted" if name == "Decline" else "PreAccepted")
            refuse(self.offer == "Accepted", "OfferAlreadyAccepted")
            return [("Declined" if name == "Decline" else "Cancelled", None)]
        if name in ("Approve", "Register", "Activate"):
            return self.grant({"Approve": "Approved", "Register": "Registered", "Activate": "Activated"}[name])
        if name == "SelectOffer":
            self.undecided_at("Accepted")
            refuse(self.replacement, "BeingReplaced")
            refuse(self.offer in ("Selected", "Created"), "OfferUnsent")
            refuse(self.offer == "Accepted", "OfferAlreadyAccepted")
            refuse(self.offer == "Declined", "OfferAlreadyDeclined")
            self.at_work(MAKING_OFFERS)
            return [("OfferSelected", None)]
        if name in ("CreateOffer", "SendOffer"):
            self.undecided_at("Finalised")
            before, why = ("Selected", "NotSelected") if name == "CreateOffer" else ("Created", "NotCreated")
            refuse(self.offer != before, why)
            self.at_work(MAKING_OFFERS)
            if name == "CreateOffer":
                return [("OfferCreated", None)]
            call = "CallAfterIncompleteFiles" if self.answered else "CallAfterOffers"
            return [("OfferSent", None), ("WorkScheduled", call)]
        if name == "ReceiveOfferBack":
            self.undecided_at("Finalised")
            self.offer_is_out()
            refuse(self.offer == "SentBack", "AlreadyAnswered")
            self.at_work(CALLING)
            return [("OfferSentBack", None), ("WorkScheduled", "ValidateApplication")]
        if name == "AcceptOffer":
            self.open_at("Finalised")
            self.offer_is_out()
            refuse(not self.answered, "NotAnswered")
            self.at_work(ASSESSING)
            return [("OfferAccepted", None)]
        if name == "CancelOffer":
            refuse(self.end == "Declined", "AlreadyDeclined")
            refuse(self.granted, "AlreadyGranted")
            if not self.replacement:
                self.offer_is_out()
            return [("OfferCancelled", None)]
        if name == "DeclineOffer":
            refuse(self.end == "Cancelled", "AlreadyCancelled")
            refuse(self.granted, "AlreadyGranted")
            self.offer_is_out()
            self.at_work(TURNING_DOWN)
            return [("OfferDeclined", None)]
        if name == "ScheduleWork":
            return self.schedule(work)
        refuse(work not in self.scheduled, "NotScheduled")
        if name == "StartWork":
            self.open_at("Submitted")
            return [("WorkStarted", work)]
        return [("WorkCompleted", work)]

    def answer(self, command):
        try:
            return self.decide(command), None
        except Refused as why:
            return None, str(why)


def happened(events):
    return ", ".join(name for name, _ in events)


def in_words(names):
    """Names by their words: `WorkStarted` by "work started"."""
    return {"".join(" " + c.lower() if c.isupper() else c for c in name).strip(): name for name in names}


EVENTS, COMMANDS, WORKS = in_words(CAUSE), in_words(CAUSE.values()), in_words(WORK.values())


def message(words, known):
    """A message and its work: "work started call after offers"."""
    if words in known:
        return known[words], None
    name = next(name for name in known if words.startswith(name + " "))
    return known[name], WORKS[words[len(name) + 1:]]


def specified(feature):
    """The kinds of steps in scenarios, those that leave events and the others."""
    kinds, others, background, state, word, in_background = set(), set(), [], None, None, False
    for line in feature:
        line, indent = line.strip(), len(line) - len(line.lstrip())
        first, _, rest = line.partition(" ")
        if line == "Background:":
            background, in_background = [], True
        elif first == "Scenario:":
            state, in_background = Application(), False
            for event in background if indent > 2 else []:
                state.fold(event)
        elif first in ("Given", "When", "Then", "And"):
            word = word if first == "And" else first
            if word == "Given":
                event = message(rest, EVENTS)
                background.append(event) if in_background else state.fold(event)
            elif word == "When":
                command, label = message(rest, COMMANDS), state.label()
                events, why = state.answer(command)
                if events:
                    kinds.add((label, command[0], happened(events)))
                    for event in events:
                        state.fold(event)
                else:
                    others.add((label, command[0], why))
    return kinds, others


def cases(log):
    """The events of each case."""
    opened = gzip.open(log) if log.endswith(".gz") else open(log, "rb")
    for _, trace in ElementTree.iterparse(opened):
        if not trace.tag.endswith("trace"):
            continue
        events = []
        for entry in trace:
            if entry.tag.endswith("event"):
                has = {one.get("key"): one.get("value") for one in entry}
                name, life = has["concept:name"], has["lifecycle:transition"].lower()
                events.append((LIFE[life], WORK[name]) if name in WORK else (ACTIVITY[name], None))
        trace.clear()
        yield events


def main(feature, log):
    kinds, others = specified(open(feature, encoding="utf-8"))
    lived, forbidden = defaultdict(list), defaultdict(list)
    for number, events in enumerate(cases(log)):
        state, index = Application(), 0
        while index < len(events):
            name, work = events[index]
            command, label = (CAUSE[name], work), state.label()
            decided, why = state.answer(command)
            taken = 1
            if decided and events[index:index + len(decided)] == decided:
                taken = len(decided)
                lived[label, command[0], happened(decided)].append(number)
            else:
                outcome = f"refused, {why}" if why else happened(decided)
                forbidden[label, command[0], outcome].append(number)
            for event in events[index:index + taken]:
                state.fold(event)
            index += taken
    print(f"{len(lived)} lived, {len(kinds)} specified, {len(others)} specified without events")
    lines = [("unspecified", kind, lived[kind]) for kind in lived.keys() - kinds]
    lines += [("never lived", kind, []) for kind in kinds - lived.keys()]
    lines += [("forbidden", kind, found) for kind, found in forbidden.items()]
    for which, kind, found in sorted(lines):
        print(f"{which}: {': '.join(kind)}; {len(set(found))} cases, {len(found)} steps")


if __name__ == "__main__":
    main(*sys.argv[1:])

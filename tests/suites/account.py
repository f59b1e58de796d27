"""A bank account in Python, driven by the fixtures of a suite alone.

    python3 account.py FIXTURES [FAULT]

FIXTURES is what `… suite --covering steps --chained --format json` prints. FAULT plants a mistake: `overdraft` or `forgets`.
The exit code is 1 if an outcome differs from its fixture; the step is printed.
"""

import json
import sys

FAULT = sys.argv[2] if len(sys.argv) > 2 else None


class Refused(Exception):
    """A rejection, as JSON writes it."""


NEW = {"is": "New"}


def decide(state, command):
    """The events that a command causes, or `Refused`."""
    name, content = (command, None) if isinstance(command, str) else next(iter(command.items()))
    if name == "OpenAccount":
        if state["is"] != "New":
            raise Refused("AlreadyOpen")
        return [{"AccountOpened": {"owner": content["owner"]}}]
    if name in ("Deposit", "Withdraw") and content == 0:
        raise Refused("NothingToMove")
    if state["is"] != "Open":
        raise Refused("NotOpen")
    balance = state["balance"]
    if name == "Deposit":
        return [{"Deposited": content}]
    if name == "Withdraw":
        if content > balance + (1 if FAULT == "overdraft" else 0):
            raise Refused({"InsufficientFunds": {"balance": balance}})
        return [{"Withdrawn": content}]
    if name == "CloseAccount":
        if balance != 0:
            raise Refused({"NotEmpty": {"balance": balance}})
        return ["AccountClosed"]
    raise SystemExit(f"the account has no command {name}")


def evolve(state, event):
    """The state after an event."""
    name, content = (event, None) if isinstance(event, str) else next(iter(event.items()))
    if name == "AccountOpened":
        return {"is": "Open", "owner": content["owner"], "balance": 0}
    if name == "Deposited":
        return {**state, "balance": state["balance"] + content}
    if name == "Withdrawn":
        return state if FAULT == "forgets" else {**state, "balance": state["balance"] - content}
    return {"is": "Closed"}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        suite = json.load(file)
    if suite["leftfold"] != "suite" or suite["format"] != 1:
        raise SystemExit("these are no fixtures of a suite in format 1")
    taken = 0
    for story in suite["stories"]:
        state = NEW
        for event in suite.get("given", []):
            state = evolve(state, event)
        for number, step in enumerate(story["steps"], start=1):
            try:
                outcome = {"events": decide(state, step["command"])}
            except Refused as refused:
                outcome = {"rejection": refused.args[0]}
            for event in outcome.get("events", []):
                state = evolve(state, event)
            if outcome != step["outcome"] or state["is"] != step["after"]:
                print(f"{story['name']}, step {number}, {json.dumps(step['command'])}:")
                print(f"  expected {json.dumps(step['outcome'])}, then {step['after']}")
                print(f"  was      {json.dumps(outcome)}, then {state['is']}")
                sys.exit(1)
            taken += 1
    print(f"{taken} steps in {len(suite['stories'])} stories hold")


main()

"""Why the statement is what it is: what is owed, why interest moved, what a fee was for. To the cent."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from agent.agenda import Task
from agent.flows.base import Call, Flow, Say, World, offer
from agent.flows.general import policy
from agent.flows.outcomes import of_act
from agent.words import render

_ASKS = re.compile(r"\?|^\W*(?:is|are|what|how|when|do|does|cuánto|cuál|hay|qué)\b", re.I)
_SEVERAL = re.compile(r"\b(both|two|all|fees|ambos|dos|todos|cargos)\b", re.I)
_ON_TIME = re.compile(
    r"\bpaid\b|\bon time\b|\b(?:not|wasn'?t) late\b|\bpagu[ée]\b|\ba tiempo\b"
    r"|\bpagado\b",
    re.I,
)
_CLAIMED = re.compile(
    r"\b(promis\w+|(?:said|told me|agreed) (?:you|they|it|that|to|the)\b|colleague|someone (?:said"
    r"|told)|prometi\w+|me dijeron|"
    r"compañer[oa]|colega)\b|\b(?:agent|rep|representative|supervisor)\b.{0,20}\b(?:said|told|agreed)\b",
    re.I,
)


def explain(task: Task, world: World) -> Say:
    """What the last statement asks for and why, and why its interest differs from the one before."""
    line = world.line()
    if line["last_statement"] is None:
        return Say("no_statement", {"line": line})
    arguments = {"line_id": line["line_id"]}
    world.together(Call("explain_statement", arguments), Call("explain_interest", arguments))
    statement = world.look("explain_statement", **arguments)
    change = world.done(Call("explain_interest", arguments))
    block = {
        "type": "breakdown",
        "title": render("label", {"code": "title_balance"}, world.language),
        "rows": [_part(part, world.language) for part in statement["balance_parts"]],
        "total_cents": statement["new_balance_cents"],
    }
    minimum = [_part(part, world.language) for part in statement["minimum_parts"]]
    fields = {"s": statement, "minimum": minimum, "change": change, "line": line}
    if change and change["change_cents"]:
        return offer("statement", fields, "interest_explain", {}, blocks={"parts": block})
    return Say("statement", fields, {"parts": block})


def _part(part: dict[str, Any], language: str) -> dict[str, Any]:
    return {"label": render("label", {"code": part["code"]}, language), "amount_cents": part["amount_cents"]}


def interest(task: Task, world: World) -> Say:
    """Why interest differs from the statement before; with one statement only, what that one says."""
    line = world.line()
    if line["last_statement"] is None:
        return Say("no_statement", {"line": line})
    if not line["apr_bp"]:
        return Say("rate", {"line": line, "lower": False})
    receipt = world.act("explain_interest", line_id=line["line_id"])
    if receipt.outcome != "done":
        return explain(task, world)
    change = receipt.data
    block = {
        "type": "breakdown",
        "title": render("label", {"code": "title_causes"}, world.language),
        "rows": [
            {
                "label": render("cause", {"c": cause}, world.language, world.today.year),
                "amount_cents": cause["amount_cents"],
            }
            for cause in change["causes"]
        ],
        "total_cents": change["change_cents"],
    }
    fields = {"c": change, "line": line}
    if not change["causes"]:
        return Say("interest_same", fields)
    if line["minimum_due_cents"]:
        return offer("interest_change", fields, "payment_whatif", {}, blocks={"causes": block})
    return Say("interest_change", fields, {"causes": block})


def fee(task: Task, world: World) -> Say:
    """What the fee was for; where it can be taken off as a courtesy, that is proposed in the same breath."""
    line = world.line()
    fees = _fees(world, line)
    if not fees:
        return _no_fees(task, world)
    chosen = _chosen(fees, task) or fees[0]
    why = world.look("explain_fee", line_id=line["line_id"], fee_id=chosen["reference_id"])
    fields = {"f": why, "contests": bool(_ON_TIME.search(task.said))}
    if not why["waivable_as_courtesy"]:
        return Say("fee", fields)
    say = of_act(world.act("waive_fee", line_id=line["line_id"], fee_id=chosen["reference_id"]), task)
    return replace(say, template="fee", fields=fields) if say.template == "proposal" else Say("fee", fields)


def _no_fees(task: Task, world: World) -> Say:
    """With no fee on the line, a question is about what fees there are."""
    if _ASKS.search(task.said):
        rule = policy(task, world)
        return rule if rule.template == "policy" else Say("no_fees")
    return Say("no_fees")


def waive(task: Task, world: World) -> Say:
    """The courtesy waiver: one in twelve months at once; a further one goes to a specialist with the history."""
    line = world.line()
    claimed = bool(_CLAIMED.search(task.said))
    open_fees = [item for item in _fees(world, line) if not item["waived"]]
    if not open_fees:
        return _no_fees(task, world)
    several = len(open_fees) > 1 and _SEVERAL.search(task.said)
    dearest = max(open_fees, key=lambda item: int(item["amount_cents"]))
    chosen = dearest if several else _chosen(open_fees, task) or open_fees[0]
    receipt = world.act("waive_fee", line_id=line["line_id"], fee_id=chosen["reference_id"])
    if receipt.outcome == "refused":
        given = world.look("hand_off", queue="general", reason="fee_waiver")
        return Say(
            "waiver_to_specialist",
            {"reasons": receipt.data["reasons"], "hours": given["hours"], "claim": claimed},
            state="handed_off",
        )
    say = of_act(receipt, task)
    if say.template != "proposal" or not (several or claimed):
        return say
    others = [item for item in open_fees if item is not chosen] if several else []
    again = bool(task.slots.get("told"))
    hours = _passed_on(world)["hours"] if others else ""
    return replace(
        say,
        template="waiver_offer",
        fields={
            "fee": chosen,
            "others": others,
            "claim": claimed and not again,
            "hours": hours,
            "again": again,
        },
        slots={"told": True},
    )


def _passed_on(world: World) -> dict[str, Any]:
    """The hand-off of this conversation for a fee; asked again, it is not made twice."""
    for receipt in reversed(world.receipts):
        if (
            receipt.tool == "hand_off"
            and receipt.outcome == "done"
            and receipt.arguments["reason"] == "fee_waiver"
        ):
            return receipt.data
    return world.look("hand_off", queue="general", reason="fee_waiver")


def _fees(world: World, line: dict[str, Any]) -> list[dict[str, Any]]:
    """Fees of the line, newest first, each with whether it has been taken off."""
    items: list[dict[str, Any]] = world.look(
        "list_activity", line_id=line["line_id"], kinds=["fee", "waiver"]
    )["items"]
    waived = {item["reference_id"] for item in items if item["kind"] == "waiver"}
    return [{**item, "waived": item["reference_id"] in waived} for item in items if item["kind"] == "fee"]


def _chosen(fees: list[dict[str, Any]], task: Task) -> dict[str, Any] | None:
    amount, on = task.slots.get("amount_cents"), task.slots.get("on")
    if amount is None and on is None:
        return None
    return next((f for f in fees if amount in (None, f["amount_cents"]) and on in (None, f["on"])), None)


def get(task: Task, world: World) -> Say:
    line = world.line()
    if line["last_statement"] is None:
        return Say("no_statement", {"line": line})
    return offer(
        "statement_get", {"s": world.look("get_statement", line_id=line["line_id"])}, "statement_explain", {}
    )


FLOWS: dict[str, Flow] = {
    "statement_explain": explain,
    "interest_explain": interest,
    "fee_explain": fee,
    "fee_waiver": waive,
    "statement_get": get,
}

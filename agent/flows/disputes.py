"""Billing errors: find the item, lock what must be locked, open the notice with its legal dates, tell how it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from agent.agenda import Question, Task
from agent.flows.base import Flow, Receipt, Say, World, ask
from agent.flows.general import policy
from agent.flows.outcomes import of_act

ITEMS_OFFERED = 5
_TWICE = re.compile(
    r"\b(twice|two times|double|duplicate\w*|again|second time|dos veces|doble|duplicad\w+)\b", re.I
)
_MISSING = re.compile(
    r"\b(not? (?:credited|posted|showing|received)|never (?:posted|credited)|missing|no aparece)\b", re.I
)
_WRONG_AMOUNT = re.compile(
    r"\b(wrong amount|should (?:be|have been)|instead of|(?:less|more)\b.{0,30}\b(?:than|asked)"
    r"|only (?:sent|took|got|received)|"
    r"monto equivocado|menos (?:dinero )?de lo que|recibí menos)\b",
    re.I,
)
_NOT_MINE = re.compile(
    r"\b(never|didn'?t|did not|not (?:me|mine)|wasn'?t me|(?:don'?t|do not) (?:recogni[sz]e"
    r"|remember|know)|unrecogni[sz]ed|"
    r"unauthori[sz]ed|fraud\w*|stolen|hacked|no (?:lo |la )?(?:reconozco|hice|pedí|autoricé)|no fui"
    r"|nunca|robaron)\b",
    re.I,
)
_ABOUT_DRAW = re.compile(r"\b(draws?|got|received?|sent me|cash|money|retiros?|recibí|dinero)\b", re.I)
_ABOUT_PAYMENT = re.compile(r"\b(payments?|paid|pay|pagos?|pagué)\b", re.I)
_ABOUT_FEE = re.compile(r"\b(fees?|cargos?)\b", re.I)
_ABOUT = {"draw": _ABOUT_DRAW, "payment": _ABOUT_PAYMENT, "fee": _ABOUT_FEE}
_EVIDENCE = re.compile(
    r"\b(?:evidence|proof|receipts?|documents?|screenshots?|to add|add (?:this|that|something|more)|also know"
    r"|prueba|recibos?|documentos?|comprobantes?|agreg\w+|añad\w+)\b",
    re.I,
)
_IN_GENERAL = re.compile(r"\b(how (?:long|do i|can i)|what happens|cuánto (?:tardan?|tiempo))\b", re.I)


def kind_of(task: Task, item: dict[str, Any]) -> str:
    """The billing error that the words describe (12 CFR 1026.13(a))."""
    if item.get("duplicate_of") and _TWICE.search(task.said):
        return "duplicate"
    if _TWICE.search(task.said):
        return "duplicate"
    if item["kind"] == "payment" and _MISSING.search(task.said):
        return "payment_not_credited"
    if _WRONG_AMOUNT.search(task.said):
        return "wrong_amount"
    return "unauthorized" if item["kind"] == "draw" and _NOT_MINE.search(task.said) else "other"


def open_dispute(task: Task, world: World) -> Say:
    """Finds the item; an unauthorised draw locks the line at once; then the notice is proposed with its dates."""
    line = world.line()
    item = _item(task, world, line)
    if isinstance(item, Say):
        return item
    kind = kind_of(task, item)
    if kind == "other" and task.slots.get("about_id") == item["reference_id"]:
        kind = task.slots.get("kind", kind)  # what was said of it before still holds
    if kind == "other" and item["kind"] == "draw" and _fraud(world):
        kind = "unauthorized"
    if kind == "unauthorized":
        world.act("lock_line", line_id=line["line_id"], reason="fraud")
    receipt = world.act("open_dispute", line_id=line["line_id"], kind=kind, about_id=item["reference_id"])
    say = of_act(receipt, task)
    if receipt.outcome == "refused" and any(r["code"] == "already_disputed" for r in receipt.data["reasons"]):
        known = world.look("dispute_status", line_id=line["line_id"])["disputes"]
        return Say("dispute_status", {"disputes": known})
    if say.template != "proposal":
        return say
    locked = "no"
    if kind == "unauthorized":
        lock = world.act("lock_line", line_id=line["line_id"], reason="fraud")
        locked = locked_by([lock])
    terms = receipt.data["proposal"]["terms"]
    waits = bool(task.slots.get("explain"))
    fields = {"item": item, "kind": kind, "locked": locked, "terms": terms, "waits": waits}
    return Say(
        "dispute_found",
        fields,
        state="proposed",
        proposal_id=say.proposal_id,
        slots={"about_id": item["reference_id"], "kind": kind, "explain": False},
    )


def locked_by(locks: Iterable[Receipt]) -> str:
    """ "now" when one of these locked a line, "before" when all found one locked, else "no"."""
    done = [lock for lock in locks if lock.outcome == "done"]
    if any(not lock.data["was_locked"] for lock in done):
        return "now"
    return "before" if done else "no"


def _fraud(world: World) -> bool:
    """Whether somebody else's access was reported in this conversation."""
    rights = {r.arguments.get("right") for r in world.receipts if r.tool == "record_right"}
    return bool(rights & {"fraud_report", "identity_theft"})


def _item(task: Task, world: World, line: dict[str, Any]) -> dict[str, Any] | Say:
    """The item that is meant, or the words that find out which."""
    wanted = {"amount_cents": task.slots.get("amount_cents"), "on": task.slots.get("on")}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    day = task.slots.get("day_of_month")
    if wanted.get("on", "") > world.today.isoformat():
        day = int(wanted.pop("on")[-2:])  # "the one on the 10th" is one that has been
    items: list[dict[str, Any]] = world.look("find_disputable_items", line_id=line["line_id"], **wanted)[
        "items"
    ]
    chosen = task.slots.get("about_id")
    if chosen is not None:
        items = [item for item in items if item["reference_id"] == chosen] or items
    duplicates = [item for item in items if item.get("duplicate_of")]
    if day is not None and not wanted:
        items = [item for item in items if int(item["on"][-2:]) == day] or items
    if not chosen and _TWICE.search(task.said) and duplicates:
        items = duplicates[:1]
    if not items:
        return ask(
            "dispute_not_found",
            {"wanted": {"amount_cents": None, "on": None, **({} if task.asked else wanted)}},
            Question("about_words", "text"),
        )
    items = _likely(items, task.said)
    if len(items) == 1 and (chosen or _is_meant(items[0], task.said)):
        return items[0]
    offered = items[:ITEMS_OFFERED]
    return ask(
        "ask_which_item",
        {"items": offered},
        Question("about_id", "choice", tuple(i["reference_id"] for i in offered)),
    )


def _is_meant(item: dict[str, Any], said: str) -> bool:
    """Whether the one entry found may be taken as the one meant: not a payment when the words are about a draw."""
    kinds = {kind for kind, words in _ABOUT.items() if words.search(said)}
    return not kinds or item["kind"] in kinds


def _likely(items: list[dict[str, Any]], said: str) -> list[dict[str, Any]]:
    """Only the kind of entry that the words are about, when they name one kind and there is such an entry."""
    kinds = [kind for kind, words in _ABOUT.items() if words.search(said)]
    return [item for item in items if kinds == [item["kind"]]] or items


def manage(task: Task, world: World) -> Say:
    """How the disputes stand, or a withdrawal."""
    line = world.line()
    disputes = world.look("dispute_status", line_id=line["line_id"])["disputes"]
    if not disputes:
        return policy(task, world) if _IN_GENERAL.search(task.said) else Say("no_disputes")
    still_open = [d for d in disputes if d["status"] in ("open", "acknowledged")]
    if still_open and task.intent == "dispute_withdraw":
        about = {"line_id": line["line_id"], "dispute_id": still_open[0]["dispute_id"]}
        return of_act(world.act("withdraw_dispute", **about), task)
    if still_open and _EVIDENCE.search(task.said):
        about = {"line_id": line["line_id"], "dispute_id": still_open[0]["dispute_id"], "words": task.said}
        return of_act(world.act("add_dispute_evidence", **about), task)
    return Say("dispute_status", {"disputes": disputes})


FLOWS: dict[str, Flow] = {
    "dispute_open": open_dispute,
    "dispute_manage": manage,
    "dispute_status": manage,
    "dispute_withdraw": manage,
}

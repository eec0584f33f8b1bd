"""Payments and autopay: make, move, cancel, look up. Terms are shown and confirmed by the platform, never by a flow."""

from __future__ import annotations

import re
from typing import Any

from agent.agenda import Question, Task
from agent.flows.base import Call, Flow, Say, World, ask, offer
from agent.flows.outcomes import of_act

_CANCEL = re.compile(
    r"\b(cancel|stop|call off|don'?t (?:take|send|make)|undo|cancela|cancelar|anula|detén)\b", re.I
)
_OFF = re.compile(r"\b(stop|turn(?: it)? off|off|cancel|disable|end|desactiv\w+|quit\w+|cancel\w+)\b", re.I)
_ON = re.compile(
    r"\b(set ?up|turn(?: it)?(?: back)? on|start|enroll|enable|activ\w+|automatic(?:ally)? pay|change"
    r"|switch)\b",
    re.I,
)


_RETURNED = re.compile(
    r"\b(come back|came back|return\w*|bounce\w*|reject\w*|fail\w*|devol\w*|devuel\w*|rechaz\w*)\b", re.I
)
_EACH_MONTH = re.compile(
    r"\b(?:a|per|each|every|al|por|cada|todos los) (?:month|mes|meses)\b|\bmonthly\b|\bmensual\w*|\bonly ever\b"
    r"|\b(?:how long|when (?:am|will|would)|cuándo (?:termin|acab)\w*|cuánto (?:tiempo|tard\w+))\b",
    re.I,
)


_ON_DUE_DATE = re.compile(
    r"\b(?:on|by) (?:the|my|its) due (?:date|day)\b|\bwhen (?:it'?s|it is) due\b|\b(?:en|para) (?:la"
    r"|mi) fecha de (?:pago|vencimiento)\b"
    r"|\b(?:el día que|cuando) ven(?:ce|za)\b",
    re.I,
)


def verified_account(world: World) -> dict[str, Any] | None:
    """The customer's first verified bank account."""
    accounts: list[dict[str, Any]] = world.look("list_bank_accounts")["accounts"]
    return next((account for account in accounts if account["status"] == "verified"), None)


def no_account(task: Task, world: World) -> Say:
    """Money needs a confirmed bank account: the one that waits is offered, and the wish after it."""
    accounts: list[dict[str, Any]] = world.look("list_bank_accounts")["accounts"]
    waiting = next((account for account in accounts if account["status"] == "pending"), None)
    then = (task.intent, task.slots) if waiting else None
    return offer("no_bank_account", {"waiting": waiting}, "bank_account_manage", {"take_up": True}, then=then)


def amount_of(task: Task, line: dict[str, Any]) -> int | None:
    """Cents the customer means: a figure, or the minimum, the statement balance or everything by name."""
    said = task.slots.get("amount_cents")
    if isinstance(said, int):
        return said
    last = line["last_statement"] or {}
    named = {
        "minimum": line["minimum_due_cents"],
        "statement_balance": last.get("new_balance_cents"),
        "full": line["owed_cents"],
    }
    kind = said if isinstance(said, str) else task.slots.get("amount_kind")
    return named.get(kind) if kind else None


def make(task: Task, world: World) -> Say:
    world.together(Call("get_overview"), Call("list_bank_accounts"))
    line, account = world.line(), verified_account(world)
    if account is None:
        return no_account(task, world)
    amount = amount_of(task, line)
    on = task.slots.get("on") or (line["next_due_on"] if _ON_DUE_DATE.search(task.said) else None)
    if on and amount == line["owed_cents"] and not isinstance(task.slots.get("amount_cents"), int):
        amount = world.look("get_payoff_quote", line_id=line["line_id"], on=on)["total_cents"]
    if not amount:
        return ask("ask_payment_amount", {"line": line}, Question("amount_cents", "amount"))
    receipt = world.act(
        "make_payment",
        line_id=line["line_id"],
        amount_cents=amount,
        pay_on=on or world.today.isoformat(),
        bank_account_id=account["bank_account_id"],
    )
    return of_act(receipt, task)


def manage(task: Task, world: World) -> Say:
    """Moves or cancels a scheduled payment."""
    payment = _one_scheduled(task, world)
    if isinstance(payment, Say):
        return payment
    line_id, payment_id = world.line()["line_id"], payment["payment_id"]
    if task.intent == "payment_cancel" or _CANCEL.search(task.said):
        return of_act(world.act("cancel_payment", line_id=line_id, payment_id=payment_id), task)
    amount = task.slots.get("amount_cents")
    if isinstance(amount, int) and amount != payment["amount_cents"]:
        return _other_amount(task, payment, amount)
    moved_to = task.slots.get("new_on") or task.slots.get("on")
    if moved_to is None or moved_to == payment["pay_on"]:
        return ask(
            "ask_new_payment_day",
            {"payment": payment},
            Question("new_on", "date"),
            slots={"payment_id": payment_id},
        )
    return of_act(world.act("move_payment", line_id=line_id, payment_id=payment_id, pay_on=moved_to), task)


def _other_amount(task: Task, payment: dict[str, Any], amount: int) -> Say:
    """A payment keeps its amount: this one is cancelled and another set up, each at a yes of its own."""
    on = task.slots.get("new_on") or task.slots.get("on") or payment["pay_on"]
    return offer(
        "other_amount",
        {"payment": payment, "amount_cents": amount, "new_on": on},
        "payment_cancel",
        {"payment_id": payment["payment_id"]},
        then=("payment_make", {"amount_cents": amount, "on": on}),
    )


def _one_scheduled(task: Task, world: World) -> dict[str, Any] | Say:
    """The scheduled payment that is meant, or the words that find out which."""
    waiting: list[dict[str, Any]] = world.line()["scheduled_payments"]
    if not waiting and task.intent == "payment_cancel":
        waiting = _of_today(world)
    if not waiting:
        return offer("no_scheduled_payment", {}, "payment_make", {})
    chosen = [p for p in waiting if p["payment_id"] == task.slots.get("payment_id")]
    by_value = [
        p
        for p in waiting
        if task.slots.get("amount_cents") == p["amount_cents"] or task.slots.get("on") == p["pay_on"]
    ]
    found = chosen or by_value or waiting
    if len(found) == 1:
        return found[0]
    items = [{"label": p["payment_id"], "amount_cents": p["amount_cents"], "on": p["pay_on"]} for p in found]
    return ask(
        "ask_which_payment",
        {"payments": items},
        Question("payment_id", "choice", tuple(p["payment_id"] for p in found)),
    )


def _of_today(world: World) -> list[dict[str, Any]]:
    """Payments of today: until 8 pm one of them can still be undone, and the platform decides."""
    payments = world.look("list_payments", line_id=world.line()["line_id"])["payments"]
    today = world.today.isoformat()
    return [p for p in payments if p["stage"] == "received" and p["received_on"] == today]


def status(task: Task, world: World) -> Say:
    line = world.line()
    payments = world.look("list_payments", line_id=line["line_id"])["payments"]
    payments = [p for p in payments if p["stage"] != "cancelled"] or payments
    wanted = [
        p
        for p in payments
        if task.slots.get("amount_cents") in (None, p["amount_cents"])
        and task.slots.get("on") in (None, p["pay_on"], p["received_on"])
    ]
    if not payments:
        return Say("no_payments")
    if _RETURNED.search(task.said):
        wanted = [p for p in payments if p["stage"] == "returned"] or wanted
    fields = {"p": (wanted or payments)[0], "exact": bool(wanted)}
    if fields["p"]["stage"] == "returned":
        return offer("payment_status", fields, "payment_make", {"amount_cents": fields["p"]["amount_cents"]})
    return Say("payment_status", fields)


def autopay(task: Task, world: World) -> Say:
    """Tells, starts, changes or stops autopay. Stopping is always allowed (12 CFR 1005.10(e))."""
    line = world.line()
    if line["autopay"] and _OFF.search(task.said):
        return of_act(world.act("stop_autopay", line_id=line["line_id"]), task)
    wants = task.slots.get("mode") or _ON.search(task.said) or task.slots.get("amount_kind")
    if not wants and line["autopay"]:
        return Say("autopay", {"line": line})
    if not wants:
        return ask("autopay", {"line": line}, Question("mode", "choice", ("minimum", "statement_balance")))
    account = verified_account(world)
    if account is None:
        return no_account(task, world)
    mode = task.slots.get("mode") or {"full": "statement_balance"}.get(
        task.slots.get("amount_kind", ""), task.slots.get("amount_kind")
    )
    fixed = task.slots.get("amount_cents")
    if mode is None and isinstance(fixed, int):
        mode = "fixed"
    if mode is None:
        return ask("ask_autopay_mode", {}, Question("mode", "choice", ("minimum", "statement_balance")))
    arguments = {"line_id": line["line_id"], "mode": mode, "bank_account_id": account["bank_account_id"]}
    if mode == "fixed":
        arguments["amount_cents"] = fixed
    return of_act(world.act("set_autopay", **arguments), task)


def what_if(task: Task, world: World) -> Say:
    """One payment of that amount; or the same amount month after month, until nothing is owed."""
    line = world.line()
    amount = amount_of(task, line)
    if not amount:
        return ask("ask_what_if_amount", {"line": line}, Question("amount_cents", "amount"))
    if _EACH_MONTH.search(task.said):
        way = world.look("time_to_zero", line_id=line["line_id"], amount_cents=amount)
        return offer("way_to_zero", {"w": way}, "autopay_manage", {"mode": "fixed", "amount_cents": amount})
    what = world.look("payment_whatif", line_id=line["line_id"], amount_cents=amount)
    return offer("what_if", {"w": what}, "payment_make", {"amount_cents": what["amount_cents"]})


FLOWS: dict[str, Flow] = {
    "payment_make": make,
    "payment_manage": manage,
    "payment_cancel": manage,
    "payment_change": manage,
    "payment_status": status,
    "payment_whatif": what_if,
    "autopay_manage": autopay,
}

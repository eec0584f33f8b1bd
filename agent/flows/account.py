"""What is owed, what is left, what it costs, and what happened on the line."""

from __future__ import annotations

from datetime import date
from typing import Any

from agent.agenda import Task
from agent.flows.base import Flow, Say, World

ITEMS_SHOWN = 8


def about_line(template: str) -> Flow:
    """A flow that answers from the overview alone."""

    def flow(task: Task, world: World) -> Say:
        return Say(template, {"line": world.line()})

    return flow


def balance(task: Task, world: World) -> Say:
    line = world.line()
    parts = [
        {"label": "Principal", "amount_cents": line["principal_cents"]},
        {"label": "Interest so far this cycle", "amount_cents": line["accrued_interest_cents"]},
        {"label": "Billed interest", "amount_cents": line["billed_interest_cents"]},
        {"label": "Fees", "amount_cents": line["fees_cents"]},
    ]
    shown = [part for part in parts if part["amount_cents"]]
    block = {"type": "breakdown", "title": "What you owe", "rows": shown, "total_cents": line["owed_cents"]}
    return Say("balance", {"line": line, "parts": len(shown) > 1}, {"parts": block})


def payoff(task: Task, world: World) -> Say:
    """The amount that clears the line on the day asked for, or today."""
    line = world.line()
    on = task.slots.get("on") or world.today.isoformat()
    if date.fromisoformat(on) < world.today:
        on = world.today.isoformat()
    quote = world.look("get_payoff_quote", line_id=line["line_id"], on=on)
    return Say("payoff", {"q": quote, "line": line})


def activity(task: Task, world: World) -> Say:
    """The latest items, or those since the day asked for."""
    line = world.line()
    since = task.slots.get("on")
    arguments = {"line_id": line["line_id"], **({"since": since} if since else {})}
    items = world.look("list_activity", **arguments)["items"]
    return Say("activity", {"items": items[:ITEMS_SHOWN], "since": since, "more": len(items) > ITEMS_SHOWN})


def one_item(task: Task, world: World) -> Say:
    """What one posting is: by its amount or day, else the latest items."""
    line = world.line()
    items = world.look("list_activity", line_id=line["line_id"])["items"]
    found = [item for item in items if _fits(item, task.slots)]
    if not found:
        return Say("activity", {"items": items[:ITEMS_SHOWN], "since": None, "more": len(items) > ITEMS_SHOWN})
    return Say("item", {"item": found[0]})


def _fits(item: dict[str, Any], slots: dict[str, Any]) -> bool:
    wanted_amount, wanted_day = slots.get("amount_cents"), slots.get("on")
    if wanted_amount is None and wanted_day is None:
        return False
    return (wanted_amount in (None, item["amount_cents"])) and (wanted_day in (None, item["on"]))


FLOWS: dict[str, Flow] = {
    "balance": balance,
    "available_credit": about_line("available"),
    "limit_info": about_line("limit"),
    "rate_info": about_line("rate"),
    "due_date_info": about_line("due"),
    "minimum_payment_info": about_line("minimum"),
    "payoff_quote": payoff,
    "transactions_list": activity,
    "transaction_explain": one_item,
}

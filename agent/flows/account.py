"""What is owed, what is left, what it costs, and what happened on the line."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from agent.agenda import Task
from agent.flows.base import Flow, Say, World, offer
from agent.words import render

ITEMS_SHOWN = 8
_LATE = re.compile(r"\b(past due|late|behind|overdue|missed|atrasad\w+|vencid\w+)\b", re.I)
_FEARS = re.compile(r"\b(?:miss\w*|forg[eo]t\w*|worr\w+|olvid\w+|preocup\w+|se me pasó|tarde)\b", re.I)
_LOWER = re.compile(r"\b(?:lower|reduce|better|drop|cut|less|baj[ae]\w*|reduc\w+)\b", re.I)
_MEMO = re.compile(r"\b(memo|note|nota|concepto)\b", re.I)
_FIGURES = re.compile(r"\$?\d[\d,.]*")


def due(task: Task, world: World) -> Say:
    """When and how much; to a customer who fears to be late, first that nothing is."""
    line = world.line()
    return catch_up(
        "due", {"line": line, "fears": bool(_LATE.search(task.said) or _FEARS.search(task.said))}, line
    )


def about_line(template: str) -> Flow:
    """A flow that answers from the overview alone, and offers to pay what is past due."""

    def flow(task: Task, world: World) -> Say:
        return catch_up(template, {"line": world.line()}, world.line())

    return flow


def catch_up(template: str, fields: dict[str, Any], line: dict[str, Any], **more: Any) -> Say:
    """The answer; with an offer to pay when something is past due."""
    if not line["past_due_cents"]:
        return Say(template, fields, **more)
    return offer(template, fields, "payment_make", {"amount_cents": line["minimum_due_cents"]}, **more)


def rate(task: Task, world: World) -> Say:
    line = world.line()
    fields = {"line": line, "lower": bool(_LOWER.search(task.said))}
    if line["apr_bp"] and not line["autopay"]:
        return offer("rate", fields, "autopay_manage", {"amount_kind": "minimum"})
    return Say("rate", fields)


def balance(task: Task, world: World) -> Say:
    line = world.line()
    parts = {
        "principal_owed": line["principal_cents"],
        "interest_accrued": line["accrued_interest_cents"],
        "interest_billed": line["billed_interest_cents"],
        "fees_owed": line["fees_cents"],
    }
    shown = [
        {"label": render("label", {"code": code}, world.language), "amount_cents": cents}
        for code, cents in parts.items()
        if cents
    ]
    title = render("label", {"code": "title_owed"}, world.language)
    block = {"type": "breakdown", "title": title, "rows": shown, "total_cents": line["owed_cents"]}
    fields = {"line": line, "parts": len(shown) > 1}
    if line["credit_balance_cents"] and not line["past_due_cents"]:
        return offer("balance", fields, "refund_request", {}, blocks={"parts": block})
    return catch_up("balance", fields, line, blocks={"parts": block})


def payoff(task: Task, world: World) -> Say:
    """The amount that clears the line on the day asked for, or today."""
    line = world.line()
    on = task.slots.get("on") or world.today.isoformat()
    if date.fromisoformat(on) < world.today:
        on = world.today.isoformat()
    quote = world.look("get_payoff_quote", line_id=line["line_id"], on=on)
    if not quote["total_cents"]:
        return Say("payoff", {"q": quote})
    return offer(
        "payoff", {"q": quote}, "payment_make", {"amount_cents": quote["total_cents"], "on": quote["on"]}
    )


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
    if _MEMO.search(task.said) and (noted := [item for item in found or items if item["memo"]]):
        return Say("memo", {"item": noted[0], "memo": quoted(noted[0]["memo"])})
    if not found:
        return Say(
            "activity", {"items": items[:ITEMS_SHOWN], "since": None, "more": len(items) > ITEMS_SHOWN}
        )
    return Say("item", {"item": found[0]})


def quoted(memo: str) -> str:
    """Somebody else's words as they may be quoted: on one line, without figures that look like ours."""
    return _FIGURES.sub("…", " ".join(memo.split()))[:160]


def _fits(item: dict[str, Any], slots: dict[str, Any]) -> bool:
    wanted_amount, wanted_day = slots.get("amount_cents"), slots.get("on")
    if wanted_amount is None and wanted_day is None:
        return False
    return (wanted_amount in (None, item["amount_cents"])) and (wanted_day in (None, item["on"]))


FLOWS: dict[str, Flow] = {
    "balance": balance,
    "available_credit": about_line("available"),
    "limit_info": about_line("limit"),
    "rate_info": rate,
    "due_date_info": due,
    "minimum_payment_info": about_line("minimum"),
    "payoff_quote": payoff,
    "transactions_list": activity,
    "transaction_explain": one_item,
}

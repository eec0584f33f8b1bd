"""When a customer cannot pay: every programme they qualify for, cheapest in total first, with exact figures.

Asking never affects credit reporting. The choice stays open while they ask one more thing.
"""

from __future__ import annotations

import re
from typing import Any

from agent.agenda import OFFERED, Question, Task
from agent.flows.base import Flow, Say, World, ask, offer
from agent.flows.outcomes import of_act
from agent.words import render

LAST_DUE_DAY = 28
_IF_LATE = re.compile(
    r"\b(?:if|si)\b.{0,24}\b(?:miss|late|can'?t|skip|no pago|no puedo|atras\w+|tarde"
    r"|falto)",
    re.I,
)
SETTLEMENT_AFTER_DAYS = 120
"""From here a specialist may settle for part of the balance (policy Help with payments)."""


LASTING = frozenset({"relief", "plan_12", "plan_24"})
"""Programmes that run for months; another can take their place."""


def hardship(task: Task, world: World) -> Say:
    line = world.line()
    if line["plan"] is not None and line["plan"]["kind"] in LASTING:
        return change(task, world, line)
    chosen = task.slots.get("plan_kind")
    if chosen is None and task.slots.get("take_it") is True:
        chosen = task.slots.get("looking_at")
    if chosen is not None:
        return of_act(world.act("enroll_plan", line_id=line["line_id"], kind=chosen), task)
    answer = world.look("list_plan_options", line_id=line["line_id"])
    options = answer["options"]
    if not options:
        given = world.look("hand_off", queue="hardship", reason="no_programme")
        return Say(
            "hardship_none",
            {"hours": given["hours"], "settlement": line["days_past_due"] > SETTLEMENT_AFTER_DAYS},
            state="handed_off",
        )
    kinds = tuple(option["kind"] for option in options)
    looking_at = task.slots.get("looking_at")
    if looking_at in kinds and task.slots.get("take_it") is not False:
        option = next(option for option in options if option["kind"] == looking_at)
        fields = {"o": option, "line": line}
        return ask("plan_option", fields, Question("take_it", "yes_no"), slots={OFFERED: list(kinds)})
    block = {"type": "options", "items": [_item(option, world) for option in options]}
    again = task.asked > 0
    return ask(
        "hardship",
        {"options": options, "line": line, "again": again},
        Question("plan_kind", "choice", kinds),
        blocks={"options": block},
        slots={OFFERED: list(kinds)},
    )


def _item(option: dict[str, Any], world: World) -> dict[str, str]:
    label = render("plan_label", {"o": option}, world.language, world.today.year)
    return {
        "label": label,
        "detail": render("plan_detail", {"o": option}, world.language, world.today.year),
        "value": option["kind"],
    }


def manage(task: Task, world: World) -> Say:
    """How a plan stands, or its end."""
    line = world.line()
    if line["plan"] is None:
        return Say("no_plan")
    if task.intent == "plan_cancel":
        return of_act(
            world.act("cancel_plan", line_id=line["line_id"], plan_id=line["plan"]["plan_id"]), task
        )
    if task.intent == "plan_change":
        return change(task, world, line)
    plan = line["plan"]
    due_on = plan["next_payment_on"]
    if _IF_LATE.search(task.said):
        return Say("plan_if_late")
    if due_on and due_on < world.today.isoformat():
        slots = {"amount_cents": plan["next_payment_cents"]}
        return offer("plan_status", {"p": plan, "late": True}, "payment_make", slots)
    return Say("plan_status", {"p": plan, "late": False})


def change(task: Task, world: World, line: dict[str, Any]) -> Say:
    """Another programme in the place of the one that runs: what there is, with exact figures, then in one yes."""
    plan_id, chosen = line["plan"]["plan_id"], task.slots.get("plan_kind")
    if chosen is None and task.slots.get("take_it") is True:
        chosen = task.slots.get("looking_at")
    if chosen is not None:
        return of_act(world.act("change_plan", line_id=line["line_id"], plan_id=plan_id, kind=chosen), task)
    options = world.look("list_plan_options", line_id=line["line_id"], instead=True)["options"]
    if not options:
        given = world.look("hand_off", queue="hardship", reason="no_programme")
        return Say("plan_no_other", {"p": line["plan"], "hours": given["hours"]}, state="handed_off")
    kinds = tuple(option["kind"] for option in options)
    looking_at = task.slots.get("looking_at")
    if looking_at in kinds and task.slots.get("take_it") is not False:
        option = next(option for option in options if option["kind"] == looking_at)
        fields = {"o": option, "line": line}
        return ask("plan_option", fields, Question("take_it", "yes_no"), slots={OFFERED: list(kinds)})
    return ask(
        "plan_others",
        {"one": len(options) == 1},
        Question("plan_kind", "choice", kinds),
        blocks={"options": {"type": "options", "items": [_item(option, world) for option in options]}},
        slots={OFFERED: list(kinds)},
    )


def due_date(task: Task, world: World) -> Say:
    """Another day of the month, at no cost, twice a year."""
    line = world.line()
    day = task.slots.get("day_of_month")
    if day is None or day > LAST_DUE_DAY:
        return ask("ask_due_day", {"line": line}, Question("day_of_month", "day"))
    return of_act(world.act("change_due_date", line_id=line["line_id"], due_day=day), task)


FLOWS: dict[str, Flow] = {
    "hardship": hardship,
    "plan_manage": manage,
    "plan_status": manage,
    "plan_cancel": manage,
    "plan_change": manage,
    "due_date_change": due_date,
}

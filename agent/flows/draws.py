"""Draws: ask for cash, see where it is, call it off."""

from __future__ import annotations

from agent.agenda import Question, Task
from agent.flows.base import Call, Flow, Say, World, ask
from agent.flows.outcomes import of_act
from agent.flows.payments import no_account, verified_account


def request(task: Task, world: World) -> Say:
    world.together(Call("get_overview"), Call("list_bank_accounts"))
    line, account = world.line(), verified_account(world)
    if account is None:
        return no_account(task, world)
    amount = task.slots.get("amount_cents")
    if not isinstance(amount, int):
        return ask("ask_draw_amount", {"line": line}, Question("amount_cents", "amount"))
    receipt = world.act(
        "request_draw",
        line_id=line["line_id"],
        amount_cents=amount,
        bank_account_id=account["bank_account_id"],
    )
    return of_act(receipt, task)


def status(task: Task, world: World) -> Say:
    line = world.line()
    items = world.look("list_activity", line_id=line["line_id"], kinds=["draw"])["items"]
    wanted = [item for item in items if task.slots.get("amount_cents") in (None, item["amount_cents"])]
    if not items:
        return Say("no_draws")
    pending = {draw["draw_id"]: draw for draw in line["pending_draws"]}
    item = (wanted or items)[0]
    return Say("draw_status", {"item": item, "pending": pending.get(item["reference_id"])})


def cancel(task: Task, world: World) -> Say:
    line = world.line()
    pending = line["pending_draws"]
    if not pending:
        return Say("no_pending_draw")
    wanted = [draw for draw in pending if task.slots.get("amount_cents") in (None, draw["amount_cents"])]
    draw = max(wanted or pending, key=lambda one: str(one["draw_id"]))  # "it" is the newest
    return of_act(world.act("cancel_draw", line_id=line["line_id"], draw_id=draw["draw_id"]), task)


FLOWS: dict[str, Flow] = {"draw_request": request, "draw_status": status, "draw_cancel": cancel}

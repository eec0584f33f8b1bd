"""Every command with a line on which it goes through: what to do before, and its arguments.

A scene leaves its stage on the day of the command and returns the arguments. A command without one is named by
`missing`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from evals.faults.stage import IDENTITY, Command, Stage, add_customer
from ledger_core import commands
from ledger_core.commands import narratives
from ledger_core.commands.break_plan import break_plan
from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.place_overlay import place_overlay
from ledger_core.commands.refund_credit import refund_credit
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.ids import new_id
from ledger_core.store.postgres import transaction
from ledger_core.underwriting.features import Month, Observation

Scene = Callable[[Stage], Awaitable[dict[str, Any]]]


def all_commands() -> Mapping[str, Command]:
    """By name: each module of `ledger_core.commands` that holds a command of its own name."""
    found: dict[str, Command] = {}
    for module in pkgutil.iter_modules(commands.__path__):
        held = getattr(importlib.import_module(f"ledger_core.commands.{module.name}"), module.name, None)
        if not inspect.iscoroutinefunction(held):
            continue
        takes = inspect.signature(held).parameters
        if "ctx" in takes and "decide" not in takes:
            found[module.name] = held
    return found


def missing() -> tuple[str, ...]:
    """Commands that have no scene."""
    return tuple(sorted(all_commands().keys() - SCENES.keys()))


async def _nothing(stage: Stage) -> dict[str, Any]:
    return {}


async def _new_line(stage: Stage) -> dict[str, Any]:
    """A second customer, who has no line yet."""
    stage.customer_id, stage.line_id, stage.bank_account_id = new_id("cus"), new_id("line"), new_id("bank")
    async with transaction(stage.engine, IDENTITY) as conn:
        await add_customer(conn, stage.customer_id, stage.bank_account_id)
    return {
        "customer_id": stage.customer_id,
        "product_id": "cash_line_flex",
        "limit_cents": 150_000,
        "apr_bp": 2599,
        "due_day": 20,
        "state_code": "OH",
    }


async def _asked_draw(stage: Stage) -> dict[str, Any]:
    account = stage.bank_account_id
    return {"amount_cents": 50_000, "bank_account_id": account, "memo": "for the roof"}


async def _pending_draw(stage: Stage) -> dict[str, Any]:
    return {"draw_id": await stage.draw(50_000, settle=False)}


async def _failing_draw(stage: Stage) -> dict[str, Any]:
    return {**await _pending_draw(stage), "code": "R03"}


async def _owing(stage: Stage) -> None:
    """A draw and a statement with a minimum."""
    await stage.draw(90_000)
    await stage.close_cycle()


async def _asked_payment(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    return {"amount_cents": 20_000, "pay_on": stage.at.on, "bank_account_id": stage.bank_account_id}


async def _scheduled(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    return {"payment_id": await stage.pay(20_000, in_days=9)}


async def _moving(stage: Stage) -> dict[str, Any]:
    return {**await _scheduled(stage), "pay_on": stage.at.on + timedelta(days=12)}


async def _arrived(stage: Stage) -> dict[str, Any]:
    """Money that came unasked."""
    await _owing(stage)
    return {"payment_id": new_id("payment"), "amount_cents": 15_000}


async def _credited_late(stage: Stage) -> dict[str, Any]:
    """Money that came a month ago, before the statement, and was not written down."""
    await _owing(stage)
    came_on = stage.at.on - timedelta(days=20)
    return {"payment_id": new_id("payment"), "amount_cents": 15_000, "received_on": came_on}


async def _received(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    return {"payment_id": await stage.pay(20_000)}


async def _returning(stage: Stage) -> dict[str, Any]:
    """A payment that settled, and a cycle later comes back."""
    await _owing(stage)
    payment_id = await stage.pay(20_000, settle=True)
    await stage.close_cycle()
    return {"payment_id": payment_id, "return_code": "R01"}


async def _autopay(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    return {"mode": "minimum", "bank_account_id": stage.bank_account_id}


async def _stopping_autopay(stage: Stage) -> dict[str, Any]:
    await stage.act(set_autopay, **await _autopay(stage))
    return {}


async def _fee(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    return {"kind": "late", "amount_cents": 2_500}


async def _waiving(stage: Stage) -> dict[str, Any]:
    charged = await stage.act(charge_fee, **await _fee(stage))
    return {"fee_id": charged.fee_id}


async def _notice(stage: Stage) -> dict[str, Any]:
    """A dispute about a billed draw, with the customer's words kept before."""
    draw_id = await stage.draw(90_000)
    await stage.close_cycle()
    async with transaction(stage.engine, IDENTITY) as conn:
        words = await narratives.record(
            conn, customer_id=stage.customer_id, line_id=stage.line_id, kind="dispute", body="not mine"
        )
    return {"kind": "unauthorized", "about": draw_id, "narrative_id": words}


async def _disputed(stage: Stage) -> dict[str, Any]:
    opened = await stage.act(open_dispute, **await _notice(stage))
    return {"dispute_id": opened.dispute_id}


async def _resolving(stage: Stage) -> dict[str, Any]:
    disputed = await _disputed(stage)
    await stage.close_cycle()
    return {**disputed, "amount_cents": 30_000}


async def _help(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    return {"kind": "plan_12"}


async def _on_plan(stage: Stage) -> dict[str, Any]:
    await stage.act(enroll_plan, **await _help(stage))
    return {}


async def _plan_missed(stage: Stage) -> dict[str, Any]:
    await _on_plan(stage)
    plan = (await stage.state()).plan
    assert plan is not None
    assert plan.next_payment is not None
    await stage.go_to(plan.next_payment.due_on + timedelta(days=11))
    return {}


async def _plan_made_up(stage: Stage) -> dict[str, Any]:
    await _plan_missed(stage)
    await stage.act(break_plan)
    plan = (await stage.state()).plan
    assert plan is not None
    assert plan.next_payment is not None
    await stage.pay(plan.next_payment.amount_cents, settle=True)
    return {}


async def _pay_off(stage: Stage, more_cents: int = 0) -> None:
    await stage.pay((await stage.state()).payoff_base_cents + more_cents, settle=True)


async def _plan_paid_off(stage: Stage) -> dict[str, Any]:
    await _on_plan(stage)
    await _pay_off(stage)
    return {}


async def _overpaid(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    await _pay_off(stage, 5_000)
    return {"bank_account_id": stage.bank_account_id}


async def _refunded(stage: Stage) -> dict[str, Any]:
    refunded = await stage.act(refund_credit, **await _overpaid(stage))
    return {"refund_id": refunded.refund_id, "return_code": "R23"}


async def _closing(stage: Stage) -> dict[str, Any]:
    """Closing with a balance that is then paid off, accrued interest included."""
    await _owing(stage)
    await stage.act(request_closure)
    await _pay_off(stage)
    await stage.close_cycle()
    if (await stage.state()).payoff_base_cents:
        await _pay_off(stage)
    return {}


async def _locked(stage: Stage) -> dict[str, Any]:
    await stage.act(lock_line, reason="customer")
    return {}


async def _cycle_over(stage: Stage) -> dict[str, Any]:
    await stage.draw(90_000)
    await stage.go_to((await stage.state()).next_close_on + timedelta(days=1), close=False)
    return {}


async def _hopeless(stage: Stage) -> dict[str, Any]:
    await _owing(stage)
    while (await stage.state()).days_past_due < 180:
        await stage.go_to(stage.at.on + timedelta(days=10))
    return {}


async def _season(stage: Stage, months_paid: int) -> None:
    """Six months of statements, so many of them paid."""
    await stage.draw(80_000)
    for month in range(6):
        await stage.close_cycle()
        if month < months_paid:
            await stage.pay(15_000, settle=True)
            await stage.draw(9_000)


async def _asked_limit(stage: Stage) -> dict[str, Any]:
    await _season(stage, 6)
    return {"limit_cents": 220_000, "timer": _no_time}


async def _approved(stage: Stage) -> dict[str, Any]:
    decided = await stage.act(decide_limit, **await _asked_limit(stage))
    return {"decision_id": decided.decision_id}


async def _reviewed(stage: Stage) -> dict[str, Any]:
    await _season(stage, 2)
    return {"timer": _no_time}


async def _overlaid(stage: Stage) -> dict[str, Any]:
    """Bankruptcy since before the last statement, whose interest is taken back."""
    await _owing(stage)
    return {"kind": "bankruptcy", "chapter": 7, "since_on": stage.at.on - timedelta(days=10)}


async def _lifting(stage: Stage) -> dict[str, Any]:
    await stage.act(place_overlay, **await _overlaid(stage))
    return {"kind": "bankruptcy", "outcome": "dismissed"}


async def _promoted(stage: Stage) -> dict[str, Any]:
    """A promotion that begins before the last statement."""
    await _owing(stage)
    return {
        "apr_bp": 999,
        "starts_on": stage.at.on - timedelta(days=10),
        "ends_on": stage.at.on + timedelta(days=60),
    }


async def _behind_and_paying(stage: Stage) -> dict[str, Any]:
    """Three minimums missed, then three paid late."""
    await stage.draw(90_000)
    for month in range(11):
        await stage.close_cycle()
        if month >= 5:
            await stage.pay((await stage.state()).statements[-1].figures.minimum_payment_cents, settle=True)
    return {}


async def _applying(stage: Stage) -> dict[str, Any]:
    """A second customer, with a steady line elsewhere."""
    asked = await _new_line(stage)
    del asked["apr_bp"]
    steady = Observation(150_000, 500, tuple(Month(0, 40_000, 30_000) for _ in range(6)))
    return {**asked, "observation": steady, "timer": _no_time}


def _no_time() -> int:
    """A decision is made otherwise when it takes long; here it never does."""
    return 0


def _given(before: Scene = _nothing, /, **arguments: Any) -> Scene:
    async def scene(stage: Stage) -> dict[str, Any]:
        return {**await before(stage), **arguments}

    return scene


SCENES: Mapping[str, Scene] = {
    "accept_limit": _approved,
    "acknowledge_dispute": _disputed,
    "break_plan": _plan_missed,
    "cancel_draw": _pending_draw,
    "cancel_payment": _scheduled,
    "cancel_plan": _on_plan,
    "change_due_date": _given(due_day=20),
    "change_limit": _given(limit_cents=300_000, reason="specialist"),
    "change_plan": _given(_on_plan, kind="plan_24"),
    "change_rate": _given(apr_bp=2199, reason="product"),
    "charge_fee": _fee,
    "charge_off": _hopeless,
    "close_line": _closing,
    "complete_plan": _plan_paid_off,
    "credit_payment": _credited_late,
    "cure_plan": _plan_made_up,
    "decide_application": _applying,
    "decide_limit": _asked_limit,
    "enroll_plan": _help,
    "fail_draw": _failing_draw,
    "grant_credit": _given(amount_cents=1_500, reason="goodwill"),
    "grant_promotion": _promoted,
    "issue_statement": _cycle_over,
    "lift_overlay": _lifting,
    "lock_line": _given(reason="customer"),
    "make_payment": _asked_payment,
    "move_payment": _moving,
    "open_dispute": _notice,
    "open_line": _new_line,
    "place_overlay": _overlaid,
    "reage_line": _behind_and_paying,
    "receive_payment": _arrived,
    "refund_credit": _overpaid,
    "request_closure": _nothing,
    "request_draw": _asked_draw,
    "resolve_dispute": _resolving,
    "return_payment": _returning,
    "return_refund": _refunded,
    "review_limit": _reviewed,
    "set_autopay": _autopay,
    "settle_draw": _pending_draw,
    "settle_payment": _received,
    "stop_autopay": _stopping_autopay,
    "unlock_line": _locked,
    "waive_fee": _given(_waiving, reason="courtesy"),
    "withdraw_dispute": _disputed,
}

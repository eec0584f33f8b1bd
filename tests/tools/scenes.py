"""For each act of the catalogue: a desk at which it can be done, and its arguments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.grant_credit import grant_credit
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.set_autopay import set_autopay
from tests.fixtures.books import seasoned_book
from tests.tools.desk import TODAY, Desk, desk_of, open_desk
from tests.tools.test_more_tools import contact_change, pending_account

Scene = Callable[[Desk], Awaitable[dict[str, Any]]]
IN_MARCH = date(2026, 3, 20)


async def _line(desk: Desk) -> dict[str, Any]:
    return {"line_id": desk.book.line_id}


async def _bank(desk: Desk) -> dict[str, Any]:
    return {"line_id": desk.book.line_id, "bank_account_id": desk.book.bank_account_id}


async def _amount(desk: Desk, cents: int = 8_000) -> dict[str, Any]:
    desk.say(amounts_cents=[cents], dates=["2026-03-20", "2026-03-25"], days=[20])
    return await _bank(desk) | {"amount_cents": cents}


async def _fee(desk: Desk) -> dict[str, Any]:
    missed = (await desk.book.state()).last_statement
    assert missed is not None
    await desk.book.act(charge_fee, kind="late", amount_cents=2_500, about=missed.statement_id)
    await desk.call("list_activity", line_id=desk.book.line_id)
    return await _line(desk) | {"fee_id": list((await desk.book.state()).fees)[-1]}


async def _scheduled(desk: Desk) -> dict[str, Any]:
    await _amount(desk)
    made = await desk.book.pay(8_000, pay_on=IN_MARCH)
    await desk.call("list_payments", line_id=desk.book.line_id)
    return await _line(desk) | {"payment_id": made.payment_id}


async def _pending_draw(desk: Desk) -> dict[str, Any]:
    drawn = await desk.book.draw(8_000, settle=False)
    await desk.call("draw_status", line_id=desk.book.line_id)
    return await _line(desk) | {"draw_id": drawn.draw_id}


async def _with_autopay(desk: Desk) -> dict[str, Any]:
    await desk.book.act(
        set_autopay, mode="minimum", bank_account_id=desk.book.bank_account_id, amount_cents=None
    )
    return await _line(desk)


async def _offered(desk: Desk) -> dict[str, Any]:
    await desk.call("list_plan_options", line_id=desk.book.line_id)
    return await _line(desk) | {"kind": "plan_12"}


async def _on_plan(desk: Desk) -> dict[str, Any]:
    plan = await desk.book.act(enroll_plan, kind="plan_12")
    await desk.call("plan_status", line_id=desk.book.line_id)
    return await _line(desk) | {"plan_id": plan.plan_id}


async def _other_plan(desk: Desk) -> dict[str, Any]:
    given = await _on_plan(desk)
    await desk.call("list_plan_options", line_id=desk.book.line_id, instead=True)
    return given | {"kind": "plan_24"}


async def _a_draw(desk: Desk) -> dict[str, Any]:
    draw_id = next(iter((await desk.book.state()).draws))
    await desk.call("draw_status", line_id=desk.book.line_id)
    return await _line(desk) | {"about_id": draw_id, "kind": "unauthorized", "narrative": "I never did"}


async def _dispute(desk: Desk) -> dict[str, Any]:
    about = (await _a_draw(desk))["about_id"]
    opened = await desk.book.act(open_dispute, kind="unauthorized", about=about, amount_cents=20_000)
    await desk.call("dispute_status", line_id=desk.book.line_id)
    return await _line(desk) | {"dispute_id": opened.dispute_id}


async def _decided(desk: Desk) -> dict[str, Any]:
    decided = await desk.book.act(decide_limit, limit_cents=120_000)
    await desk.call("explain_decisions", line_id=desk.book.line_id)
    return await _line(desk) | {"decision_id": decided.decision_id}


async def _credit_balance(desk: Desk) -> dict[str, Any]:
    await desk.book.act(grant_credit, amount_cents=200_000, reason="error")
    return await _bank(desk)


async def _handoff(desk: Desk) -> dict[str, Any]:
    handed = await desk.call("hand_off", reason="human")
    return {"handoff_id": handed.to_json()["handoff_id"]}


async def _duty(desk: Desk) -> dict[str, Any]:
    return {"duty_id": (await desk.call("record_right", right="complaint")).to_json()["duty_id"]}


def _plus(scene: Scene, **more: Any) -> Scene:
    async def given(desk: Desk) -> dict[str, Any]:
        return await scene(desk) | more

    return given


async def _nothing(desk: Desk) -> dict[str, Any]:
    return {}


async def _named_amount(desk: Desk, name: str, cents: int) -> dict[str, Any]:
    desk.say(amounts_cents=[cents])
    return await _line(desk) | {name: cents}


async def _due_day(desk: Desk) -> dict[str, Any]:
    desk.say(days=[20])
    return await _line(desk) | {"due_day": 20}


async def _new_account(desk: Desk) -> dict[str, Any]:
    return {"bank_account_id": await pending_account(desk)}


async def _old_account(desk: Desk) -> dict[str, Any]:
    return {"bank_account_id": desk.book.bank_account_id}


async def _new_address(desk: Desk) -> dict[str, Any]:
    await contact_change(desk)
    return {"change_id": "change_new"}


async def _locked(desk: Desk) -> dict[str, Any]:
    await desk.book.act(lock_line, reason="customer")
    return await _line(desk)


CUSTOMER_ACTS: dict[str, Scene] = {
    "add_bank_account": _new_account,
    "remove_bank_account": _old_account,
    "waive_fee": _fee,
    "make_payment": _amount,
    "move_payment": _plus(_scheduled, pay_on="2026-03-25"),
    "cancel_payment": _scheduled,
    "set_autopay": _plus(_bank, mode="minimum"),
    "stop_autopay": _with_autopay,
    "request_draw": _amount,
    "cancel_draw": _pending_draw,
    "enroll_plan": _offered,
    "change_plan": _other_plan,
    "cancel_plan": _on_plan,
    "change_due_date": _due_day,
    "open_dispute": _a_draw,
    "add_dispute_evidence": _plus(_dispute, words="I was abroad"),
    "withdraw_dispute": _dispute,
    "lock_line": _plus(_line, reason="customer"),
    "secure_account": _plus(_nothing, kind="fraud"),
    "request_limit_increase": lambda desk: _named_amount(desk, "limit_cents", 300_000),
    "accept_limit": _decided,
    "lower_limit": lambda desk: _named_amount(desk, "limit_cents", 180_000),
    "close_line": _line,
    "request_refund": _credit_balance,
    "change_contact": _new_address,
    "set_contact_preferences": _plus(_nothing, calls=False),
    "record_right": _plus(_nothing, right="complaint"),
    "hand_off": _plus(_nothing, reason="human"),
}
SPECIALIST_ACTS: dict[str, Scene] = {
    "take_handoff": _handoff,
    "close_handoff": _plus(_handoff, outcome="answered"),
    "discharge_duty": _plus(_duty, outcome="answered"),
    "hold_duty": _plus(_duty, until_on="2026-03-20", reason="waits_for_papers"),
    "add_note": _plus(_nothing, body="Called back."),
    "erase_note": _nothing,
    "grant_goodwill_credit": _plus(_line, amount_cents=2_000),
    "correct_error": _plus(_line, amount_cents=20_000),
    "waive_fee_beyond": _fee,
    "take_fee_back": _fee,
    "resolve_dispute": _plus(_dispute, found_cents=20_000),
    "enroll_plan_for": _plus(_line, kind="plan_24"),
    "unlock_line": _locked,
    "place_overlay": _plus(_line, kind="deceased", since_on="2026-03-10"),
}


async def desk_for(name: str, engine: Any, clock: Any) -> Desk:
    """A desk at which the act can be done: a young line with $1,500 drawn, or a seasoned one for a decision."""
    if name != "accept_limit":
        return await open_desk(engine, clock)
    book = await seasoned_book(engine, opened_on=date(2025, 8, 5))
    await book.go_to(TODAY)
    desk = desk_of(book, clock, since_version=(await book.world()).line.version)
    await desk.look_around()
    return desk

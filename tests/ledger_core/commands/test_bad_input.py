"""Bad input, one row per case and command: a refusal with reason codes or an error with a code, and nothing written.

`None` for the codes means that some error of the books with a stable code is raised; a name in capitals stands for
an id of the world below.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest

from evals.faults.books import look
from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.request_closure import request_closure
from ledger_core.dates import Moment
from ledger_core.errors import CashLineError, InvalidInput
from ledger_core.refusals import Refused
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import Book, open_book

HUGE = 2**63
FAR = date(9999, 12, 31)
NUL = "draw_\x00"
LONG = "x" * 1_000_000
ODD = "\ud800"
NEVER = date(2020, 1, 1)


@dataclass
class World:
    """Lines by their standing, and ids to get wrong."""

    books: dict[str, Book]
    ids: dict[str, Any]


async def owing_book(engine) -> Book:
    book = await open_book(engine)
    await book.draw(90_000)
    await book.close_cycle()
    return book


async def build(engine) -> World:
    books = {
        name: await owing_book(engine)
        for name in ("open", "other", "planned", "late", "locked", "late_dispute")
    }
    one, other = books["open"], books["other"]
    ids: dict[str, Any] = {"BANK": one.bank_account_id}
    for prefix, book in (("", one), ("THEIR_", other)):
        state = await book.state()
        ids[f"{prefix}SETTLED_DRAW"] = next(iter(state.draws))
        ids[f"{prefix}RECEIVED"] = (await book.pay(2_000)).payment_id
        ids[f"{prefix}SCHEDULED"] = (await book.pay(2_000, pay_on=book.at.on + timedelta(days=9))).payment_id
        ids[f"{prefix}PENDING_DRAW"] = (await book.draw(6_000, settle=False)).draw_id
        ids[f"{prefix}FEE"] = (await book.act(charge_fee, kind="late", amount_cents=2_500)).fee_id
        about = {"kind": "unauthorized", "about": ids[f"{prefix}SETTLED_DRAW"]}
        ids[f"{prefix}DISPUTE"] = (await book.act(open_dispute, **about)).dispute_id
    ids["THEIR_BANK"] = other.bank_account_id
    ids["TODAY"] = one.at.on
    pending = await open_book(engine, bank_status="pending")
    ids["PENDING_BANK"] = pending.bank_account_id
    books["pending_bank"] = pending
    await books["planned"].act(enroll_plan, kind="plan_12")
    await books["locked"].act(lock_line, reason="fraud")
    late = books["late"]
    await late.go_to(late.at.on + timedelta(days=60))
    books["fresh"] = await open_book(engine)
    books["nobody"] = replace(books["fresh"], line_id="line_none")
    closed = await open_book(engine)
    await closed.act(request_closure)
    books["closed"] = closed
    return World(books, ids)


INVALID = ("error invalid_input",)
Row = tuple[str, str, dict[str, Any], tuple[str, ...] | None]

NEW = {
    "customer_id": "cus_nobody",
    "product_id": "cash_line_flex",
    "limit_cents": 150_000,
    "apr_bp": 2599,
    "due_day": 20,
    "state_code": "OH",
}
# fmt: off
AMOUNTS: list[tuple[Any, str]] = [
    (0, "zero"), (-1, "negative"), (HUGE, "beyond bigint"), (10**30, "huge"), (10.5, "a float"), (True, "a bool"),
    ("100", "a text"), (Decimal("100"), "a Decimal"), (100 + 1j, "complex"),
]
ABOUT_AMOUNTS: list[tuple[str, dict[str, Any], str]] = [
    ("request_draw", {"bank_account_id": "BANK"}, "amount_cents"),
    ("make_payment", {"bank_account_id": "BANK", "pay_on": "TODAY"}, "amount_cents"),
    ("receive_payment", {"payment_id": "payment_new"}, "amount_cents"),
    ("credit_payment", {"payment_id": "payment_new", "received_on": "TODAY"}, "amount_cents"),
    ("charge_fee", {"kind": "late"}, "amount_cents"),
    ("grant_credit", {"reason": "goodwill"}, "amount_cents"),
    ("open_dispute", {"kind": "duplicate", "about": "RECEIVED"}, "amount_cents"),
    ("open_dispute", {"kind": "other", "about": None}, "amount_cents"),
    ("set_autopay", {"mode": "fixed", "bank_account_id": "BANK"}, "amount_cents"),
    ("change_limit", {"reason": "specialist"}, "limit_cents"),
    ("decide_limit", {}, "limit_cents"),
]
TABLE: list[Row] = [
    # an amount that is none
    *[("open", command, {**given, name: bad}, None)
      for command, given, name in ABOUT_AMOUNTS for bad, _ in AMOUNTS],
    *[("open", "resolve_dispute", {"dispute_id": "DISPUTE", "amount_cents": bad}, None)
      for bad, _ in AMOUNTS if bad != 0],
    *[("open", "change_rate", {"apr_bp": bad, "reason": "product"}, None) for bad, _ in AMOUNTS if bad != 0],
    *[("open", "change_due_date", {"due_day": bad}, None) for bad in (0, -1, 29, 31, HUGE, 10.5, True, "3")],
    ("open", "request_draw", {"amount_cents": 1_000, "bank_account_id": "BANK"}, ("below_minimum",)),
    ("open", "request_draw", {"amount_cents": 200_001, "bank_account_id": "BANK"}, ("over_limit",)),
    ("open", "make_payment", {"amount_cents": 500_000, "bank_account_id": "BANK", "pay_on": "TODAY"}, ("more_than_owed",)),
    ("open", "grant_credit", {"amount_cents": 10_000_000, "reason": "goodwill"}, ("more_than_line",)),
    ("open", "charge_fee", {"kind": "late", "amount_cents": 10_000_000}, ("more_than_terms",)),
    ("open", "receive_payment", {"payment_id": "payment_new"}, ("amount_not_positive",)),
    ("open", "set_autopay", {"mode": "fixed", "bank_account_id": "BANK"}, ("amount_missing",)),
    ("open", "set_autopay", {"mode": "fixed", "bank_account_id": "BANK", "amount_cents": 1}, ("amount_below_minimum",)),
    ("open", "set_autopay", {"mode": "weekly", "bank_account_id": "BANK"}, ("mode_not_offered",)),
    ("open", "change_limit", {"limit_cents": 300_001, "reason": "specialist"}, ("limit_not_a_step",)),
    # no currency but one can be said: an amount is whole cents
    # whose bank account
    *[("open", command, {**given, "bank_account_id": bank}, ("bank_account_unverified",))
      for command, given in [
          ("request_draw", {"amount_cents": 6_000}),
          ("make_payment", {"amount_cents": 2_000, "pay_on": "TODAY"}),
          ("set_autopay", {"mode": "minimum"})]
      for bank in ("bank_unknown", "THEIR_BANK", "PENDING_BANK", "")],
    *[("open", command, {**given, "bank_account_id": bank}, INVALID)
      for command, given in [
          ("request_draw", {"amount_cents": 6_000}),
          ("make_payment", {"amount_cents": 2_000, "pay_on": "TODAY"}),
          ("set_autopay", {"mode": "minimum"})]
      for bank in (NUL, LONG, ODD, 7)],
    *[("pending_bank", command, {**given, "bank_account_id": "PENDING_BANK"}, None)
      for command, given in [("request_draw", {"amount_cents": 6_000}), ("set_autopay", {"mode": "minimum"})]],
    *[("open", "refund_credit", {"bank_account_id": bank}, None) for bank in ("bank_unknown", "THEIR_BANK", NUL)],
    # the standing of the line
    ("late", "request_draw", {"amount_cents": 6_000, "bank_account_id": "BANK"}, None),
    ("locked", "request_draw", {"amount_cents": 6_000, "bank_account_id": "OWN"}, ("line_locked",)),
    ("closed", "request_draw", {"amount_cents": 6_000, "bank_account_id": "OWN"}, ("line_closed",)),
    ("planned", "request_draw", {"amount_cents": 6_000, "bank_account_id": "OWN"}, ("plan_active",)),
    ("late", "request_draw", {"amount_cents": 6_000, "bank_account_id": "OWN"}, ("past_due",)),
    ("late", "request_draw", {"amount_cents": -1, "bank_account_id": "bank_unknown"},
     ("amount_not_positive", "past_due", "bank_account_unverified")),
    ("charged_off", "request_draw", {"amount_cents": 6_000, "bank_account_id": "OWN"}, None),
    ("charged_off", "charge_off", {}, ("already_charged_off",)),
    ("open", "charge_off", {}, ("too_early",)),
    ("open", "close_line", {}, ("not_closing",)),
    ("closed", "request_closure", {}, ("already_closing",)),
    ("closed", "change_limit", {"limit_cents": 300_000, "reason": "specialist"}, ("line_closed",)),
    ("closed", "set_autopay", {"mode": "minimum", "bank_account_id": "OWN"}, ("line_closed",)),
    ("closed", "change_due_date", {"due_day": 20}, ("line_closed",)),
    ("closed", "issue_statement", {}, ("line_closed",)),
    ("closed", "enroll_plan", {"kind": "plan_12"}, None),
    ("closed", "charge_fee", {"kind": "late", "amount_cents": 2_500}, ("line_closed",)),
    ("fresh", "make_payment", {"amount_cents": 2_000, "pay_on": "TODAY_OWN", "bank_account_id": "OWN"}, ("nothing_owed",)),
    ("open", "unlock_line", {}, ("not_locked",)),
    ("open", "stop_autopay", {}, ("no_autopay",)),
    ("open", "refund_credit", {"bank_account_id": "BANK"}, ("no_credit_balance",)),
    ("open", "issue_statement", {}, ("cycle_not_over",)),
    # days
    ("open", "make_payment", {"amount_cents": 2_000, "pay_on": NEVER, "bank_account_id": "BANK"}, ("pay_on_in_past",)),
    ("open", "make_payment", {"amount_cents": 2_000, "pay_on": "IN_61_DAYS", "bank_account_id": "BANK"}, ("pay_on_too_far",)),
    ("open", "make_payment", {"amount_cents": 2_000, "pay_on": FAR, "bank_account_id": "BANK"}, ("pay_on_too_far",)),
    ("open", "make_payment", {"amount_cents": 2_000, "pay_on": "2026-02-01", "bank_account_id": "BANK"}, None),
    ("open", "move_payment", {"payment_id": "SCHEDULED", "pay_on": NEVER}, ("pay_on_in_past",)),
    ("open", "move_payment", {"payment_id": "SCHEDULED", "pay_on": FAR}, ("pay_on_too_far",)),
    ("open", "open_dispute", {"kind": "other", "about": None, "amount_cents": 100, "received_on": FAR}, ("received_on_ahead",)),
    ("open", "open_dispute", {"kind": "other", "about": None, "amount_cents": 100, "received_on": "TOMORROW"}, ("received_on_ahead",)),
    ("open", "open_dispute", {"kind": "other", "about": None, "amount_cents": 100, "received_on": NEVER}, ("received_before_opening",)),
    ("open", "change_rate", {"apr_bp": 2199, "reason": "product", "from_on": FAR}, ("date_out_of_range",)),
    ("open", "change_rate", {"apr_bp": 2199, "reason": "product", "from_on": NEVER}, ("date_out_of_range",)),
    ("open", "enroll_plan", {"kind": "extension", "new_due_on": FAR}, None),
    ("open", "enroll_plan", {"kind": "extension", "new_due_on": NEVER}, None),
    *[("open", "credit_payment", {"payment_id": "payment_new", "received_on": day, "amount_cents": 100}, ("date_out_of_range",))
      for day in (FAR, NEVER, "TOMORROW")],
    # plans
    ("planned", "enroll_plan", {"kind": "plan_12"}, None),
    ("planned", "enroll_plan", {"kind": "relief"}, None),
    ("planned", "enroll_plan", {"kind": "extension"}, None),
    *[("planned", "change_plan", {"kind": kind}, (code,)) for kind, code in [("plan_12", "plan_unchanged"), ("extension", "programme_not_offered"), ("plan_99", "programme_not_offered"), ("", "programme_not_offered")]],
    ("open", "enroll_plan", {"kind": "plan_99"}, None),
    ("planned", "complete_plan", {}, ("plan_not_done",)),
    ("planned", "break_plan", {}, ("plan_not_missed",)),
    ("planned", "cure_plan", {}, ("plan_not_made_up",)),
    *[("open", command, {}, ("plan_not_active",)) for command in ("complete_plan", "break_plan", "cure_plan", "cancel_plan")],
    ("open", "change_plan", {"kind": "plan_24"}, ("plan_not_active",)),
    # ids that are unknown, of another line, or no ids
    *[("open", command, {"draw_id": draw, **more}, ("draw_unknown",))
      for command, more in [("settle_draw", {}), ("cancel_draw", {}), ("fail_draw", {"code": "R03"})]
      for draw in ("draw_unknown", "THEIR_PENDING_DRAW", "SCHEDULED", "")],
    *[("open", command, {"payment_id": payment, **more}, ("payment_unknown",))
      for command, more in [("settle_payment", {}), ("cancel_payment", {}), ("return_payment", {"return_code": "R01"}),
                            ("move_payment", {"pay_on": "TODAY"})]
      for payment in ("payment_unknown", "THEIR_RECEIVED", "PENDING_DRAW", "")],
    *[("open", "waive_fee", {"fee_id": fee, "reason": reason}, ("fee_unknown",))
      for fee in ("fee_unknown", "THEIR_FEE", "") for reason in ("courtesy", "error")],
    *[("open", command, {"dispute_id": dispute, **more}, ("dispute_unknown",))
      for command, more in [("acknowledge_dispute", {}), ("withdraw_dispute", {}), ("resolve_dispute", {"amount_cents": 100})]
      for dispute in ("dispute_unknown", "THEIR_DISPUTE", "")],
    *[("open", "open_dispute", {"kind": "other", "about": about, "amount_cents": 100}, ("about_unknown",))
      for about in ("draw_unknown", "THEIR_SETTLED_DRAW", "THEIR_FEE", "")],
    ("open", "accept_limit", {"decision_id": "decision_unknown"}, ("decision_unknown",)),
    ("open", "open_dispute", {"kind": "other", "about": "SETTLED_DRAW", "amount_cents": 100}, ("already_disputed",)),
    ("open", "open_dispute", {"kind": "other", "about": "FEE", "amount_cents": 2_501}, ("more_than_amount",)),
    ("open", "open_dispute", {"kind": "other", "about": None}, ("amount_not_positive",)),
    ("open", "resolve_dispute", {"dispute_id": "DISPUTE", "amount_cents": 90_001}, ("more_than_disputed",)),
    ("open", "settle_draw", {"draw_id": "SETTLED_DRAW"}, ("draw_not_pending",)),
    ("open", "cancel_draw", {"draw_id": "SETTLED_DRAW"}, ("draw_not_pending",)),
    ("open", "settle_payment", {"payment_id": "SCHEDULED"}, ("payment_not_received",)),
    ("open", "return_payment", {"payment_id": "SCHEDULED", "return_code": "R01"}, ("payment_not_received",)),
    ("open", "receive_payment", {"payment_id": "SCHEDULED"}, ("payment_not_due_yet",)),
    ("open", "receive_payment", {"payment_id": "RECEIVED"}, ("payment_not_scheduled",)),
    # codes that are none
    ("open", "request_draw", {"amount_cents": 6_000, "bank_account_id": "BANK", "speed": "teleport"}, INVALID),
    ("open", "lock_line", {"reason": "because"}, INVALID),
    ("open", "charge_fee", {"kind": "tip", "amount_cents": 100}, INVALID),
    ("open", "waive_fee", {"fee_id": "FEE", "reason": "whim"}, INVALID),
    ("open", "open_dispute", {"kind": "regret", "about": "FEE"}, INVALID),
    ("open", "fail_draw", {"draw_id": "PENDING_DRAW", "code": "R999"}, INVALID),
    ("open", "return_payment", {"payment_id": "RECEIVED", "return_code": "X99"}, INVALID),
    ("open", "return_payment", {"payment_id": "RECEIVED", "return_code": ""}, INVALID),
    ("open", "make_payment", {"amount_cents": 2_000, "pay_on": "TODAY", "bank_account_id": "BANK", "source": "luck"}, INVALID),
    # lines that cannot be opened
    *[("nobody", "open_line", {**NEW, **bad}, codes) for bad, codes in [
        ({"product_id": "cash_cow"}, ("product_unknown",)), ({"product_id": "../etc/passwd"}, ("product_unknown",)),
        ({"product_version": 99}, ("product_unknown",)), ({"product_version": True}, INVALID),
        ({"limit_cents": 0}, ("limit_out_of_range",)), ({"limit_cents": HUGE}, INVALID), ({"limit_cents": 150_001}, ("limit_not_a_step",)),
        ({"limit_cents": 1500.0}, INVALID), ({"apr_bp": 1}, ("apr_not_offered",)), ({"apr_bp": -1}, ("apr_not_offered",)),
        ({"due_day": 31}, ("due_day_out_of_range",)), ({"due_day": "3"}, INVALID), ({"state_code": "Ohio"}, INVALID),
        ({"customer_id": NUL}, INVALID), ({}, ("customer_unknown",))]],
    ("fresh", "open_line", NEW, ("line_exists",)),
    # texts
    *[("open", command, {**given, name: text}, None)
      for command, given, name in [
          ("settle_draw", {}, "draw_id"), ("cancel_draw", {}, "draw_id"), ("cancel_payment", {}, "payment_id"),
          ("move_payment", {"pay_on": "TODAY"}, "payment_id"), ("waive_fee", {"reason": "error"}, "fee_id"),
          ("receive_payment", {"amount_cents": 100}, "payment_id"), ("lock_line", {}, "reason"),
          ("grant_credit", {"amount_cents": 100}, "reason"), ("fail_draw", {"draw_id": "PENDING_DRAW"}, "code"),
          ("cancel_payment", {"payment_id": "SCHEDULED"}, "reason"), ("acknowledge_dispute", {}, "dispute_id"),
          ("change_rate", {"apr_bp": 2199}, "reason"), ("open_dispute", {"kind": "other"}, "about"),
          ("open_dispute", {"kind": "other", "about": "FEE"}, "narrative_id"),
          ("request_draw", {"amount_cents": 6_000, "bank_account_id": "BANK"}, "memo")]
      for text in (NUL, LONG, ODD, "\x1b[2J")],
]
# fmt: on


@pytest.fixture
async def world(batch_engine):
    made = await build(batch_engine)
    hopeless = await owing_book(batch_engine)
    charge_off = import_module("ledger_core.commands.charge_off").charge_off
    await hopeless.go_to(hopeless.at.on + timedelta(days=230))
    answer = await hopeless.act(charge_off)
    assert not isinstance(answer, Refused), answer
    made.books["charged_off"] = hopeless
    return made


def filled(given: dict[str, Any], book: Book, ids: dict[str, Any]) -> dict[str, Any]:
    own = {
        "OWN": book.bank_account_id,
        "TODAY_OWN": book.at.on,
        "TOMORROW": book.at.on + timedelta(days=1),
        "IN_61_DAYS": book.at.on + timedelta(days=61),
    }
    words = {**ids, **own}
    return {
        name: words.get(value, value) if isinstance(value, str) else value for name, value in given.items()
    }


async def outcome(book: Book, command: str, arguments: dict[str, Any], key: str | None = None) -> str:
    """What the row comes to: the reason codes, or the code of the error."""
    run = getattr(import_module(f"ledger_core.commands.{command}"), command)
    try:
        answer = await book.act(run, key=key, **arguments)
    except CashLineError as problem:
        return f"error {problem.code}"
    if isinstance(answer, Refused):
        return " ".join(answer.codes)
    return f"done {answer!r:.120}"


async def test_each_bad_input_is_refused_by_name_and_writes_nothing(world, batch_engine):
    before, wrong = await look(batch_engine, audited=False), []
    for standing, command, given, codes in TABLE:
        book = world.books[standing]
        row = f"{command} on {standing} {given!r:.110}"
        try:
            came = await outcome(book, command, filled(given, book, world.ids))
        except Exception as problem:  # the table goes on, and says all that is wrong
            wrong.append(f"{row}: raised {type(problem).__name__} {problem!s:.100}")
        else:
            if came.startswith(("done", "error store", "error error")) or (
                codes is not None and came != " ".join(codes)
            ):
                wrong.append(f"{row}: {came}")
        after = await look(batch_engine, audited=False)
        if after != before:
            wrong.append(f"{row}: wrote something")
            before = after
    assert wrong == [], f"{len(wrong)} of {len(TABLE)} rows\n" + "\n".join(wrong)


@pytest.mark.parametrize("key", ["", LONG, "a\x00b", ODD, 7])
async def test_a_key_that_is_none_is_an_error_with_a_code(batch_engine, key):
    book = await open_book(batch_engine)
    before = await look(batch_engine, audited=False)
    run = import_module("ledger_core.commands.lock_line").lock_line
    context = replace(book.context("given"), key=key)
    with pytest.raises(InvalidInput):
        async with transaction(batch_engine, system("test")) as conn:
            await run(conn, context, line_id=book.line_id, reason="fraud")
    assert await look(batch_engine, audited=False) == before


async def test_a_key_reused_with_another_body_is_named_and_writes_nothing(batch_engine):
    book = await owing_book(batch_engine)
    given = {"pay_on": book.at.on, "bank_account_id": book.bank_account_id}
    assert (await outcome(book, "make_payment", {**given, "amount_cents": 2_000}, "k")).startswith("done")
    before = await look(batch_engine, audited=False)
    assert await outcome(book, "make_payment", {**given, "amount_cents": 2_001}, "k") == "error key_reused"
    assert await outcome(book, "lock_line", {"reason": "fraud"}, "k") == "error key_reused"
    assert await look(batch_engine, audited=False) == before


@pytest.mark.parametrize("line_id", ["line_unknown", "", "a\x00b", LONG, ODD])
async def test_a_line_that_is_none_is_an_error_with_a_code(batch_engine, line_id):
    book = await open_book(batch_engine)
    before = await look(batch_engine, audited=False)
    book.line_id = line_id
    came = await outcome(book, "request_closure", {})
    assert came in ("error line_not_found", "error invalid_input")
    assert await look(batch_engine, audited=False) == before


async def test_a_moment_beyond_all_days_writes_nothing(batch_engine):
    book = await owing_book(batch_engine)
    before = await look(batch_engine, audited=False)
    for on in (date(9999, 12, 31), date(1, 1, 1), book.at.on - timedelta(days=90)):
        book.at = Moment(on, time(10))
        assert (await outcome(book, "lock_line", {"reason": "fraud"})).startswith("error")
    assert await look(batch_engine, audited=False) == before

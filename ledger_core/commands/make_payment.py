"""The customer pays from their bank: today, or on a day to come."""

from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.checks import bank_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.order import Order, run_order
from ledger_core.commands.run import preview
from ledger_core.dates import Moment, add_business_days
from ledger_core.ids import new_id
from ledger_core.line.payments import decide_payment, earlier_alike, file_leaves
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class MadePayment:
    payment_id: str
    amount_cents: int
    pay_on: date
    """the day it is credited as of"""
    bank_account_id: str
    source: str
    stage: str
    """received (credited today) or scheduled"""
    settles_on: date
    """the day the bank is expected to have confirmed it; until then it is held from re-draw"""
    undo_until_on: date
    """it can be moved, cancelled or undone until 8 pm Eastern of that day"""
    same_as: str | None = None
    """an earlier payment of the same amount from the same account for about the same day: a duplicate, or not"""


def make_payment_order(
    *,
    line_id: str,
    amount_cents: int,
    pay_on: date,
    bank_account_id: str,
    source: str = "customer",
) -> Order[MadePayment]:
    """What `make_payment` does to the line, to be run by itself or with many."""
    inputs = {
        "amount_cents": amount_cents,
        "pay_on": pay_on,
        "bank_account_id": bank_account_id,
        "source": source,
    }
    decide = partial(_decide, amount_cents=amount_cents, pay_on=pay_on, source=source)
    return Order(line_id, "make_payment", inputs, MadePayment, decide, bank_account_id)


async def make_payment(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    amount_cents: int,
    pay_on: date,
    bank_account_id: str,
    source: str = "customer",
) -> MadePayment | Refused:
    """The payment: credited today when dated today, else scheduled.

    One dated today after 8 pm Eastern is dated the next business day. source: customer, autopay or plan.
    Refused with the reasons of `line.payments.decide_payment`.
    """
    order = make_payment_order(
        line_id=line_id,
        amount_cents=amount_cents,
        pay_on=pay_on,
        bank_account_id=bank_account_id,
        source=source,
    )
    return await run_order(conn, ctx, order)


async def preview_make_payment(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    amount_cents: int,
    pay_on: date,
    bank_account_id: str,
    source: str = "customer",
) -> Preview | Refused:
    """The terms of `make_payment`, decided the same way; nothing is written."""
    decide = partial(_decide, amount_cents=amount_cents, pay_on=pay_on, source=source)
    return await preview(conn, at, line_id=line_id, decide=decide, bank_account_id=bank_account_id)


def _decide(world: World, *, amount_cents: int, pay_on: date, source: str) -> Decided[MadePayment] | Refused:
    if pay_on == world.at.on and world.at.at >= world.product.payment_cutoff:
        pay_on = add_business_days(pay_on, 1)
    bank_account_id = world.account.bank_account_id if world.account else ""
    payment_id = new_id("payment")
    facts = decide_payment(
        world.product,
        world.state,
        payment_id=payment_id,
        amount_cents=amount_cents,
        pay_on=pay_on,
        bank_account_id=bank_account_id,
        bank_account_verified=bank_refusal(world) is None,
        source=source,
        at=world.at,
    )
    if isinstance(facts, Refused):
        return facts
    done = MadePayment(
        payment_id=payment_id,
        amount_cents=amount_cents,
        pay_on=pay_on,
        bank_account_id=bank_account_id,
        source=source,
        stage="received" if pay_on == world.at.on else "scheduled",
        settles_on=add_business_days(pay_on, world.product.payment_settle_business_days),
        undo_until_on=file_leaves(world.product, pay_on, world.at.on).on,
        same_as=earlier_alike(
            world.product,
            world.state,
            payment_id=payment_id,
            amount_cents=amount_cents,
            bank_account_id=bank_account_id,
            pay_on=pay_on,
        ),
    )
    terms = {
        "amount_cents": amount_cents,
        "pay_on": pay_on,
        "bank_account_id": bank_account_id,
        "settles_on": done.settles_on,
        "undo_until_on": done.undo_until_on,
    }
    return Decided(done, world.at.on, facts, terms)

"""People of the demo book act: each act is the real command, under a key of person, day and number."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, time
from time import perf_counter_ns

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.accept_limit import accept_limit
from ledger_core.commands.acknowledge_dispute import acknowledge_dispute
from ledger_core.commands.change_due_date import change_due_date
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.commands.decided import World, world_of
from ledger_core.commands.draw_decisions import AskedDraw, record_refused_draw
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.narratives import record
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.resolve_dispute import resolve_dispute
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.commands.waive_fee import waive_fee
from ledger_core.dates import Moment
from ledger_core.demo import acts
from ledger_core.demo.amounts import draw_for_minimum, measured
from ledger_core.demo.calendar import LAST_DUE_DAY
from ledger_core.demo.person import Person
from ledger_core.refusals import Refused
from ledger_core.store.read import read_line
from ledger_core.store.tables import bank_accounts

_SPECIALIST = "specialist:spec_demo"
_FIRST_HOUR = 9
_HOURS = 10


@dataclass(frozen=True)
class Doing:
    """One act of a person: the n-th of that day, in a book that ends at the anchor."""

    person: Person
    anchor: date
    on: date
    n: int
    act: acts.Act

    @property
    def key(self) -> str:
        """The same act of the same day has the same key, so that a day lived twice happened once."""
        return f"demo:{self.person.customer_id}:{self.on}:{self.n}"

    @property
    def moment(self) -> Moment:
        """Between nine and seven, an hour apart."""
        return Moment(self.on, time(_FIRST_HOUR + min(self.n, _HOURS), 15))

    def context(self, actor: str | None = None) -> CommandContext:
        """Under which the command runs; the customer themselves when no actor is given."""
        return CommandContext(self.key, actor or f"customer:{self.person.customer_id}", self.moment)


def _no_time() -> int:
    """The same days bring the same decisions, however slow the machine."""
    return 0


async def perform(conn: AsyncConnection, doing: Doing) -> object | Refused | None:
    """Do it, in the caller's transaction.

    None when there is nothing to do: it was done before, or nothing is owed that could be paid.
    """
    snapshot = await read_line(conn, doing.person.line_id, key=doing.key)
    assert snapshot is not None
    if snapshot.prior is not None:
        return None
    world = world_of(snapshot, doing.moment)
    match doing.act:
        case acts.Draw():
            return await _draw(conn, doing, doing.act, world)
        case acts.DrawRefused():
            await _ask_in_vain(conn, doing, doing.act)
            return None
        case acts.Pay():
            return await _pay(conn, doing, doing.act, world)
        case acts.Dispute():
            return await _dispute(conn, doing, doing.act, world)
        case acts.CloseBank():
            await _close_bank(conn, doing, doing.act)
            return None
        case _:
            return await _other(conn, doing, world)


async def _draw(conn: AsyncConnection, doing: Doing, act: acts.Draw, world: World) -> object:
    match act.amount:
        case int():
            amount = act.amount
        case acts.ForMinimum():
            amount = draw_for_minimum(world, act.amount)
        case _:
            amount = measured(world, act.amount)
    return await request_draw(
        conn,
        doing.context(),
        line_id=doing.person.line_id,
        amount_cents=amount,
        speed=act.speed,
        bank_account_id=doing.person.bank_account_id(act.account),
        memo=act.memo,
    )


async def _ask_in_vain(conn: AsyncConnection, doing: Doing, act: acts.DrawRefused) -> None:
    line_id, bank_account_id = doing.person.line_id, doing.person.bank_account_id(0)
    answer = await request_draw(
        conn, doing.context(), line_id=line_id, amount_cents=act.amount, bank_account_id=bank_account_id
    )
    assert isinstance(answer, Refused), (doing.person.customer_id, "was to be refused")
    asked = AskedDraw(line_id, act.amount, bank_account_id, "standard")
    await record_refused_draw(conn, doing.moment, asked, answer, perf_counter_ns())


async def _pay(conn: AsyncConnection, doing: Doing, act: acts.Pay, world: World) -> object | None:
    owed = act.amount if isinstance(act.amount, int) else measured(world, act.amount)
    if owed == 0:
        return None
    most = measured(world, "payoff") + act.extra if act.amount == "payoff" else measured(world, "payoff")
    amount = min(owed + act.extra, most)
    if amount <= 0:
        return None
    pay_on = act.on.on(doing.person.calendar(doing.anchor)) if act.on is not None else doing.on
    return await make_payment(
        conn,
        doing.context(),
        line_id=doing.person.line_id,
        amount_cents=amount,
        pay_on=pay_on,
        bank_account_id=doing.person.bank_account_id(0),
        source="customer",
    )


async def _dispute(conn: AsyncConnection, doing: Doing, act: acts.Dispute, world: World) -> object:
    if act.about == "draw":
        about = [d.draw_id for d in world.state.draws.values() if d.amount_cents == act.amount][-1]
    else:
        about = [p.payment_id for p in world.state.payments.values() if p.amount_cents == act.amount][-1]
    narrative_id = await record(
        conn,
        customer_id=doing.person.customer_id,
        line_id=doing.person.line_id,
        kind="dispute",
        body=act.narrative,
        reference_id=about,
    )
    return await open_dispute(
        conn,
        doing.context(),
        line_id=doing.person.line_id,
        kind=act.kind,
        about=about,
        narrative_id=narrative_id,
    )


async def _close_bank(conn: AsyncConnection, doing: Doing, act: acts.CloseBank) -> None:
    account_id = doing.person.bank_account_id(act.account)
    which = bank_accounts.c.bank_account_id == account_id
    await conn.execute(update(bank_accounts).where(which).values(status="closed"))


def _other(conn: AsyncConnection, doing: Doing, world: World) -> Awaitable[object]:
    line_id, act = doing.person.line_id, doing.act
    match act:
        case acts.AutopayOn():
            return set_autopay(
                conn,
                doing.context(),
                line_id=line_id,
                mode=act.mode,
                amount_cents=act.amount,
                bank_account_id=doing.person.bank_account_id(0),
            )
        case acts.AskLimit():
            return decide_limit(conn, doing.context(), line_id=line_id, limit_cents=act.limit, timer=_no_time)
        case acts.TakeUpLimit():
            decision_id = list(world.state.decisions)[-1]
            return accept_limit(conn, doing.context(), line_id=line_id, decision_id=decision_id)
        case acts.MoveDueDate():
            due_day = (world.state.due_day + act.by - 1) % LAST_DUE_DAY + 1
            return change_due_date(conn, doing.context(), line_id=line_id, due_day=due_day)
        case acts.Enroll():
            return enroll_plan(conn, doing.context(), line_id=line_id, kind=act.kind)
        case acts.Acknowledge():
            dispute_id = list(world.state.disputes)[-1]
            return acknowledge_dispute(
                conn, doing.context(_SPECIALIST), line_id=line_id, dispute_id=dispute_id
            )
        case acts.Resolve():
            dispute = list(world.state.disputes.values())[-1]
            return resolve_dispute(
                conn,
                doing.context(_SPECIALIST),
                line_id=line_id,
                dispute_id=dispute.dispute_id,
                amount_cents=dispute.amount_cents if act.for_customer else 0,
            )
        case acts.Lock():
            return lock_line(conn, doing.context(_SPECIALIST), line_id=line_id, reason=act.reason)
        case acts.WaiveFee():
            fee_id = [fee.fee_id for fee in world.state.fees.values() if fee.kind == "late"][-1]
            return waive_fee(conn, doing.context(), line_id=line_id, fee_id=fee_id)
        case acts.AskToClose():
            return request_closure(conn, doing.context(), line_id=line_id)
        case _:
            raise AssertionError(f"nobody knows how to {act!r}")

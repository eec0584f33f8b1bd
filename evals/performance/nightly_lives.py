"""Some hundred lives of lines, each lived through the real commands, nights and bank, to be multiplied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core import nightly
from ledger_core.commands.acknowledge_dispute import acknowledge_dispute
from ledger_core.commands.change_rate import change_rate
from ledger_core.commands.context import CommandContext
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.open_line import open_line
from ledger_core.commands.request_closure import request_closure
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.set_autopay import set_autopay
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.demo import bank_simulator
from ledger_core.line.cycle import due_after, first_close, following_due
from ledger_core.line.state import LineState
from ledger_core.products import load
from ledger_core.refusals import Refused
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts, customers

BEGINS = date(2026, 3, 2)
DAYS = 100
ENDS = BEGINS + timedelta(days=DAYS)
"""The last night that the lives have behind them is the night into this day."""
IDENTITY = system("evals")
FLEX, MEMBERSHIP = "cash_line_flex", "cash_line_membership"
DUE_DAYS = range(1, 29)
RARE_DUE_DAYS = (3, 10, 17, 24)


@dataclass(frozen=True)
class Kind:
    """How people of a kind live, and how many of a thousand lines are theirs."""

    name: str
    product: str
    per_thousand: int
    draws: tuple[tuple[int, int], ...] = ((1, 90_000),)
    """days after opening, and cents"""
    pays: str = "minimum"
    """on the third day before each due date: minimum, statement, payoff or nothing"""
    autopay: str | None = None
    acts: tuple[tuple[int, str], ...] = ()
    """days after opening, and what else happens"""

    @property
    def is_rare(self) -> bool:
        return self.per_thousand < 20


KINDS = (
    Kind("pays the minimum", FLEX, 230),
    Kind("pays the statement", FLEX, 120, draws=((1, 90_000), (45, 40_000), (78, 30_000)), pays="statement"),
    Kind("draws often", FLEX, 130, draws=((1, 40_000), (18, 30_000), (40, 20_000), (65, 25_000))),
    Kind("autopay of the minimum", FLEX, 120, pays="nothing", autopay="minimum"),
    Kind(
        "autopay of the statement",
        FLEX,
        50,
        draws=((1, 60_000), (50, 30_000), (80, 20_000)),
        pays="nothing",
        autopay="statement_balance",
    ),
    Kind("paid off", FLEX, 80, pays="payoff"),
    Kind("never drew", FLEX, 50, draws=(), pays="nothing"),
    Kind("never paid", FLEX, 50, pays="nothing"),
    Kind("member, pays in full", MEMBERSHIP, 100, draws=((1, 20_000), (35, 25_000)), pays="statement"),
    Kind("member, never drew", MEMBERSHIP, 20, draws=(), pays="nothing"),
    Kind("on a plan", FLEX, 14, acts=((60, "plan"),)),
    Kind("in dispute", FLEX, 6, acts=((70, "dispute"), (74, "acknowledge"))),
    Kind("gave up the line", FLEX, 15, pays="payoff", acts=((62, "close"),)),
    Kind("payment came back", FLEX, 6, acts=((58, "return"),)),
    Kind("servicemember", FLEX, 4, acts=((30, "service"),)),
    Kind("locked", FLEX, 5, acts=((50, "lock"),)),
)


@dataclass(frozen=True)
class Life:
    """One line to be lived; `number` counts from 1."""

    number: int
    kind: Kind
    due_day: int

    @property
    def line_id(self) -> str:
        return f"line_{self.number:026d}"

    @property
    def customer_id(self) -> str:
        return f"cus_{self.number:026d}"

    @property
    def bank_account_id(self) -> str:
        return f"bank_{self.number:026d}"

    @property
    def opened_on(self) -> date:
        return BEGINS + timedelta(days=1 + self.number % 7)

    def due_dates(self) -> Iterator[date]:
        """Those before the lives end, as long as the due day is not moved."""
        product = load(self.kind.product)
        due_on = due_after(product, first_close(product, self.opened_on, self.due_day))
        while due_on < ENDS:
            yield due_on
            due_on = following_due(due_on, self.due_day)


def lives() -> tuple[Life, ...]:
    """Common kinds on each due day, rare ones on four of them; so a thirtieth of the lines closes each night."""
    chosen = [(kind, day) for day in DUE_DAYS for kind in KINDS if not kind.is_rare or day in RARE_DUE_DAYS]
    return tuple(Life(n, kind, day) for n, (kind, day) in enumerate(chosen, start=1))


async def live(engine: AsyncEngine, *, every: int = 25) -> None:
    """Live them all, day by day; tells every so many days."""
    diary: dict[date, list[tuple[Life, str]]] = defaultdict(list)
    for life in lives():
        for on, act in _acts(life):
            diary[on].append((life, act))
    for day in range(DAYS + 1):
        on = BEGINS + timedelta(days=day)
        await nightly.run(engine, on)
        if on == ENDS:
            break
        await bank_simulator.tick(engine, Moment(on, time(8)))
        async with transaction(engine, IDENTITY) as conn:
            for life, act in diary[on]:
                await _do(conn, life, act, on)
        if day % every == 0:
            print(f"  lives: day {day} of {DAYS}", flush=True)


def _acts(life: Life) -> Iterator[tuple[date, str]]:
    kind, opened_on = life.kind, life.opened_on
    yield opened_on, "open"
    for day, cents in kind.draws:
        yield opened_on + timedelta(days=day), f"draw {cents}"
    if kind.autopay:
        yield opened_on + timedelta(days=2), "autopay"
    for day, act in kind.acts:
        yield opened_on + timedelta(days=day), act
    if kind.pays != "nothing":
        for due_on in life.due_dates():
            yield due_on - timedelta(days=3), "pay"


async def _do(conn: AsyncConnection, life: Life, act: str, on: date) -> None:
    """A refusal is part of a life: who is locked cannot draw."""
    moment = Moment(on, time(10))
    ctx = CommandContext(f"life:{on}:{act}", "system:evals", moment)
    if act == "open":
        await _open(conn, ctx, life)
        return
    (world,) = await read_worlds(conn, [life.line_id], moment)
    state, line_id, bank = world.state, life.line_id, life.bank_account_id
    match act.split():
        case ["draw", cents]:
            await request_draw(conn, ctx, line_id=line_id, amount_cents=int(cents), bank_account_id=bank)
        case ["autopay"]:
            mode = life.kind.autopay
            assert mode is not None
            await set_autopay(conn, ctx, line_id=line_id, mode=mode, bank_account_id=bank)
        case ["pay"]:
            cents = _asked(life.kind.pays, state)
            if cents > 0:
                given: dict[str, Any] = {"amount_cents": cents, "pay_on": on, "bank_account_id": bank}
                await make_payment(conn, ctx, line_id=line_id, **given)
        case ["plan"]:
            await enroll_plan(conn, ctx, line_id=line_id, kind="plan_12", specialist_approved=True)
        case ["dispute"]:
            await open_dispute(
                conn,
                ctx,
                line_id=line_id,
                kind="wrong_amount",
                about=next(iter(state.draws)),
                amount_cents=5_000,
            )
        case ["acknowledge"]:
            for dispute_id in state.disputes:
                await acknowledge_dispute(conn, ctx, line_id=line_id, dispute_id=dispute_id)
        case ["close"]:
            await request_closure(conn, ctx, line_id=line_id)
        case ["return"]:
            for payment in state.payments.values():
                if payment.stage in ("received", "settled"):
                    back = {"payment_id": payment.payment_id, "return_code": "R01"}
                    await return_payment(conn, ctx, line_id=line_id, **back)
        case ["service"]:
            await change_rate(conn, ctx, line_id=line_id, apr_bp=600, reason="servicemember")
        case ["lock"]:
            await lock_line(conn, ctx, line_id=line_id, reason="fraud")
        case _:
            raise AssertionError(act)


def _asked(pays: str, state: LineState) -> int:
    match pays:
        case "minimum":
            return state.minimum_due_cents
        case "payoff":
            return state.payoff_base_cents
        case _:
            last = state.last_statement
            return 0 if last is None else min(last.figures.new_balance_cents, state.payoff_base_cents)


async def _open(conn: AsyncConnection, ctx: CommandContext, life: Life) -> None:
    person = {"customer_id": life.customer_id, "display_name": "", "language": "en", "state": "OH"}
    military = life.kind.name == "servicemember"
    await conn.execute(insert(customers).values(**person, timezone="America/New_York", military=military))
    account = {"bank_account_id": life.bank_account_id, "customer_id": life.customer_id, "bank_name": ""}
    await conn.execute(insert(bank_accounts).values(**account, last4="0000", status="verified"))
    member = life.kind.product == MEMBERSHIP
    opened = await open_line(
        conn,
        ctx,
        line_id=life.line_id,
        customer_id=life.customer_id,
        product_id=life.kind.product,
        limit_cents=100_000 if member else 200_000,
        apr_bp=0 if member else 2599,
        due_day=life.due_day,
        state_code="OH",
    )
    assert not isinstance(opened, Refused), opened

"""The customer asks for cash: a hold on the limit until the draw settles, fails or is cancelled."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from time import perf_counter_ns

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.bank import accounts
from ledger_core.commands import narratives
from ledger_core.commands.checks import bank_refusal
from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, Preview, World
from ledger_core.commands.draw_decisions import approved_draw
from ledger_core.commands.run import preview, run
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.line.draws import decide_draw
from ledger_core.refusals import Refused


@dataclass(frozen=True, slots=True)
class RequestedDraw:
    draw_id: str
    amount_cents: int
    speed: str
    bank_account_id: str
    settles_on: date
    """the day the money is expected, and interest begins"""
    fee_cents: int
    apr_bp: int


async def request_draw(
    conn: AsyncConnection,
    ctx: CommandContext,
    *,
    line_id: str,
    amount_cents: int,
    bank_account_id: str,
    speed: str = "standard",
    memo: str | None = None,
) -> RequestedDraw | Refused:
    """The draw, pending: its amount is held at once.

    speed: standard (next business day) or instant. memo: the customer's own words, kept beside the books.
    Refused with the reasons of `line.draws.decide_draw`. Raises OverLimit when the books are fuller. The draw leaves
    its decision, by rules; a refusal writes nothing here (`draw_decisions.record_refused_draw` is for who was asked).
    """
    began = perf_counter_ns()
    done = await run(
        conn,
        ctx,
        line_id=line_id,
        command="request_draw",
        inputs={"amount_cents": amount_cents, "bank_account_id": bank_account_id, "speed": speed},
        answer=RequestedDraw,
        decide=partial(_decide, amount_cents=amount_cents, speed=speed, began=began),
        bank_account_id=bank_account_id,
    )
    if memo and not isinstance(done, Refused):
        await _keep_memo(conn, line_id, bank_account_id, done.draw_id, memo)
    return done


async def preview_request_draw(
    conn: AsyncConnection,
    at: Moment,
    *,
    line_id: str,
    amount_cents: int,
    bank_account_id: str,
    speed: str = "standard",
) -> Preview | Refused:
    """The terms of `request_draw`, decided the same way; nothing is written."""
    decide = partial(_decide, amount_cents=amount_cents, speed=speed)
    return await preview(conn, at, line_id=line_id, decide=decide, bank_account_id=bank_account_id)


async def _keep_memo(
    conn: AsyncConnection, line_id: str, bank_account_id: str, draw_id: str, memo: str
) -> None:
    account = await accounts.find(conn, bank_account_id)
    assert account is not None, "it takes the money"
    whose = account.customer_id
    await narratives.record(
        conn, customer_id=whose, line_id=line_id, kind="memo", body=memo, reference_id=draw_id
    )


def _decide(
    world: World, *, amount_cents: int, speed: str, began: int | None = None
) -> Decided[RequestedDraw] | Refused:
    no_bank = bank_refusal(world)
    fact = decide_draw(
        world.product,
        world.state,
        draw_id=new_id("draw"),
        amount_cents=amount_cents,
        speed=speed,
        bank_account_id=world.account.bank_account_id if world.account else "",
        bank_account_verified=no_bank is None,
        identity_check_open=world.state.lock_reason == "identity",
        at=world.at,
    )
    if isinstance(fact, Refused):
        return fact
    done = RequestedDraw(
        draw_id=fact.draw_id,
        amount_cents=amount_cents,
        speed=speed,
        bank_account_id=fact.bank_account_id,
        settles_on=fact.settles_on,
        fee_cents=world.product.instant_fee_cents if speed == "instant" else 0,
        apr_bp=world.state.apr_bp,
    )
    terms = {
        "amount_cents": amount_cents,
        "speed": speed,
        "bank_account_id": done.bank_account_id,
        "settles_on": done.settles_on,
        "fee_cents": done.fee_cents,
        "apr_bp": done.apr_bp,
    }
    made = None if began is None else approved_draw(world, fact, began)
    return Decided(done, world.at.on, (fact,), terms, made)

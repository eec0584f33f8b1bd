"""What would be reported of a line to credit bureaus as of a day; disputes, programmes and overlays respected."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.dates import Moment
from ledger_core.line.delinquency import account_status, bucket, reported
from ledger_core.line.events import Fact, OverlayLifted, OverlayPlaced, PlanCancelled
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState, OverlayState
from ledger_core.queries.line import line_at

_PETITION = {7: "A", 11: "B", 12: "C", 13: "D"}
_DISCHARGED = {7: "E", 11: "F", 12: "G", 13: "H"}
_DISMISSED = {7: "I", 11: "J", 12: "K", 13: "L"}


@dataclass(frozen=True, slots=True)
class ReportedStatus:
    """Amounts in cents. Codes are those of the Metro 2 format."""

    as_of: date
    status: str
    """open, locked, closing, closed or charged_off"""
    account_status: str
    """11 current, 71 to 84 past due, 97 charged off, 64 charged off and paid, 13 closed and paid"""
    bucket: str
    days_past_due: int
    is_delinquent: bool
    """past due for as long as the terms report"""
    balance_cents: int
    """owed with interest to date, disputed amounts apart"""
    past_due_cents: int
    disputed_cents: int
    """in open disputes: neither past due nor part of the balance"""
    condition_code: str | None
    """XB: account information disputed by the consumer"""
    plan_kind: str | None
    """the programme that runs, reported as the plan it is"""
    special_comment: str | None
    """AC: paying under a partial payment agreement; AU: paid in full for less than the full balance"""
    consumer_indicator: str | None
    """of a bankruptcy, by chapter: A to D petition, E to H discharged, I to L dismissed"""
    frozen_since_on: date | None
    """a bankruptcy was filed: delinquency is reported as it stood on that day"""
    is_deceased: bool
    charged_off_on: date | None
    charged_off_cents: int
    """of the debt taken as lost, what is still owed"""


async def reporting(
    conn: AsyncConnection, at: Moment, line_id: str, as_of: date | None = None
) -> ReportedStatus:
    """The line as it would be reported as of that day, today when None, by all that is known now.

    Source: 12 CFR 1026.13(d)(2): a disputed amount is not reported as delinquent; 15 USC 1681s-2(a)(3): a
    dispute is noted; 11 USC 362: a bankruptcy freezes delinquency.
    """
    world = await line_at(conn, at, line_id)
    return reported_status(world, as_of or at.on)


def reported_status(world: World, as_of: date) -> ReportedStatus:
    """As `reporting`. as_of: from the opening of the line to the day of the world."""
    state = replay(world.product, world.recorded, as_of=as_of)
    filed = state.overlay("bankruptcy")
    standing = state if filed is None else _as_filed(world, filed)
    return ReportedStatus(
        as_of=as_of,
        status=state.status,
        account_status=_account_status(state, standing),
        bucket=bucket(standing.days_past_due),
        days_past_due=standing.days_past_due,
        is_delinquent=reported(world.product, standing.days_past_due),
        balance_cents=_balance(state),
        past_due_cents=standing.past_due_cents,
        disputed_cents=state.disputed_cents,
        condition_code="XB" if state.open_disputes else None,
        plan_kind=state.plan.kind if state.plan else None,
        special_comment=_special_comment(state),
        consumer_indicator=_indicator(state.overlays),
        frozen_since_on=filed.since_on if filed else None,
        is_deceased=state.overlay("deceased") is not None,
        charged_off_on=state.charged_off_on,
        charged_off_cents=state.owed_cents if state.status == "charged_off" else 0,
    )


def _as_filed(world: World, filed: OverlayState) -> LineState:
    """The line on the day of the filing, without what the filing led to."""
    facts = [e for e in world.recorded if not _of_the_filing(e.fact)]
    return replay(world.product, facts, as_of=filed.since_on)


def _of_the_filing(fact: Fact) -> bool:
    if isinstance(fact, PlanCancelled):
        return fact.reason == "bankruptcy"
    return isinstance(fact, OverlayPlaced | OverlayLifted)


def _balance(state: LineState) -> int:
    return max(0, state.payoff_base_cents - state.disputed_cents)


def _account_status(state: LineState, standing: LineState) -> str:
    paid = not state.owed_cents and not state.accrued_interest_cents
    if state.status == "charged_off":
        return "64" if paid else account_status(standing.days_past_due, charged_off=True)
    if state.status == "closed" or (state.closing and paid):
        return "13"
    return account_status(standing.days_past_due)


def _special_comment(state: LineState) -> str | None:
    if state.plan is not None:
        return "AC"
    settled = any(plan.kind == "settlement" and plan.status == "completed" for plan in state.plans)
    return "AU" if settled and not state.owed_cents else None


def _indicator(overlays: tuple[OverlayState, ...]) -> str | None:
    """Of the newest bankruptcy; one placed by mistake is none."""
    filed = [o for o in overlays if o.kind == "bankruptcy" and o.outcome != "error"]
    if not filed:
        return None
    newest = filed[-1]
    assert newest.chapter is not None
    codes = {None: _PETITION, "discharged": _DISCHARGED, "dismissed": _DISMISSED}
    return codes[newest.outcome][newest.chapter]

"""What each line and each cohort earns, costs and is worth. Whole cents; sums of lines are the books' own.

margin = interest + fees - credits - cost of funds - servicing
contribution = margin - charged off - forgiven + recovered, to date, as posted
value = contribution - expected loss
projected value = value + margin a month * months ahead * share of them that a line lives through, for open lines
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment
from ledger_core.line.events import LineOpened
from ledger_core.money import BASIS_POINTS, DAYS_PER_YEAR, round_half_up, round_up
from ledger_core.pricing.assumptions import Assumptions, assumptions_on
from ledger_core.store.tables import decisions, ledger_balances, lines
from ledger_core.underwriting.assessment import assess
from ledger_core.underwriting.policy import policy_on

_ENDED: Final = ("closed", "charged_off")
_MILLION: Final = 1_000_000
_CHUNK: Final = 100


class Cohort(NamedTuple):
    """Lines opened in one month, of one product, in one grade."""

    opened: str
    """year and month"""
    product_id: str
    grade: str
    """of the application, else the one whose rate the line was opened at; `-` where neither is known"""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one line or of many; they add up field by field."""

    lines: int = 0
    months: int = 0
    """cycles begun, over all lines"""
    interest_cents: int = 0
    """billed; what has accrued since the last statement is not in it"""
    fees_cents: int = 0
    credits_cents: int = 0
    """courtesies and disputes found for the customer"""
    principal_day_cents: int = 0
    """principal times days"""
    funds_cents: int = 0
    servicing_cents: int = 0
    charged_off_cents: int = 0
    forgiven_cents: int = 0
    recovered_cents: int = 0
    exposure_cents: int = 0
    """owed now, and the part of the unused limit that would be drawn first; 0 once ended"""
    expected_loss_cents: int = 0
    ahead_cents: int = 0
    """margin of the months ahead"""

    @property
    def revenue_cents(self) -> int:
        return self.interest_cents + self.fees_cents - self.credits_cents

    @property
    def margin_cents(self) -> int:
        return self.revenue_cents - self.funds_cents - self.servicing_cents

    @property
    def contribution_cents(self) -> int:
        return self.margin_cents - self.charged_off_cents - self.forgiven_cents + self.recovered_cents

    @property
    def value_cents(self) -> int:
        """Lifetime value to date."""
        return self.contribution_cents - self.expected_loss_cents

    @property
    def projected_cents(self) -> int:
        """Lifetime value with the months ahead."""
        return self.value_cents + self.ahead_cents


@dataclass(frozen=True, slots=True)
class LineEconomics:
    line_id: str
    status: str
    cohort: Cohort
    missed_ppm: int
    """the chance of a missed minimum that the expected loss stands on"""
    scored: bool
    figures: Figures


@dataclass(frozen=True, slots=True)
class Economics:
    """The book on a day, under named assumptions."""

    on: date
    assumptions: Assumptions
    lines: tuple[LineEconomics, ...]

    @property
    def total(self) -> Figures:
        return total(line.figures for line in self.lines)

    @property
    def cohorts(self) -> Mapping[Cohort, Figures]:
        """By opening month, product and grade, in that order."""
        found: dict[Cohort, list[Figures]] = {}
        for line in self.lines:
            found.setdefault(line.cohort, []).append(line.figures)
        return {cohort: total(found[cohort]) for cohort in sorted(found)}


async def economics(conn: AsyncConnection, at: Moment) -> Economics:
    """Every line that this identity may see, as of that moment's day. Raises AssumptionsUnknown, PolicyUnknown."""
    given = assumptions_on(at.on)
    posted = await _posted(conn)
    grades = await _application_grades(conn)
    ids = sorted((await conn.execute(select(lines.c.line_id))).scalars())
    found: list[LineEconomics] = []
    for start in range(0, len(ids), _CHUNK):
        for world in await read_worlds(conn, ids[start : start + _CHUNK], at):
            line_id = world.line.line_id
            found.append(of_line(world, posted.get(line_id, {}), grades.get(line_id), given))
    return Economics(at.on, given, tuple(found))


def of_line(world: World, posted: Mapping[str, int], grade: str | None, given: Assumptions) -> LineEconomics:
    """posted: debits less credits by ledger account. grade: of the application, if there was one."""
    state = world.state
    ended = state.status in _ENDED
    assessed = assess(state, policy_on(world.at.on), lambda: 0)
    score = assessed.score
    missed_ppm = given.missed_ppm_without_score if score is None else score.default_ppm
    principal_days = sum(segment.principal_cents * segment.days for segment in state.interest_days)
    months = len(state.statements) + (not ended)
    exposure = 0 if ended else _exposure(state.owed_cents, state.limit_cents - state.principal_cents, given)
    figures = Figures(
        lines=1,
        months=months,
        interest_cents=-posted.get("interest_income", 0),
        fees_cents=-posted.get("fee_income", 0),
        credits_cents=posted.get("credits_expense", 0),
        principal_day_cents=principal_days,
        funds_cents=round_half_up(principal_days * given.funds_rate_bp, BASIS_POINTS * DAYS_PER_YEAR),
        servicing_cents=months * given.servicing_cents_per_month,
        charged_off_cents=posted.get("charge_off_loss", 0),
        forgiven_cents=posted.get("forgiveness_expense", 0),
        recovered_cents=-posted.get("recovery_income", 0),
        exposure_cents=exposure,
        expected_loss_cents=expected_loss(exposure, missed_ppm, given),
    )
    ahead = 0 if ended else _ahead(figures.margin_cents, months, given)
    return LineEconomics(
        line_id=world.line.line_id,
        status=state.status,
        cohort=_cohort(world, grade),
        missed_ppm=missed_ppm,
        scored=score is not None,
        figures=replace(figures, ahead_cents=ahead),
    )


def expected_loss(exposure_cents: int, missed_ppm: int, given: Assumptions) -> int:
    """Exposure x chance of a missed minimum x share of those charged off x loss given that; up to the cent."""
    shares = missed_ppm * given.charge_off_share_bp * given.loss_given_charge_off_bp
    return round_up(exposure_cents * shares, _MILLION * BASIS_POINTS * BASIS_POINTS)


def total(figures: Iterable[Figures]) -> Figures:
    """Field by field."""
    listed: Sequence[Figures] = tuple(figures)
    return Figures(**{f.name: sum(getattr(one, f.name) for one in listed) for f in fields(Figures)})


def _exposure(owed_cents: int, unused_cents: int, given: Assumptions) -> int:
    return owed_cents + round_half_up(max(0, unused_cents) * given.undrawn_share_bp, BASIS_POINTS)


def _ahead(margin_cents: int, months: int, given: Assumptions) -> int:
    return round_half_up(margin_cents * given.months_ahead * given.kept_share_bp, months * BASIS_POINTS)


def _cohort(world: World, grade: str | None) -> Cohort:
    opened = next(r.fact for r in world.recorded if isinstance(r.fact, LineOpened))
    rates = world.product.apr_bp_by_grade
    priced = [name for name, rate in rates.items() if rate == opened.apr_bp]
    known = grade or (priced[0] if len(priced) == 1 else "-")
    return Cohort(f"{world.line.opened_on:%Y-%m}", world.line.product_id, known)


async def _posted(conn: AsyncConnection) -> dict[str, dict[str, int]]:
    """Debits less credits of each line, by account."""
    columns = ledger_balances.c
    query = select(columns.line_id, columns.account, columns.debit_cents - columns.credit_cents)
    found: dict[str, dict[str, int]] = {}
    for line_id, account, cents in await conn.execute(query.where(columns.stage == "posted")):
        found.setdefault(line_id, {})[account] = cents
    return found


async def _application_grades(conn: AsyncConnection) -> dict[str, str]:
    query = select(decisions.c.line_id, decisions.c.grade).where(decisions.c.kind == "application")
    return {row.line_id: row.grade for row in await conn.execute(query)}

"""What the report reads from the books: lines at each month's end by replay, and the decisions since."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.decided import World
from ledger_core.commands.worlds import read_worlds
from ledger_core.dates import Moment, add_months
from ledger_core.line.replay import replay
from ledger_core.store.tables import customers, lines
from ledger_core.underwriting import record
from ledger_core.underwriting.assessment import shipped
from ledger_core.underwriting.behaviour import missed_at, observe
from ledger_core.underwriting.features import vector
from ledger_core.underwriting.model import ARTEFACTS
from ledger_core.underwriting.monitoring import MonthEnd, Seen
from ledger_core.underwriting.policy import CreditPolicy, policy_on

MONTHS: Final = 12
LINES_MAX: Final = 2_000
"""more lines than this are sampled, the same ones each time"""
_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Watched:
    """All that a report is made of."""

    on: date
    policy: CreditPolicy
    bins: tuple[int, ...]
    """of the champion's scores at training"""
    feature_bins: Mapping[str, Any]
    months: tuple[MonthEnd, ...]
    """from the first in which a line could be scored; the last one in any case"""
    decisions: tuple[record.CreditDecision, ...]
    groups: Mapping[str, tuple[str, str]]
    """product and state by line; a declined application has no line"""
    lines_in_book: int
    lines_looked_at: int


async def watch(conn: AsyncConnection, at: Moment) -> Watched:
    """The last twelve months through `at`. Raises ArtefactRefused, PolicyUnknown."""
    policy = policy_on(at.on)
    ends = month_ends(at.on)
    groups = await _groups(conn)
    sample = select(lines.c.line_id).order_by(func.md5(lines.c.line_id)).limit(LINES_MAX)
    ids = sorted((await conn.execute(sample)).scalars())
    seen: dict[date, list[Seen]] = {on: [] for on in ends}
    young = dict.fromkeys(ends, 0)
    for start in range(0, len(ids), _CHUNK):
        for world in await read_worlds(conn, ids[start : start + _CHUNK], at):
            for on in ends:
                if world.line.opened_on <= on:
                    found = _seen(world, on, policy, groups[world.line.line_id])
                    if found is not None:
                        seen[on].append(found)
                    elif _is_young(world, on):
                        young[on] += 1
    card = json.loads((ARTEFACTS / f"{policy.model}.card.json").read_bytes())
    return Watched(
        on=at.on,
        policy=policy,
        bins=shipped(policy.model).bins,
        feature_bins=card["feature_bins"],
        months=_from_the_first_scored([MonthEnd(on, tuple(seen[on]), young[on]) for on in ends]),
        decisions=await record.between(conn, ends[0] + timedelta(days=1), at.on),
        groups=groups,
        lines_in_book=len(groups),
        lines_looked_at=len(ids),
    )


def month_ends(today: date) -> tuple[date, ...]:
    """The last days of the twelve months before the present one, oldest first."""
    first = today.replace(day=1)
    return tuple(add_months(first, -n) - timedelta(days=1) for n in reversed(range(MONTHS)))


def _from_the_first_scored(months: Sequence[MonthEnd]) -> tuple[MonthEnd, ...]:
    first = next((n for n, month in enumerate(months) if month.seen), len(months) - 1)
    return tuple(months[first:])


async def _groups(conn: AsyncConnection) -> dict[str, tuple[str, str]]:
    query = select(lines.c.line_id, lines.c.product_id, customers.c.state).join_from(
        lines, customers, lines.c.customer_id == customers.c.customer_id
    )
    return {row.line_id: (row.product_id, row.state) for row in await conn.execute(query)}


def _seen(world: World, on: date, policy: CreditPolicy, group: tuple[str, str]) -> Seen | None:
    """The line as it stood then; None unless it was open with six closed cycles."""
    state = replay(world.product, world.recorded, as_of=on)
    observation = observe(state, policy.limits_by_rank.get(state.product_id, ()))
    if observation is None or state.status in ("closed", "charged_off"):
        return None
    features = vector(observation)
    champion = shipped(policy.model)
    score = champion.micrologits(features)
    shadow = None if policy.challenger is None else shipped(policy.challenger)
    second = None if shadow is None else shadow.micrologits(features)
    return Seen(
        line_id=world.line.line_id,
        product_id=group[0],
        state_code=group[1],
        features=features,
        micrologits=score,
        default_ppm=champion.default_ppm(score),
        challenger_micrologits=second,
        challenger_ppm=None if shadow is None or second is None else shadow.default_ppm(second),
        missed_next=_missed_next(world, len(state.statements)),
    )


def _missed_next(world: World, closed: int) -> bool | None:
    """Whether the minimum of that statement stood unpaid when the next one closed, by what is known today."""
    statements = world.state.statements
    return missed_at(statements[closed - 1], statements[closed]) if closed < len(statements) else None


def _is_young(world: World, on: date) -> bool:
    closed_by_then = sum(statement.cycle_end <= on for statement in world.state.statements)
    return closed_by_then < 6 and world.state.status not in ("closed", "charged_off")

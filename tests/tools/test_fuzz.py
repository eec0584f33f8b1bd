"""Whatever a hostile planner sends: nothing raises, nothing moves without the customer, nobody else is read."""

import asyncio
from datetime import UTC, date, datetime
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from ledger_core.dates import FixedClock
from ledger_core.store.postgres import make_engine, system, transaction
from tests.fixtures.books import open_book
from tests.tools.desk import open_desk
from tools.outcomes import Failed
from tools.registry import CUSTOMER_TOOLS

FREE = frozenset({"LineLocked"})
"""what may happen to a line without the customer's yes"""

names = st.sampled_from([tool.name for tool in CUSTOMER_TOOLS]) | st.text(max_size=12)
words = st.text(max_size=30) | st.sampled_from(
    ["2026-03-20", "fraud", "plan_12", "minimum", "unauthorized", "late"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | words
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


AMOUNTS = st.integers(min_value=1, max_value=60_000) | st.integers(min_value=-5, max_value=2_000_000)
DAYS = st.dates(date(2026, 3, 10), date(2026, 5, 1)).map(str) | st.dates().map(str)


@st.composite
def likely(draw, own, others):
    """A tool with arguments mostly of the right form, sometimes wild, sometimes somebody else's."""
    tool = draw(st.sampled_from(CUSTOMER_TOOLS))
    arguments = {}
    for name, info in tool.args_model.model_fields.items():
        if not info.is_required() and draw(st.booleans()):
            continue
        chance = draw(st.integers(0, 19))
        if chance == 0:
            arguments[name] = draw(anything)
        elif chance == 1:
            arguments[name] = draw(st.sampled_from(others))
        else:
            arguments[name] = draw(_fitting(name, info.annotation, own))
    return tool.name, arguments


def _fitting(name, annotation, own):
    if name.endswith("_id"):
        return st.sampled_from([own[name]] if name in own else list(own.values()))
    if name.endswith("_cents"):
        return AMOUNTS
    if name.endswith("_day"):
        return st.integers(0, 40)
    if name in ("on", "since", "until") or name.endswith("_on"):
        return DAYS
    if bool in get_args(annotation):
        return st.booleans()
    codes = [arm for arm in get_args(annotation) if isinstance(arm, str)]
    return st.sampled_from(codes) if codes else words


@pytest.fixture
def runner():
    """A loop of the test's own: Hypothesis calls it many times in one test."""
    with asyncio.Runner() as running:
        yield running


@pytest.fixture
def sync_engine(runner, database):
    made = make_engine(database.url("cashline_app"))
    yield made
    runner.run(made.dispose())


async def _facts(engine, line_id):
    query = text("SELECT type FROM core.events WHERE line_id = :line ORDER BY seq")
    async with transaction(engine, system("test")) as conn:
        return list((await conn.scalars(query, {"line": line_id})).all())


def test_arbitrary_calls_never_raise_never_move_money_and_never_read_another_customer(runner, sync_engine):
    """Ids of both customers are on record, amounts and days are the customer's: only the yes is missing."""
    clock = FixedClock(datetime(2026, 3, 16, 15, 0, tzinfo=UTC))
    desk = runner.run(open_desk(sync_engine, clock))
    other = runner.run(open_book(sync_engine, name="Sam Ortiz"))
    runner.run(desk.call("list_activity", line_id=desk.book.line_id))
    [draw_id] = runner.run(desk.book.state()).draws
    own = {"line_id": desk.book.line_id, "bank_account_id": desk.book.bank_account_id, "about_id": draw_id}
    others = [other.line_id, other.bank_account_id, other.customer_id]
    desk.records.append({"seen": [{"any_id": one} for one in (*own.values(), *others)]})
    reached = set()
    before = runner.run(_facts(sync_engine, desk.book.line_id))
    before_other = runner.run(_facts(sync_engine, other.line_id))

    @settings(
        max_examples=300,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(call=likely(own, others) | st.tuples(names, anything))
    def storm(call):
        name, arguments = call
        if isinstance(arguments, dict):
            days = [arguments.get("pay_on"), arguments.get("on"), arguments.get("new_due_on")]
            desk.words[:] = [{"amount_cents": arguments.get("amount_cents"), "dates": days, "days": [15, 20]}]
        outcome = runner.run(desk.call(name, arguments))
        reached.add(outcome.kind)
        del desk.records[6:]
        assert outcome.kind in ("done", "refused", "fixable", "needs_confirmation", "failed")
        assert outcome not in (Failed("invariant"), Failed("unavailable"), Failed("books_refused"))
        told = str(outcome.to_json())
        strange = (other.customer_id, other.bank_account_id, other.line_id, "Sam Ortiz")
        assert not any(one in told for one in strange), "not even an echo"

    storm()
    assert {"done", "refused", "fixable", "needs_confirmation"} <= reached, "the storm touches every outcome"
    after = runner.run(_facts(sync_engine, desk.book.line_id))
    assert set(after[len(before) :]) <= FREE
    assert runner.run(_facts(sync_engine, other.line_id)) == before_other


def test_arbitrary_answers_to_a_proposal_never_confirm_it(runner, sync_engine):
    clock = FixedClock(datetime(2026, 3, 16, 15, 0, tzinfo=UTC))
    desk = runner.run(open_desk(sync_engine, clock))
    proposal_id = runner.run(desk.propose_payment()).proposal.id
    runner.run(desk.token(proposal_id))

    @settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(wrong_id=st.text(max_size=20), token=st.none() | st.text(max_size=60))
    def storm(wrong_id, token):
        assert isinstance(runner.run(desk.executor.confirm(desk.caller, proposal_id, token)), Failed)
        assert isinstance(runner.run(desk.executor.confirm(desk.caller, wrong_id, token)), Failed)

    storm()
    assert runner.run(desk.events("PaymentScheduled")) == 0

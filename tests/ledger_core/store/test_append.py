"""The one way in: what it writes, and what it refuses."""

import asyncio
import json
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import func, select

from ledger_core.errors import BooksRefused, KeyReused, LineNotFound, OverLimit, VersionConflict
from ledger_core.store import tables
from ledger_core.store.append import append, append_many
from ledger_core.store.columns import APPEND_MANY, columns_of
from ledger_core.store.postgres import customer, driver_of, specialist, system, transaction
from ledger_core.store.read import read_line

SYSTEM = system("test")


async def test_what_was_appended_is_what_is_read(engine, books):
    await books.write(engine, books.opening("line_a"))
    drawn = books.draw("line_a", 1, key="draw-1")
    result = await books.write(engine, drawn, customer("cus_anna"))
    async with transaction(engine, customer("cus_anna")) as conn:
        snapshot = await read_line(conn, "line_a", key="draw-1")
    assert snapshot.line.version == result.version == 2
    assert snapshot.line.chain_hash == result.chain_hash
    assert [event.type for event in snapshot.events] == ["LineOpened", "DrawRequested"]
    assert [event.seq for event in snapshot.events] == [1, 2]
    last = snapshot.events[-1]
    assert (last.event_id, last.effective_on) == (drawn.events[0].event_id, date(2026, 3, 16))
    assert last.payload == {"amount_cents": 5_000}
    assert last.recorded_at.tzinfo is not None
    assert snapshot.prior.result == {"amount_cents": 5_000}
    assert snapshot.prior.input_hash == drawn.input_hash


async def test_reading_without_a_known_key_finds_no_prior_answer(engine, books):
    await books.write(engine, books.opening("line_a"))
    async with transaction(engine, SYSTEM) as conn:
        assert (await read_line(conn, "line_a", key="never used")).prior is None
        assert (await read_line(conn, "line_a")).prior is None


async def test_balances_follow_the_postings_and_a_void_entry_undoes_a_hold(engine, books):
    await books.write(engine, books.opening("line_a"))
    await books.write(engine, books.draw("line_a", 1, 5_000))
    void = books.draw("line_a", 2, 5_000)
    entry = void.entries[0]
    swapped = tuple(replace(leg, side="credit" if leg.side == "debit" else "debit") for leg in entry.postings)
    await books.write(engine, replace(void, entries=(replace(entry, stage="void", postings=swapped),)))
    async with transaction(engine, SYSTEM) as conn:
        rows = (await conn.execute(select(tables.ledger_balances).order_by("account"))).all()
    assert [(row.account, row.stage, row.debit_cents, row.credit_cents) for row in rows] == [
        ("draws_held", "pending", 5_000, 5_000),
        ("draws_held_contra", "pending", 5_000, 5_000),
    ]


async def test_a_key_used_again_with_another_input_is_refused(engine, books):
    await books.write(engine, books.opening("line_a"))
    await books.write(engine, books.draw("line_a", 1, 5_000, key="k"))
    with pytest.raises(KeyReused):
        await books.write(engine, books.draw("line_a", 2, 6_000, key="k"))


async def test_a_key_used_again_with_the_same_input_asks_to_read_again_and_writes_nothing(engine, books):
    await books.write(engine, books.opening("line_a"))
    await books.write(engine, books.draw("line_a", 1, key="k"))
    with pytest.raises(VersionConflict):
        await books.write(engine, books.draw("line_a", 2, key="k"))
    async with transaction(engine, SYSTEM) as conn:
        assert (await read_line(conn, "line_a", key="k")).line.version == 2


@pytest.mark.parametrize("version", [0, 2, 7])
async def test_a_version_that_is_not_the_lines_is_refused(engine, books, version):
    await books.write(engine, books.opening("line_a"))
    with pytest.raises(VersionConflict):
        await books.write(engine, books.draw("line_a", version))


async def test_a_line_is_opened_once(engine, books):
    await books.write(engine, books.opening("line_a"))
    with pytest.raises(VersionConflict):
        await books.write(engine, replace(books.opening("line_a"), key="again"))


async def test_of_two_appends_at_once_one_wins(engine, books):
    await books.write(engine, books.opening("line_a"))
    both = await asyncio.gather(
        books.write(engine, books.draw("line_a", 1)),
        books.write(engine, books.draw("line_a", 1)),
        return_exceptions=True,
    )
    assert sorted(type(outcome).__name__ for outcome in both) == ["AppendResult", "VersionConflict"]


async def test_of_the_same_key_twice_at_once_one_is_written(engine, books):
    await books.write(engine, books.opening("line_a"))
    drafts = [books.draw("line_a", 1, key="same") for _ in range(5)]
    outcomes = await asyncio.gather(*(books.write(engine, d) for d in drafts), return_exceptions=True)
    assert sum(isinstance(outcome, VersionConflict) for outcome in outcomes) == 4
    async with transaction(engine, SYSTEM) as conn:
        assert len((await read_line(conn, "line_a")).events) == 2


async def test_a_new_draw_above_the_limit_is_refused_and_one_that_reaches_it_is_not(engine, books):
    await books.write(engine, books.opening("line_a"))
    with pytest.raises(OverLimit):
        await books.write(engine, books.draw("line_a", 1, 100_001))
    assert (await books.write(engine, books.draw("line_a", 1, 100_000))).version == 2


async def test_the_limit_is_held_by_the_journal_also_when_the_projection_says_less(engine, books):
    await books.write(engine, books.opening("line_a"))
    await books.write(engine, books.draw("line_a", 1, 60_000))
    with pytest.raises(OverLimit):
        await books.write(engine, books.draw("line_a", 2, 60_000))


async def test_a_fact_from_the_bank_posts_even_when_it_leaves_the_line_over_its_limit(engine, books):
    await books.write(engine, books.opening("line_a"))
    returned = books.happening("line_a", 1, "PaymentReturned", {}, principal_cents=120_000)
    assert (await books.write(engine, returned)).version == 2


async def test_the_limit_moves_by_an_event_alone(engine, books):
    await books.write(engine, books.opening("line_a"))
    with pytest.raises(BooksRefused):
        await books.write(engine, books.happening("line_a", 1, "FeeCharged", {}, limit_cents=900_000))
    await books.write(engine, books.happening("line_a", 1, "LimitChanged", {}, limit_cents=150_000))
    async with transaction(engine, SYSTEM) as conn:
        assert (await read_line(conn, "line_a")).line.limit_cents == 150_000


async def test_a_customer_neither_reads_nor_writes_another_customers_line(engine, books):
    await books.write(engine, books.opening("line_a"))
    async with transaction(engine, customer("cus_bob")) as conn:
        assert await read_line(conn, "line_a", key="open-line_a") is None
    with pytest.raises(LineNotFound):
        await books.write(engine, books.draw("line_a", 1), customer("cus_bob"))
    with pytest.raises(LineNotFound):
        await books.write(engine, books.draw("line_nowhere", 1), customer("cus_bob"))
    with pytest.raises(BooksRefused):
        await books.write(engine, books.opening("line_b", "cus_anna"), customer("cus_bob"))


async def test_a_specialist_reads_and_writes_any_line(engine, books):
    await books.write(engine, books.opening("line_a"))
    assert (await books.write(engine, books.draw("line_a", 1), specialist("spec_1"))).version == 2


async def test_a_batch_writes_all_lines_or_none(engine, batch_engine, books):
    lines = [f"line_{letter}" for letter in "dbca"]
    async with transaction(batch_engine, SYSTEM) as conn:
        assert await append_many(conn, [books.opening(line) for line in lines]) == 4
    drafts = [books.draw(line, 1) for line in lines]
    drafts[2] = replace(drafts[2], expected_version=9)
    with pytest.raises(VersionConflict):
        async with transaction(batch_engine, SYSTEM) as conn:
            await append_many(conn, drafts)
    async with transaction(engine, SYSTEM) as conn:
        counted = await conn.execute(select(func.count()).select_from(tables.events))
        assert counted.scalar_one() == 4


async def test_a_batch_may_hold_several_steps_of_one_line_in_order(batch_engine, books):
    steps = [books.opening("line_a"), books.draw("line_a", 1), books.draw("line_a", 2)]
    async with transaction(batch_engine, SYSTEM) as conn:
        assert await append_many(conn, steps) == 3
        assert (await read_line(conn, "line_a")).line.version == 3


async def test_one_append_and_a_batch_write_the_same(engine, batch_engine, books):
    """What the two forms write for the same drafts differs in the line alone."""
    steps = [
        lambda line: books.opening(line),
        lambda line: books.draw(line, 1, key="draw"),
        lambda line: books.happening(line, 2, "RateChanged", {"apr_bp": 999}),
        lambda line: books.happening(line, 3, "PlanEnrolled", {"plan_id": "plan_1"}, plan_id="plan_1"),
        lambda line: books.happening(line, 4, "PlanBroken", {"plan_id": "plan_1"}),
        lambda line: books.happening(line, 5, "LimitChanged", {}, limit_cents=150_000),
    ]
    for step in steps:
        await books.write(engine, step("line_a"))
        async with transaction(batch_engine, SYSTEM) as conn:
            await append_many(conn, [step("line_b")])
    names = (
        "lines",
        "events",
        "entries",
        "postings",
        "ledger_balances",
        "line_projection",
        "idempotency_keys",
    )
    for name in (*names, "plans", "rates", "outbox", "chain_links"):
        table = tables.metadata.tables[f"core.{name}"]
        own = {"line_id", "event_id", "entry_id", "key", "payload", "result", "recorded_at"}
        columns = [c for c in table.c if c.name not in own and "hash" not in c.name]
        async with transaction(engine, SYSTEM) as conn:
            one, many = [
                sorted(map(str, await conn.execute(select(*columns).where(table.c.line_id == line))))
                for line in ("line_a", "line_b")
            ]
            assert one == many, name
            assert one, name
    async with transaction(engine, SYSTEM) as conn:
        for line in ("line_a", "line_b"):
            assert (await conn.execute(select(func.core.first_broken_link(line)))).scalar_one() is None


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda a: replace(a, expected_version=9), VersionConflict),
        (lambda a: replace(a, key="open-line_a"), KeyReused),
        (lambda a: replace(a, line_id="line_nowhere"), LineNotFound),
        (lambda a: replace(a, projection=replace(a.projection, held_cents=100_001)), OverLimit),
        (lambda a: replace(a, projection=replace(a.projection, limit_cents=900_000)), BooksRefused),
        (
            lambda a: replace(a, entries=(replace(a.entries[0], postings=a.entries[0].postings[:1]),)),
            BooksRefused,
        ),
    ],
    ids=["version", "key", "line", "limit", "limit moved", "unbalanced"],
)
async def test_one_append_and_a_batch_refuse_alike(engine, batch_engine, books, spoil, error):
    await books.write(engine, books.opening("line_a"))
    await books.write(engine, books.opening("line_b"))
    bad = spoil(books.draw("line_a", 1))
    with pytest.raises(error):
        await books.write(engine, bad)
    with pytest.raises(error):
        async with transaction(batch_engine, SYSTEM) as conn:
            await append_many(conn, [books.draw("line_b", 1), bad])


async def test_a_batch_call_names_a_line_once(batch_engine, books):
    batch = columns_of([books.opening("line_a"), books.opening("line_a")])
    with pytest.raises(BooksRefused, match="twice"):
        async with transaction(batch_engine, SYSTEM) as conn:
            await (await driver_of(conn)).execute(APPEND_MANY, batch)


async def test_the_chain_of_a_batch_holds_whatever_its_appends_are_made_of(batch_engine, books):
    """Of other lengths than their neighbours, and with text that JSON has to escape."""
    odd = 'say "ñ" \\ \n \t \u2028 \x7f {1,2}'
    lines = ["line_a", "line_b", "line_c"]
    async with transaction(batch_engine, SYSTEM) as conn:
        await append_many(conn, [books.opening(line) for line in lines])
    drawn, other = books.draw("line_a", 1), books.draw("line_a", 1)
    twice = replace(
        drawn,
        events=drawn.events + other.events,
        entries=tuple(replace(entry, reason=odd) for entry in drawn.entries + other.entries),
    )
    bare = replace(books.happening("line_b", 1, "FeeCharged", {"why": odd, "of": [1, None, True]}), outbox=())
    causeless = books.draw("line_c", 1)
    causeless = replace(causeless, entries=tuple(replace(e, event_id=None) for e in causeless.entries))
    async with transaction(batch_engine, SYSTEM) as conn:
        await append_many(conn, [twice, bare, causeless])
        for line in lines:
            assert (await conn.execute(select(func.core.first_broken_link(line)))).scalar_one() is None
        written = (await conn.execute(select(tables.entries.c.reason).distinct())).scalars().all()
        events = [len((await read_line(conn, line)).events) for line in lines]
    assert odd in written
    assert events == [3, 2, 2]


@pytest.mark.parametrize("column", [17, 18, 19, 31], ids=["events", "entries", "messages", "postings"])
@pytest.mark.parametrize("more", [1, -1], ids=["too many", "too few"])
async def test_a_batch_whose_counts_are_not_those_of_its_rows_is_refused(
    engine, batch_engine, books, column, more
):
    await books.write(engine, books.opening("line_a"))
    await books.write(engine, books.opening("line_b"))
    columns = columns_of([books.draw("line_a", 1), books.draw("line_b", 1)])
    counts = json.loads(columns[column])
    counts[-1] += more
    columns[column] = json.dumps(counts)
    with pytest.raises(BooksRefused):
        async with transaction(batch_engine, SYSTEM) as conn:
            await (await driver_of(conn)).execute(APPEND_MANY, columns)


async def test_the_app_role_has_no_batches(engine, books):
    with pytest.raises(BooksRefused):
        async with transaction(engine, SYSTEM) as conn:
            await append_many(conn, [books.opening("line_a")])


@pytest.mark.parametrize("payload", [{"amount_cents": 1.5}, {"parts": [{"cents": [1, 0.25]}]}])
async def test_an_event_holds_whole_numbers(engine, books, payload):
    await books.write(engine, books.opening("line_a"))
    with pytest.raises(BooksRefused, match="events_whole_numbers"):
        await books.write(engine, books.happening("line_a", 1, "FeeCharged", payload))


async def test_an_append_that_fails_leaves_nothing_behind(engine, books):
    await books.write(engine, books.opening("line_a"))

    async def append_and_fail():
        async with transaction(engine, SYSTEM) as conn:
            await append(conn, books.draw("line_a", 1))
            raise RuntimeError("the caller fails")

    with pytest.raises(RuntimeError, match="the caller fails"):
        await append_and_fail()
    async with transaction(engine, SYSTEM) as conn:
        assert (await read_line(conn, "line_a")).line.version == 1

"""A person is erased when the law allows it: nothing they said or were is left, and the books stay whole."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from api.erasure import erase, main
from ledger_core.commands.request_closure import request_closure
from ledger_core.dates import add_months
from ledger_core.store.postgres import system, transaction
from tests.tools.desk import open_desk
from tests.tools.test_more_tools import contact_change

SYSTEM = system("test")
SAID = ("Zubrowka", "zubrowka@example.org", "never came to Toledo")
COLUMNS = (
    "SELECT table_schema, table_name FROM information_schema.columns"
    " WHERE table_schema IN ('core', 'servicing', 'agent') AND column_name = 'customer_id' ORDER BY 1, 2"
)


async def all_rows(conn, customer_id):
    """Every row of the customer's, whole, in every table that knows one, by table."""
    found = {}
    for schema, name in (await conn.execute(text(COLUMNS))).all():
        query = text(f"SELECT t::text FROM {schema}.{name} AS t WHERE customer_id = :id")  # noqa: S608  names of tables
        found[f"{schema}.{name}"] = (await conn.execute(query, {"id": customer_id})).scalars().all()
    return found


@pytest.fixture
async def desk(engine, batch_engine, clock):
    """A customer who has closed their line, after saying a lot in every place that keeps words."""
    desk = await open_desk(engine, clock, draw_cents=0, name=SAID[0])
    await contact_change(desk, email=SAID[1])
    handed = await desk.call("hand_off", reason="human", summary=SAID[2])
    assert handed.kind == "done", handed
    right = await desk.call("record_right", right="complaint")
    assert right.kind == "done", right
    await desk.book.act(request_closure)
    customer_id, now = desk.book.customer_id, datetime(2026, 3, 16, 15, tzinfo=UTC)
    async with transaction(engine, SYSTEM) as conn:
        given = {"customer_id": customer_id, "conversation_id": "conv_one", "body": SAID[2], "now": now}
        await conn.execute(
            text(
                "INSERT INTO servicing.notes (note_id, customer_id, conversation_id, actor_id, body, created_at)"
                " VALUES ('note_x', :customer_id, :conversation_id, 'spec_ana', :body, :now)"
            ),
            given,
        )
    async with transaction(engine, SYSTEM) as conn:
        for statement in (
            "INSERT INTO agent.conversations VALUES ('conv_one', :customer_id, :now)",
            "INSERT INTO agent.turns VALUES ('turn_x', 'conv_one', :customer_id, 'one', 'hash', NULL, :now, NULL)",
            "INSERT INTO agent.messages VALUES ('message_x', 'conv_one', :customer_id, 'turn_x', 'customer', :body,"
            " NULL, :now)",
        ):
            await conn.execute(text(statement), given)
    return desk


async def discharge(owner_engine):
    async with transaction(owner_engine, SYSTEM) as conn:
        await conn.execute(text("UPDATE servicing.duties SET state = 'discharged', discharged_at = now()"))


async def test_nothing_of_a_person_is_left_and_the_books_are_as_they_were(desk, batch_engine, owner_engine):
    customer_id = desk.book.customer_id
    await discharge(owner_engine)
    async with transaction(owner_engine, SYSTEM) as conn:
        before = await all_rows(conn, customer_id)
    everything = " ".join(row for rows in before.values() for row in rows)
    assert all(said in everything for said in SAID)
    assert await erase(batch_engine, customer_id, add_months(desk.book.at.on, 25) + timedelta(days=1)) is None
    async with transaction(owner_engine, SYSTEM) as conn:
        after = await all_rows(conn, customer_id)
        broken = await conn.scalar(text("SELECT core.first_broken_link(:line)"), {"line": desk.book.line_id})
    left = " ".join(row for rows in after.values() for row in rows)
    assert not [said for said in (*SAID, "dana@example.com", "4471") if said in left]
    assert broken is None
    for kept in ("core.events", "core.entries", "core.postings", "core.decisions", "core.notices"):
        assert after[kept] == before[kept]
    assert len(after["servicing.duties"]) == len(before["servicing.duties"]) == 1, (
        "that a right was used is kept"
    )
    assert len(after["servicing.tool_calls"]) == len(before["servicing.tool_calls"])
    assert before["agent.messages"]
    assert not after["agent.conversations"] + after["agent.turns"] + after["agent.messages"]
    again = await erase(batch_engine, customer_id, add_months(desk.book.at.on, 26))
    assert [reason.code for reason in again.reasons] == ["not_found"]


async def test_nothing_is_erased_while_a_line_lives_a_duty_runs_or_the_law_asks_for_it(
    engine, clock, desk, batch_engine, owner_engine
):
    today = desk.book.at.on
    no = await erase(batch_engine, desk.book.customer_id, today)
    assert [(r.code, dict(r.facts)) for r in no.reasons] == [
        ("duty_open", {"duties": 1}),
        ("kept_until", {"until": add_months(today, 24)}),
    ]
    other = await open_desk(engine, clock)
    no = await erase(batch_engine, other.book.customer_id, add_months(today, 60))
    assert [reason.code for reason in no.reasons] == ["line_open"]
    async with transaction(owner_engine, SYSTEM) as conn:
        rows = await all_rows(conn, desk.book.customer_id)
    assert SAID[0] in " ".join(rows["core.customers"])


def test_the_command_says_what_stands_against_it(database, monkeypatch, capsys):
    monkeypatch.setenv("CASHLINE_BATCH_DATABASE_URL", database.url("cashline_batch"))
    assert main(["cus_nobody"]) == 1
    assert capsys.readouterr().err == "refused: not_found\n"

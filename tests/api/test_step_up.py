"""A risky act through the front door: the proposal, the code in the mailbox, the yes that takes both."""

import json
import re
from datetime import timedelta

import pytest_asyncio
from psycopg import sql
from sqlalchemy import text

from ledger_core.store.postgres import driver_of, system, transaction
from tests.api.test_turns import TODAY, _code, embedder, front_door  # noqa: F401  fixtures
from tests.fixtures.books import open_book


@pytest_asyncio.fixture
async def dana_book(engine):
    """Dana has drawn nothing of her $2,000."""
    book = await open_book(engine)
    await book.go_to(TODAY)
    return book


@pytest_asyncio.fixture
async def dana(front_door, dana_book):  # noqa: F811
    return await front_door(dana_book.customer_id)


async def large_draw(dana):
    turn = await dana.say("send me $1,600 to my bank account")
    assert turn["proposal"]["needs_code"], turn
    return turn["proposal"]


async def ask_code(dana, proposal):
    sent = await dana.client.post(f"/v1/proposals/{proposal['id']}/code", json={}, headers=dana.headers)
    assert sent.status_code == 201, sent.text
    return sent.json()


async def letters(dana):
    return (await dana.client.get("/v1/dev/mailbox")).json()["letters"]


async def code_of(dana):
    return re.search(r"\b\d{6}\b", (await letters(dana))[0]["body"])[0]


async def confirm(dana, proposal, code=None, token=None):
    body = {"confirmation_token": token or proposal["confirmation_token"]} | ({"code": code} if code else {})
    return await dana.client.post(f"/v1/proposals/{proposal['id']}/confirm", json=body, headers=dana.headers)


async def draws(book):
    return [draw.amount_cents for draw in (await book.state()).draws.values()]


async def test_a_large_draw_takes_the_code_from_the_mailbox_and_is_told_about_afterwards(dana, dana_book):
    proposal = await large_draw(dana)
    assert _code(await confirm(dana, proposal)) == (409, "code_needed")
    sent = await ask_code(dana, proposal)
    assert (sent["channel"], sent["sent_to"]) == ("email", "d***@example.com")
    done = (await confirm(dana, proposal, await code_of(dana))).json()
    assert done["status"] == "done"
    assert await draws(dana_book) == [160_000]
    notice = (await letters(dana))[0]
    assert notice["subject"] == "This was just done on your Cash Line"
    assert "Draw $1,600.00" in notice["body"]
    again = await confirm(dana, proposal)
    assert again.json()["turn_id"] == done["turn_id"], "a repeat gets the first answer"
    assert await draws(dana_book) == [160_000]
    assert len(await letters(dana)) == 2, "and is told about once"


async def test_a_small_draw_takes_none(dana, dana_book):
    turn = await dana.say("send me $100 to my bank account")
    assert not turn["proposal"]["needs_code"]
    refused = await dana.client.post(
        f"/v1/proposals/{turn['proposal']['id']}/code", json={}, headers=dana.headers
    )
    assert _code(refused) == (409, "code_not_needed")
    assert (await confirm(dana, turn["proposal"])).json()["status"] == "done"


async def test_a_wrong_code_is_named_and_counted_and_the_right_one_still_works_after_it(dana, dana_book):
    proposal = await large_draw(dana)
    await ask_code(dana, proposal)
    right = await code_of(dana)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for guess in (wrong, "12345", "abcdef", "' OR 1=1"):
        assert _code(await confirm(dana, proposal, guess)) == (409, "code_invalid")
    assert (await confirm(dana, proposal, right)).json()["status"] == "done"


async def test_after_five_wrong_codes_even_the_right_one_is_refused_until_a_new_one_is_sent(dana, dana_book):
    proposal = await large_draw(dana)
    await ask_code(dana, proposal)
    right = await code_of(dana)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        await confirm(dana, proposal, wrong)
    assert _code(await confirm(dana, proposal, right)) == (429, "code_locked")
    await ask_code(dana, proposal)
    assert (await confirm(dana, proposal, await code_of(dana))).json()["status"] == "done"


async def test_a_code_dies_after_ten_minutes_and_when_a_new_one_is_sent(dana, dana_book, clock):
    proposal = await large_draw(dana)
    await ask_code(dana, proposal)
    first = await code_of(dana)
    clock.advance(timedelta(minutes=10))
    assert _code(await confirm(dana, proposal, first)) == (409, "code_expired")
    await ask_code(dana, proposal)
    if (second := await code_of(dana)) != first:
        assert _code(await confirm(dana, proposal, first)) == (409, "code_invalid")
    assert (await confirm(dana, proposal, second)).json()["status"] == "done"


async def test_a_code_is_bound_to_its_proposal_and_to_its_token(dana, dana_book):
    older = await large_draw(dana)
    await ask_code(dana, older)
    code = await code_of(dana)
    newer = (await dana.say("no, send me $1,700 instead"))["proposal"]
    assert newer["id"] != older["id"]
    assert _code(await confirm(dana, newer, code)) == (409, "code_needed")
    assert _code(await confirm(dana, newer, code, token="guessed")) == (409, "confirmation_invalid")
    assert await draws(dana_book) == []


async def test_codes_are_limited_per_hour(dana, dana_book):
    proposal = await large_draw(dana)
    for _ in range(5):
        await ask_code(dana, proposal)
    sixth = await dana.client.post(f"/v1/proposals/{proposal['id']}/code", json={}, headers=dana.headers)
    assert _code(sixth) == (429, "code_limited")


async def test_a_typed_yes_does_not_replace_the_code(dana, dana_book):
    await large_draw(dana)
    turn = await dana.say("yes")
    assert turn["status"] != "done"
    assert await draws(dana_book) == []


async def test_somebody_else_gets_no_code_for_it(dana, dana_book, front_door, engine):  # noqa: F811
    proposal = await large_draw(dana)
    stranger = await front_door((await open_book(engine, name="Sam Ortiz")).customer_id)
    refused = await dana.client.post(
        f"/v1/proposals/{proposal['id']}/code", json={}, headers=stranger.headers
    )
    assert _code(refused) == (404, "not_found")
    assert await letters(dana) == []


async def test_the_code_is_nowhere_but_in_the_letter(dana, dana_book, engine, settings):
    proposal = await large_draw(dana)
    await ask_code(dana, proposal)
    code = await code_of(dana)
    await confirm(dana, proposal, code)
    kept = [json.dumps((await dana.get(f"/v1/conversations/{dana.conversation}/messages")).json())]
    tables = text("SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('servicing', 'agent')")
    async with transaction(engine, system("test")) as conn:
        found = (await conn.execute(tables)).all()
        driver = await driver_of(conn)
        for table in [one for one in found if one.tablename != "alembic_version"]:
            rows = sql.SQL("SELECT string_agg(t::text, ' ') FROM {} AS t").format(sql.Identifier(*table))
            kept.append(str(await (await driver.execute(rows)).fetchone()))
    traces = settings.home / "traces.jsonl"
    kept.append(traces.read_text() if traces.exists() else "")
    assert not re.search(rf"(?<!\d){code}(?!\d)", " ".join(kept))


async def test_the_mailbox_is_seen_from_this_machine_only(dana):
    for path in ("/mailbox", "/v1/dev/mailbox"):
        for host in ("cashline.example.com", "192.168.1.7"):
            assert (await dana.client.get(path, headers={"Host": host})).status_code == 404
        assert (await dana.client.get(path)).status_code == 200

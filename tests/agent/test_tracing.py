"""What is kept of a turn: a readable trace, an encrypted checkpoint, a transcript; no secret in any of them."""

import json
from dataclasses import replace
from datetime import date

import pytest_asyncio
from sqlalchemy import text

from agent import prompt_files, tracing
from agent.models import ModelChain, openai_provider
from agent.testing import Answer, wire_server
from agent.tracing import Tracer, trees
from tests.fixtures.books import open_book

CARD, SSN = "4111 1111 1111 1111", "524-71-9310"
SAID = f"my card is {CARD} and my ssn {SSN}, how much do I owe?"
SECRETS = (CARD, SSN, "445566778899", "dana.lee@mail.org", "212-555-0147", "GB29NWBK60161331926819")
CONFIDED = (
    SAID,
    "my bank account number is 445566778899, what is my rate",
    "write me at dana.lee@mail.org or call 212-555-0147, when is my payment due",
    "there is a draw I never made, it went to GB29NWBK60161331926819",
)
KEPT = (
    "agent.turns", "agent.messages", "agent.conversations", "agent.checkpoints", "agent.checkpoint_blobs",
    "agent.checkpoint_writes", "servicing.proposals", "servicing.tool_calls", "core.outbox", "core.events",
)  # fmt: skip


@pytest_asyncio.fixture
async def traced(engine, talk_to, tmp_path):
    """(talk, sink): a customer who owes, with traces going to a file."""
    book = await open_book(engine)
    await book.draw(150_000)
    await book.go_to(date(2026, 3, 16))
    talk = await talk_to(book.customer_id)
    sink = tmp_path / "traces.jsonl"
    tracer = Tracer(local=sink)
    talk.platform = replace(talk.platform, tracer=tracer)
    yield talk, sink
    tracer.close()


def spans(talk, sink):
    talk.platform.tracer.close()
    return [json.loads(line) for line in sink.read_text().splitlines()]


async def test_a_turn_with_a_model_leaves_a_tree_of_what_happened(traced):
    talk, sink = traced
    script = [Answer(calls=[("get_overview", {})]), Answer(text="Your limit is $2,000.00.")]
    async with wire_server(script) as server:
        chain = ModelChain([openai_provider(model="small", api_key="k", base_url=server.base_url)])
        turn = await talk.with_models(chain).say("what is my limit?")
        await chain.close()
    rows = spans(talk, sink)
    names = [row["name"] for row in rows]
    assert {"turn", "rail.input", "understand", "model", "tool.get_overview"} <= set(names)
    assert names.count("model") == 2
    assert {row["trace_id"] for row in rows} == {turn["trace_id"]}
    root = next(row for row in rows if row["name"] == "turn")
    assert all(row["parent_id"] for row in rows if row is not root)
    model = json.dumps([row["more"] for row in rows if row["name"] == "model"])
    assert prompt_files.load("system").hash in model
    assert prompt_files.load("plan").hash in model
    assert "small" in model
    drawn = "\n".join(trees(rows, 1))
    assert drawn.startswith(f"trace {turn['trace_id']}\n  turn  ")
    assert "    tool.get_overview  " in drawn


async def test_a_fallback_says_why_in_the_trace(traced):
    talk, sink = traced
    async with wire_server([Answer(text="You owe $1.00.")]) as server:
        chain = ModelChain([openai_provider(model="small", api_key="k", base_url=server.base_url)])
        await talk.with_models(chain).say("how much do I owe?")
        await chain.close()
    held = next(row for row in spans(talk, sink) if row["name"] == "draft_held_back")
    assert json.loads(held["output"])["rail"] == "output figures"


async def test_the_command_prints_the_newest_traces(traced, monkeypatch, capsys):
    talk, sink = traced
    await talk.say("how much do I owe?")
    second = await talk.say("and my limit?")
    spans(talk, sink)
    monkeypatch.setenv("CASHLINE_HOME", str(sink.parent))
    tracing.main(["--last", "1"])
    printed = capsys.readouterr().out
    assert printed.count("trace ") == 1
    assert second["trace_id"] in printed


async def test_the_sink_is_cut_when_it_has_grown_past_its_bound(traced, monkeypatch):
    talk, sink = traced
    monkeypatch.setattr(tracing.LocalSink, "BYTES_MAX", 10)
    await talk.say("how much do I owe?")
    talk.platform.tracer.close()
    size = sink.stat().st_size
    again = Tracer(local=sink)
    with again.turn("conv_x", "turn_x", "cus_x"):
        pass
    again.close()
    assert sink.with_suffix(".old.jsonl").stat().st_size >= size


async def everything(owner_engine):
    """Every byte kept of the conversation, by table."""
    kept = {}
    async with owner_engine.begin() as conn:
        await conn.execute(text("SELECT set_config('cashline.role', 'system', true)"))
        for table in KEPT:
            rows = (await conn.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608
            kept[table] = b"\n".join(
                bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                for row in rows
                for value in row
            )
    return kept


async def test_no_secret_is_kept_anywhere(traced, owner_engine):
    talk, sink = traced
    heard = await talk.say(SAID)
    proposed = await talk.say("pay 200 dollars today")
    token = proposed["proposal"]["confirmation_token"]
    done = await talk.press(proposed["proposal"])
    assert done["status"] == "done"
    assert token not in json.dumps(done)
    kept = await everything(owner_engine)
    assert all(kept[table] for table in KEPT if table != "agent.checkpoint_writes")
    kept["traces"] = json.dumps(spans(talk, sink)).encode()
    for place, content in kept.items():
        for secret in (CARD, CARD.replace(" ", ""), SSN, SSN.replace("-", ""), token):
            assert secret.encode() not in content, (place, secret)
    assert b"[card ending 1111]" in kept["agent.messages"]
    for place in ("traces", "agent.checkpoints", "agent.checkpoint_blobs", "agent.checkpoint_writes"):
        for words in (heard["reply"]["text"].split("\n")[0], "how much do I owe", "pay 200 dollars", "Dana"):
            assert words.encode() not in kept[place], (place, words)


async def test_no_kind_of_personal_data_is_kept_or_logged(traced, owner_engine, capfd, caplog):
    talk, sink = traced
    for words in CONFIDED:
        await talk.say(words)
    kept = {
        place: content.decode(errors="replace") for place, content in (await everything(owner_engine)).items()
    }
    # what the checkpoints hold once deciphered, which the table of bytes does not show
    saver = talk.platform.saver()
    kept["checkpoints, deciphered"] = "".join([repr(item) async for item in saver.alist(None)])
    kept["traces"] = json.dumps(spans(talk, sink))
    printed = capfd.readouterr()
    kept["log"] = printed.out + printed.err + caplog.text
    assert "how much do I owe" in kept["checkpoints, deciphered"]
    for place, content in kept.items():
        for secret in SECRETS:
            assert secret not in content, (place, secret)
            assert secret.replace(" ", "").replace("-", "") not in content, (place, secret)


async def test_the_books_keep_no_words_of_the_customer(traced, owner_engine):
    talk, _ = traced
    proposed = await talk.say("pay 200 dollars today, it is from my tax refund")
    await talk.press(proposed["proposal"])
    kept = await everything(owner_engine)
    for place in ("core.events", "core.outbox"):
        assert b"tax refund" not in kept[place]
        assert b"Dana" not in kept[place]

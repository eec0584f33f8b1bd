"""A turn that breaks at any boundary and is sent again: the same books, the same reply, nothing twice."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import wraps

import pytest
from sqlalchemy import text

from agent import graph, store
from agent.memory import ConversationBusy
from agent.turn import run_turn
from tests.fixtures.books import open_book

PAY = "I'd like to pay 200 dollars today"
DISPUTE = "I don't recognize the $1,500 draw, it wasn't me"


class Crash(Exception):
    """What a process dies of."""


@dataclass
class Boundaries:
    """Counts the node boundaries of a run and breaks at the chosen one, once."""

    break_at: int | None = None
    passed: int = 0
    hang: asyncio.Event | None = None
    names: list[str] = field(default_factory=list)

    async def reach(self, name: str) -> None:
        here, self.passed = self.passed, self.passed + 1
        self.names.append(name)
        if here == self.break_at:
            self.break_at = None
            if self.hang is None:
                raise Crash(name)
            self.hang.set()
            await asyncio.sleep(60)


@pytest.fixture
def boundaries(monkeypatch):
    """Every node of the real graph, with a boundary after it, which is the one before the next."""
    at = Boundaries()

    def around(node):
        @wraps(node)
        async def run(state, runtime):
            if node.__name__ == "listen":
                await at.reach("before listen")
            answer = await node(state, runtime)
            await at.reach(f"after {node.__name__}")
            return answer

        return run

    for name in ("listen", "decide", "plan", "act", "compose"):
        monkeypatch.setattr(graph, name, around(getattr(graph, name)))
    graph.builder.cache_clear()
    graph._compiled.cache_clear()
    yield at
    graph.builder.cache_clear()
    graph._compiled.cache_clear()


async def owing(engine):
    book = await open_book(engine)
    await book.draw(150_000)
    await book.go_to(date(2026, 3, 16))
    return book


def gist(turn):
    """What a turn told the customer, without the ids that every run makes anew."""
    return (
        turn["reply"]["text"],
        turn["status"],
        (turn["proposal"] or {}).get("terms", {}).get("amount_cents"),
        [(task["intent"], task["state"]) for task in turn["agenda"]],
        [(o["right"], o["state"]) for o in turn["obligations"]],
    )


async def rows(owner_engine, query):
    async with owner_engine.begin() as conn:
        await conn.execute(text("SELECT set_config('cashline.role', 'system', true)"))
        return [tuple(row) for row in await conn.execute(text(query))]


async def said(owner_engine, conversation_id):
    query = f"SELECT role, text FROM agent.messages WHERE conversation_id = '{conversation_id}' ORDER BY created_at, message_id"  # noqa: S608
    return await rows(owner_engine, query)


@asynccontextmanager
async def crashing(at, break_at):
    at.break_at, at.passed = break_at, 0
    with pytest.raises(Crash):
        yield
    at.break_at = None


async def count_of(at, work):
    at.break_at, at.passed = None, 0
    answer = await work
    return at.passed, answer


async def test_a_payment_broken_at_any_boundary_is_proposed_and_made_once(engine, owner_engine, talk_to, boundaries):
    calm_book = await owing(engine)
    calm = await talk_to(calm_book.customer_id)
    steps, proposed = await count_of(boundaries, calm.say(PAY, client_turn_id="pay"))
    yes_steps, done = await count_of(boundaries, calm.say("yes", client_turn_id="yes"))
    assert (proposed["status"], done["status"]) == ("proposed", "done")
    for step in range(max(steps, yes_steps)):
        book = await owing(engine)
        talk = await talk_to(book.customer_id)
        async with crashing(boundaries, min(step, steps - 1)):
            await talk.say(PAY, client_turn_id="pay")
        again = await talk.say(PAY, client_turn_id="pay")
        assert gist(again) == gist(proposed), boundaries.names[-1]
        async with crashing(boundaries, min(step, yes_steps - 1)):
            await talk.say("yes", client_turn_id="yes")
        assert gist(await talk.say("yes", client_turn_id="yes")) == gist(done), step
        state = await book.state()
        assert [p.amount_cents for p in state.payments.values()] == [20_000]
        assert state.account_totals == (await calm_book.state()).account_totals
        assert [role for role, _ in await said(owner_engine, talk.conversation_id)] == ["customer", "assistant"] * 2


async def test_a_dispute_broken_at_any_boundary_is_opened_once(engine, owner_engine, talk_to, boundaries):
    calm_book = await owing(engine)
    calm = await talk_to(calm_book.customer_id)
    steps, proposed = await count_of(boundaries, calm.say(DISPUTE, client_turn_id="d"))
    button_steps, done = await count_of(boundaries, calm.press(proposed["proposal"]))
    assert (proposed["status"], done["status"]) == ("proposed", "done")
    for step in range(max(steps, button_steps)):
        book = await owing(engine)
        talk = await talk_to(book.customer_id)
        async with crashing(boundaries, min(step, steps - 1)):
            await talk.say(DISPUTE, client_turn_id="d")
        again = await talk.say(DISPUTE, client_turn_id="d")
        assert gist(again) == gist(proposed), step
        async with crashing(boundaries, min(step, button_steps - 1)):
            await talk.press(again["proposal"])
        assert gist(await talk.press(again["proposal"])) == gist(done), step
        state = await book.state()
        assert len(state.disputes) == 1
        assert state.locked
        duties = await rows(owner_engine, f"SELECT count(*) FROM servicing.duties WHERE customer_id = '{book.customer_id}' GROUP BY \"right\"")  # noqa: S608
        assert set(duties) == {(1,)}


async def test_a_reply_that_was_thought_but_not_stored_is_given_as_it_was(engine, owner_engine, talk_to, monkeypatch):
    talk = await talk_to((await owing(engine)).customer_id)
    real = store.finish_turn

    async def dies(*_):
        raise Crash

    monkeypatch.setattr(store, "finish_turn", dies)
    with pytest.raises(Crash):
        await talk.say(PAY, client_turn_id="pay")
    monkeypatch.setattr(store, "finish_turn", real)
    first = await talk.say(PAY, client_turn_id="pay")
    second = await talk.say(PAY, client_turn_id="pay")
    assert first["proposal"]["id"] == second["proposal"]["id"]
    assert first["reply"] == second["reply"]
    assert len(await said(owner_engine, talk.conversation_id)) == 2


async def test_a_cancelled_turn_frees_its_conversation_and_can_be_sent_again(engine, talk_to, boundaries):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    proposed = await talk.say(PAY)
    for step in range(4):
        boundaries.break_at, boundaries.passed, boundaries.hang = step, 0, asyncio.Event()
        running = asyncio.create_task(talk.say("yes", client_turn_id="yes"))
        await asyncio.wait(
            [running, asyncio.create_task(boundaries.hang.wait())], return_when=asyncio.FIRST_COMPLETED
        )
        with pytest.raises(ConversationBusy):
            await talk.say("how much do I owe?", client_turn_id=f"other-{step}")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    boundaries.break_at = None
    done = await talk.say("yes", client_turn_id="yes")
    assert proposed["status"] == "proposed"
    assert done["status"] == "done"
    assert [p.amount_cents for p in (await book.state()).payments.values()] == [20_000]


async def test_a_repeat_of_the_button_pays_once_and_answers_the_same(engine, talk_to):
    book = await owing(engine)
    talk = await talk_to(book.customer_id)
    proposal = (await talk.say(PAY))["proposal"]
    first = await talk.press(proposal)
    assert first == await talk.press(proposal)
    assert len((await book.state()).payments) == 1


async def test_a_client_turn_id_means_one_message(engine, talk_to):
    talk = await talk_to((await owing(engine)).customer_id)
    first = await talk.say("how much do I owe?", client_turn_id="one")
    assert first == await talk.say("how much do I owe?", client_turn_id="one")
    with pytest.raises(store.ClientTurnReused):
        await talk.say("pay 200 dollars", client_turn_id="one")


async def test_another_customers_conversation_is_not_there(engine, talk_to):
    talk = await talk_to((await owing(engine)).customer_id)
    stranger = await open_book(engine, name="Somebody Else")
    with pytest.raises(store.ConversationNotFound):
        await run_turn(
            talk.platform,
            customer_id=stranger.customer_id,
            conversation_id=talk.conversation_id,
            text="hello",
            client_turn_id="x",
        )

"""What a model is shown, what it may use, and when it is asked: few tools, a stable prefix, budgets, no open transaction."""

import asyncio
import json
from dataclasses import replace
from datetime import date

import psycopg
import pytest

from agent import budget
from agent.agenda import Agenda, Task
from agent.budget import Budget, Price, Spent
from agent.flows import FLOWS
from agent.models import ModelChain, openai_provider
from agent.nodes import plan
from agent.prompt_files import load
from agent.prompts import Prompts
from agent.testing import Answer, wire_server
from agent.toolset import CORE, FAMILIES, ON_REQUEST, family_of, offered
from agent.tracing import Tracer
from ledger_core.ids import new_id
from ledger_core.store.embedded import SUPERUSER
from tests.fixtures.books import open_book
from tools.registry import CUSTOMER_TOOLS

OVERVIEW = Answer(calls=[("get_overview", {})])


async def owing(engine):
    book = await open_book(engine)
    await book.draw(150_000)
    await book.go_to(date(2026, 3, 16))
    return book


async def turns(engine, talk_to, script, *said, **platform):
    """The turns of a fresh customer with this model, and the server."""
    talk = await talk_to((await owing(engine)).customer_id)
    talk.platform = replace(talk.platform, **platform)
    async with wire_server(script) as server:
        chain = ModelChain([openai_provider(model="test", api_key="k", base_url=server.base_url)])
        talk = talk.with_models(chain)
        heard = [await talk.say(text) for text in said]
        await chain.close()
    return heard, server


def agenda(*intents):
    return Agenda(tuple(Task(id=f"turn_1.{n}", intent=intent) for n, intent in enumerate(intents)))


def test_every_wish_named_for_a_family_has_a_flow_and_every_family_is_a_module():
    assert {wish for serves in (*FAMILIES.values(), *ON_REQUEST.values()) for wish in serves} <= set(FLOWS)
    assert set(FAMILIES) <= {family_of(tool) for tool in CUSTOMER_TOOLS}


@pytest.mark.parametrize("intent", sorted(FLOWS))
def test_a_model_is_shown_a_few_tools_and_no_act_that_needs_no_yes(intent):
    shown = offered(agenda(intent), "turn_1")
    assert set(CORE) <= shown.names
    assert len(shown.names) <= 20
    free = {
        tool.name for tool in CUSTOMER_TOOLS if tool.effect.value == "act" and tool.confirm.value == "none"
    }
    assert shown.names & free <= {"hand_off"} | {
        name for name, serves in ON_REQUEST.items() if intent in serves
    }


def test_the_tools_of_a_wish_are_shown_with_it_alone():
    assert "make_payment" in offered(agenda("payment_make"), "turn_1").names
    assert "make_payment" not in offered(agenda("balance"), "turn_1").names
    both = offered(agenda("payment_make", "draw_request"), "turn_1").names
    assert {"make_payment", "request_draw"} <= both
    over = Agenda((Task(id="turn_0.0", intent="payment_make", state="done"),))
    assert "make_payment" not in offered(over, "turn_1").names


async def test_a_tool_that_was_not_shown_is_no_tool(engine, talk_to):
    lock = Answer(
        calls=[("get_overview", {}), ("record_right", {"right": "bankruptcy"}), ("set_autopay", {})]
    )
    [turn], _ = await turns(engine, talk_to, [lock], "how much do I owe?")
    assert [call["name"] for call in turn["tool_calls"]][:2] == ["get_overview", "unknown_tool"]
    assert not {"record_right", "set_autopay"} & {call["name"] for call in turn["tool_calls"]}
    assert "$1,5" in turn["reply"]["text"]


async def test_two_turns_share_tools_and_system_prompt_to_the_byte_and_history_only_grows(engine, talk_to):
    script = [OVERVIEW, Answer(text="Your limit is $2,000.00.")] * 4
    heard, server = await turns(
        engine,
        talk_to,
        script,
        "what is my limit?",
        "and what is my limit again?",
        "tell me my limit once more",
    )
    assert {turn["planner"] for turn in heard} == {"model"}
    firsts = [
        body
        for body, request in zip(server.bodies, server.requests, strict=True)
        if request["messages"][-1]["role"] == "user"
    ]
    assert len(firsts) == 3
    tools = {body[body.index(b'"tools":') :] for body in firsts}
    assert len(tools) == 1
    assert {json.dumps(json.loads(body)["messages"][0]) for body in firsts} == {
        json.dumps({"content": load("system").body, "role": "system"})
    }
    assert len({body[: body.index(b'"role"')] for body in firsts}) == 1
    second, third = (json.loads(body)["messages"] for body in firsts[1:])
    history = second[:-2]  # without the agenda and the newest words
    assert third[: len(history)] == history


async def test_requests_of_one_turn_extend_each_other(engine, talk_to):
    script = [OVERVIEW, Answer(calls=[("list_bank_accounts", {})]), Answer(text="Your limit is $2,000.00.")]
    _, server = await turns(engine, talk_to, script, "what is my limit?")
    first, second, third = (request["messages"] for request in server.requests)
    assert second[: len(first)] == first
    assert third[: len(second)] == second


async def test_no_transaction_is_open_while_a_model_is_asked(engine, talk_to, database):
    """Seen from the server: nobody else's connection to this database is inside a transaction."""
    open_then = []
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND xact_start IS NOT NULL AND pid <> pg_backend_pid()"

    async def answer(request):
        with psycopg.connect(database.server.dsn("postgres", SUPERUSER), autocommit=True) as conn:
            open_then.append(conn.execute(query, (database.name,)).fetchone()[0])
        asked = sum(message["role"] == "assistant" for message in request["messages"])
        return [
            OVERVIEW,
            Answer(calls=[("list_bank_accounts", {})]),
            Answer(text="Your limit is $2,000.00."),
        ][asked]

    [turn], _ = await turns(engine, talk_to, answer, "what is my limit?")
    assert turn["planner"] == "model"
    assert open_then == [0, 0, 0]


@pytest.mark.parametrize("bound", ["turn", "conversation"])
async def test_a_model_over_its_budget_hands_the_turn_to_the_built_in_planner(
    engine, talk_to, monkeypatch, bound
):
    tight = Budget(input_tokens=10_000, output_tokens=100, micro_dollars=50_000)
    monkeypatch.setattr(plan, "budgets", lambda: replace(budget.budgets(), **{bound: tight}))
    script = [replace(OVERVIEW, tokens=(4_000, 101)), Answer(text="Your limit is $2,000.00.")]
    [turn], server = await turns(engine, talk_to, script, "what is my limit?")
    assert turn["planner"] == "builtin"
    assert "$2,000.00" in turn["reply"]["text"]
    assert len(server.requests) == 1


async def test_what_a_conversation_has_used_counts_in_its_next_turn(engine, talk_to, monkeypatch):
    tight = replace(budget.budgets().conversation, output_tokens=150)
    monkeypatch.setattr(plan, "budgets", lambda: replace(budget.budgets(), conversation=tight))
    script = [
        replace(OVERVIEW, tokens=(4_000, 80)),
        replace(Answer(text="Your limit is $2,000.00."), tokens=(4_000, 80)),
    ]
    heard, server = await turns(engine, talk_to, script, "what is my limit?", "what is my limit?")
    assert [turn["planner"] for turn in heard] == ["model", "builtin"]
    assert len(server.requests) == 2


def test_money_and_tokens_are_each_a_bound_of_their_own():
    spent = Price(input=2_500, output=10_000).of(1_000, 100)
    assert spent == Spent(1_000, 100, 3_500_000)
    assert Budget(1_000, 100, 3_500).holds(spent)
    assert not Budget(999, 100, 3_500).holds(spent)
    assert not Budget(1_000, 99, 3_500).holds(spent)
    assert not Budget(1_000, 100, 3_499).holds(spent)


class Managed:
    """A prompt server, as far as it is asked: answers with `bodies`, or with an error."""

    def __init__(self, **bodies):
        self.bodies = bodies
        self.asked = []


@pytest.fixture
async def prompt_server():
    """A server that speaks Langfuse's prompt endpoint; `.bodies` by name, anything else is not found."""
    managed = Managed()

    async def handle(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        managed.asked.append(path)
        name = path.split("/")[-1].split("?")[0]
        if path.startswith("/api/public/v2/prompts/") and name in managed.bodies:
            prompt = {"name": name, "type": "text", "version": 9, "prompt": managed.bodies[name], "config": {},
                      "labels": ["production"], "tags": []}  # fmt: skip
            status, body = "200 OK", json.dumps(prompt).encode()
        else:
            status, body = "404 Not Found", b'{"message": "no"}'
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    managed.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    yield managed
    listener.close()


async def prompts_of(managed, url=None):
    tracer = Tracer(public_key=new_id("pk"), secret_key="sk-test", host=url or managed.url)
    prompts = Prompts(tracer.server)
    await asyncio.to_thread(prompts.refresh)
    return prompts


async def test_a_prompt_managed_in_langfuse_is_used_and_named_by_its_own_hash(prompt_server):
    prompt_server.bodies = {"system": "Be brief."}
    prompts = await prompts_of(prompt_server)
    assert prompts.render("system") == "Be brief."
    assert prompts.hashes()["system"] != load("system").hash
    assert prompts.hashes()["plan"] == load("plan").hash


@pytest.mark.parametrize("body", ["Today is {{ today }}.", "{{ today }} {% if %}", "{{ today | nosuch }}"])
async def test_a_managed_prompt_that_needs_other_inputs_is_not_used(prompt_server, body):
    prompt_server.bodies = {"plan": body}
    prompts = await prompts_of(prompt_server)
    assert prompts.hashes()["plan"] == load("plan").hash


async def test_without_a_server_or_with_a_dead_one_the_files_serve_and_nobody_waits(prompt_server):
    assert Prompts().render("system") == load("system").body
    dead = await prompts_of(prompt_server, url="http://127.0.0.1:9")
    assert dead.render("system") == load("system").body


async def test_a_managed_prompt_reaches_the_model(engine, talk_to, prompt_server):
    prompt_server.bodies = {"system": "You are kind."}
    prompts = await prompts_of(prompt_server)
    [_], server = await turns(engine, talk_to, [Answer(text="Hello.")], "what is my limit?", prompts=prompts)
    assert server.requests[0]["messages"][0]["content"] == "You are kind."

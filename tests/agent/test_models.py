"""A provider over the real wire: usable answers come through, every kind of failure is named."""

import asyncio
import time

import pytest
from langchain_core.messages import HumanMessage

from agent.models import Breaker, ModelChain, ModelUnavailable, Provider, openai_provider
from agent.testing import Answer, Misbehaviour, WireServer, wire_server

TOOLS = [
    {
        "type": "function",
        "function": {"name": "get_overview", "description": "x", "parameters": {"type": "object"}},
    }
]


def provider_of(server: WireServer, timeout_seconds: int = 2) -> Provider:
    return openai_provider(
        model="test", api_key="k", base_url=server.base_url, timeout_seconds=timeout_seconds
    )


async def ask(chain: ModelChain):
    try:
        return await chain.answer([HumanMessage("hi")], TOOLS)
    finally:
        await chain.close()


async def test_words_and_tool_calls_come_through_the_wire():
    async with wire_server(
        [Answer(calls=[("get_overview", {"a": 1})]), Answer(text="You owe nothing.")]
    ) as server:
        first, second = [await ask(ModelChain([provider_of(server)])) for _ in range(2)]
    assert [call["name"] for call in first.tool_calls] == ["get_overview"]
    assert first.tool_calls[0]["args"] == {"a": 1}
    assert second.text.strip() == "You owe nothing."
    assert server.requests[0]["stream"] is True


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (Misbehaviour.RATE_LIMITED, "rate_limited"),
        (Misbehaviour.SERVER_ERROR, "server_error"),
        (Misbehaviour.TOO_LATE, "timeout"),
        (Misbehaviour.CUT_OFF, "cut_off"),
        (Misbehaviour.TOO_LONG, "cut_off"),
        (Misbehaviour.ENDLESS, "garbage"),
        (Misbehaviour.EMPTY, "garbage"),
        (Misbehaviour.FORBIDDEN, "refused"),
        (Misbehaviour.HALF_JSON, "garbage"),
    ],
)
async def test_each_kind_of_trouble_is_named(wrong, reason):
    calls = [("get_overview", {"abc": "defghij"})] if wrong is Misbehaviour.HALF_JSON else ()
    async with wire_server(
        [Answer(text="one two three four", calls=calls, wrong=wrong)], late_seconds=3
    ) as server:
        with pytest.raises(ModelUnavailable) as raised:
            await ask(ModelChain([provider_of(server, timeout_seconds=1)]))
    assert raised.value.reason == reason


async def test_a_page_of_html_is_no_answer():
    async with wire_server([Answer(wrong=Misbehaviour.GARBAGE)]) as server:
        with pytest.raises(ModelUnavailable):
            await ask(ModelChain([provider_of(server)]))


async def test_a_passing_fault_is_retried_once():
    script = [Answer(wrong=Misbehaviour.SERVER_ERROR), Answer(text="Fine now.")]
    async with wire_server(script) as server:
        answer = await ask(ModelChain([provider_of(server)]))
    assert answer.text.strip() == "Fine now."
    assert len(server.requests) == 2


async def test_the_second_provider_answers_when_the_first_does_not():
    async with (
        wire_server([Answer(wrong=Misbehaviour.SERVER_ERROR)]) as bad,
        wire_server([Answer(text="Here.")]) as good,
    ):
        answer = await ask(ModelChain([provider_of(bad), provider_of(good)]))
    assert answer.text.strip() == "Here."


async def test_an_open_breaker_asks_nobody_and_closes_after_its_rest():
    now = [0.0]
    breaker = Breaker(failures_max=2, rest_seconds=30, monotonic=lambda: now[0])
    async with wire_server([Answer(wrong=Misbehaviour.SERVER_ERROR)] * 2 + [Answer(text="Back.")]) as server:

        def chain() -> ModelChain:
            plain = provider_of(server)
            return ModelChain([Provider(plain.name, plain.model, plain.timeout_seconds, breaker)])

        with pytest.raises(ModelUnavailable):
            await ask(chain())
        asked = len(server.requests)
        with pytest.raises(ModelUnavailable) as raised:
            await ask(chain())
        assert raised.value.reason == "breaker_open"
        assert len(server.requests) == asked
        now[0] = 31.0
        assert (await ask(chain())).text.strip() == "Back."


async def test_after_its_rest_one_call_probes_while_the_others_go_on_without():
    now = [0.0]
    breaker = Breaker(failures_max=1, rest_seconds=30, monotonic=lambda: now[0])
    assert breaker.admits()
    breaker.record(ok=False)
    assert not breaker.admits()
    now[0] = 31.0
    assert breaker.admits()
    assert not breaker.admits()
    breaker.record(ok=False)
    now[0] = 45.0
    assert not breaker.admits()
    now[0] = 62.0
    assert breaker.admits()
    breaker.record(ok=True)
    assert breaker.admits()
    assert breaker.admits()


async def test_a_probe_that_is_cancelled_leaves_the_way_free_for_the_next():
    breaker = Breaker(failures_max=1, rest_seconds=0)
    async with wire_server([Answer(wrong=Misbehaviour.TOO_LATE)], late_seconds=5) as server:
        plain = provider_of(server, timeout_seconds=5)
        chain = ModelChain([Provider(plain.name, plain.model, 5, breaker)])
        breaker.record(ok=False)
        running = asyncio.create_task(chain.answer([HumanMessage("hi")], TOOLS))
        await asyncio.sleep(0.2)
        assert breaker.probing
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await chain.close()
    assert breaker.admits()


async def test_a_short_pause_that_the_provider_asks_for_is_kept_and_then_it_answers():
    script = [Answer(wrong=Misbehaviour.RATE_LIMITED, retry_after="1"), Answer(text="Now.")]
    async with wire_server(script) as server:
        begun = time.monotonic()
        answer = await ask(ModelChain([provider_of(server, timeout_seconds=5)]))
    assert answer.text.strip() == "Now."
    assert time.monotonic() - begun >= 1


async def test_a_provider_that_asks_for_a_long_pause_is_left_alone_and_the_second_answers_at_once():
    now = [0.0]
    breaker = Breaker(monotonic=lambda: now[0])
    script = [Answer(wrong=Misbehaviour.RATE_LIMITED, retry_after="60"), Answer(text="Back.")]
    async with wire_server(script) as busy, wire_server([Answer(text="Here.")]) as second:

        async def once():
            plain = provider_of(busy)
            return await ask(ModelChain([Provider("busy", plain.model, 2, breaker), provider_of(second)]))

        assert (await once()).text.strip() == "Here."
        now[0] = 59.0
        assert (await once()).text.strip() == "Here."
        assert len(busy.requests) == 1
        now[0] = 61.0
        assert (await once()).text.strip() == "Back."


async def test_all_tries_and_providers_together_keep_within_the_time_they_are_given():
    slow = [Answer(wrong=Misbehaviour.TOO_LATE)]
    async with wire_server(slow, late_seconds=5) as one, wire_server(slow, late_seconds=5) as two:
        chain = ModelChain([provider_of(one, 5), provider_of(two, 5)])
        begun = time.monotonic()
        with pytest.raises(ModelUnavailable) as raised:
            await chain.answer([HumanMessage("hi")], TOOLS, seconds=0.5)
        await chain.close()
    assert raised.value.reason == "timeout"
    assert time.monotonic() - begun < 3


async def test_tokens_come_as_the_provider_reports_them():
    async with wire_server([Answer(text="Hello there.", tokens=(321, 7))]) as server:
        answer = await ask(ModelChain([provider_of(server)]))
    assert (answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"]) == (321, 7)
    assert server.requests[0]["stream_options"] == {"include_usage": True}

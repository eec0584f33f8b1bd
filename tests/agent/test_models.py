"""A provider over the real wire: usable answers come through, every kind of failure is named."""

import pytest
from langchain_core.messages import HumanMessage

from agent.models import Breaker, ModelChain, ModelUnavailable, Provider, openai_provider
from agent.testing import Answer, Misbehaviour, WireServer, wire_server

TOOLS = [{"type": "function", "function": {"name": "get_overview", "description": "x", "parameters": {"type": "object"}}}]


def provider_of(server: WireServer, timeout_seconds: int = 2) -> Provider:
    return openai_provider(model="test", api_key="k", base_url=server.base_url, timeout_seconds=timeout_seconds)


async def ask(chain: ModelChain):
    try:
        return await chain.answer([HumanMessage("hi")], TOOLS)
    finally:
        await chain.close()


async def test_words_and_tool_calls_come_through_the_wire():
    async with wire_server([Answer(calls=[("get_overview", {"a": 1})]), Answer(text="You owe nothing.")]) as server:
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
        (Misbehaviour.HALF_JSON, "garbage"),
    ],
)
async def test_each_kind_of_trouble_is_named(wrong, reason):
    calls = [("get_overview", {"abc": "defghij"})] if wrong is Misbehaviour.HALF_JSON else ()
    async with wire_server([Answer(text="one two three four", calls=calls, wrong=wrong)], late_seconds=3) as server:
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
    async with wire_server([Answer(wrong=Misbehaviour.SERVER_ERROR)]) as bad, wire_server([Answer(text="Here.")]) as good:
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

"""What is wrong with a request is said by a problem with a stable code, and nothing else happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

OK = {"text": "hello", "client_turn_id": "t1"}
UNKNOWN = "conv_01jq3v0000000000000000000a"

BAD_TURNS: list[tuple[str, Any, int, str]] = [
    ("nothing", b"", 422, "invalid_request"),
    ("no JSON", b"{", 422, "invalid_request"),
    ("bytes", b"\xff\xfe\x00\x01" * 20, 422, "invalid_request"),
    ("a list", [OK], 422, "invalid_request"),
    ("null", b"null", 422, "invalid_request"),
    ("deep nesting", b"[" * 30_000, 422, "invalid_request"),
    ("no text", {"client_turn_id": "t1"}, 422, "empty_text"),
    ("empty text", {**OK, "text": ""}, 422, "empty_text"),
    ("blank text", {**OK, "text": " \n\t "}, 422, "empty_text"),
    ("a number for text", {**OK, "text": 7}, 422, "invalid_request"),
    ("null for text", {**OK, "text": None}, 422, "invalid_request"),
    ("an object for text", {**OK, "text": {"a": 1}}, 422, "invalid_request"),
    ("a NUL", {**OK, "text": "a\x00b"}, 422, "invalid_request"),
    ("an escape", {**OK, "text": "a\x1b[2J"}, 422, "invalid_request"),
    ("half a surrogate", b'{"text": "a\\ud800", "client_turn_id": "t1"}', 422, "invalid_request"),
    ("24,001 characters", {**OK, "text": "x " * 12001}, 422, "text_too_long"),
    ("100 kB", {**OK, "text": "x" * 100_000}, 413, "body_too_large"),
    ("no client_turn_id", {"text": "hello"}, 422, "invalid_request"),
    ("an empty client_turn_id", {**OK, "client_turn_id": ""}, 422, "invalid_request"),
    (
        "a client_turn_id of our own making",
        {**OK, "client_turn_id": "confirm:prop_1"},
        422,
        "invalid_request",
    ),
    ("a long client_turn_id", {**OK, "client_turn_id": "t" * 65}, 422, "invalid_request"),
    ("an unknown field", {**OK, "role": "specialist"}, 422, "invalid_request"),
]


@pytest.mark.parametrize(
    ("body", "status", "code"), [row[1:] for row in BAD_TURNS], ids=[row[0] for row in BAD_TURNS]
)
async def test_a_bad_turn_is_refused_by_name(
    anna: httpx.AsyncClient, conversation: str, body: Any, status: int, code: str
) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await anna.post(
        f"/v1/conversations/{conversation}/turns",
        content=content,
        headers={"Content-Type": "application/json"},
    )
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "code", "trace_id"}


async def test_four_thousand_characters_in_any_script_are_answered(
    anna: httpx.AsyncClient, conversation: str
) -> None:
    answer = await anna.post(f"/v1/conversations/{conversation}/turns", json={**OK, "text": "ñ漢😀\n" * 1000})
    assert answer.status_code == 200


async def test_a_body_without_a_declared_length_is_bounded_too(
    anna: httpx.AsyncClient, conversation: str
) -> None:
    async def pieces() -> Any:
        for _ in range(100):
            yield b" " * 1024

    answer = await anna.post(f"/v1/conversations/{conversation}/turns", content=pieces())
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    "path",
    [
        f"/v1/conversations/{UNKNOWN}/messages",
        "/v1/conversations/nonsense/messages",
        "/v1/conversations/conv_%00/messages",
        "/v1/conversations/" + "c" * 5000 + "/messages",
        "/v1/lines/line_01jq3v0000000000000000000a",
        "/v1/lines/line_01jq3v0000000000000000000a/activity",
        "/v1/lines/line_01jq3v0000000000000000000a/statements",
        "/v1/lines/line_01jq3v0000000000000000000a/statements/1",
        "/v1/lines/line_01jq3v0000000000000000000a/statements/0",
        "/v1/lines/line_01jq3v0000000000000000000a/statements/one",
        "/v1/lines/line_01jq3v0000000000000000000a/statements/99999999999999999999",
        "/v1/proposals/prop_01jq3v0000000000000000000a",
        "/v1/nowhere",
        "/web/../settings.py",
        "/web/nothing.js",
    ],
)
async def test_an_id_or_address_that_nobody_knows_is_not_found(anna: httpx.AsyncClient, path: str) -> None:
    answer = await anna.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_another_customers_conversation_is_as_unknown_as_none(
    anna: httpx.AsyncClient, conversation: str, as_customer: Callable[[str], dict[str, str]]
) -> None:
    ben = as_customer("cus_ben")
    read = await anna.get(f"/v1/conversations/{conversation}/messages", headers=ben)
    written = await anna.post(f"/v1/conversations/{conversation}/turns", json=OK, headers=ben)
    unknown = await anna.get(f"/v1/conversations/{UNKNOWN}/messages", headers=ben)
    same = {key: value for key, value in unknown.json().items() if key != "trace_id"}
    for answer in (read, written):
        assert answer.status_code == 404
        assert {key: value for key, value in answer.json().items() if key != "trace_id"} == same


async def test_a_repeated_client_turn_id_gives_the_first_answer(
    anna: httpx.AsyncClient, conversation: str
) -> None:
    first = await anna.post(f"/v1/conversations/{conversation}/turns", json=OK)
    again = await anna.post(f"/v1/conversations/{conversation}/turns", json=OK)
    other = await anna.post(f"/v1/conversations/{conversation}/turns", json={**OK, "text": "something else"})
    assert first.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (409, "client_turn_reused")


async def test_more_messages_than_a_customer_may_send_wait_for_the_next_minute(
    anna: httpx.AsyncClient, conversation: str
) -> None:
    body = {"text": "hello", "client_turn_id": "t"}
    answers = [await anna.post(f"/v1/conversations/{conversation}/turns", json=body) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert 0 < int(answers[-1].headers["retry-after"]) <= 60


async def test_an_unforeseen_failure_says_nothing_of_its_inside(
    anna: httpx.AsyncClient, conversation: str, assistant: Any
) -> None:
    assistant.error = RuntimeError("password=hunter2")
    answer = await anna.post(f"/v1/conversations/{conversation}/turns", json=OK)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "hunter2" not in answer.text


async def test_a_method_that_an_address_does_not_have_is_a_problem_too(anna: httpx.AsyncClient) -> None:
    answer = await anna.delete("/v1/conversations")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


async def test_a_stream_begins_before_the_turn_has_ended(
    anna: httpx.AsyncClient, conversation: str, assistant: Any
) -> None:
    """ASGITransport hands over whole bodies, so the order is what can be seen here."""
    events = await _stream(anna, conversation, {**OK, "client_turn_id": "s1"})
    assert [event["type"] for event in events] == ["RUN_STARTED", "CUSTOM", "RUN_FINISHED"]
    assert events[1]["value"]["reply"]["text"] == "hello"


async def test_a_failure_after_the_first_event_ends_the_stream_with_its_code(
    anna: httpx.AsyncClient, conversation: str, assistant: Any
) -> None:
    assistant.error = RuntimeError("secret")
    events = await _stream(anna, conversation, OK)
    assert [event["type"] for event in events] == ["RUN_STARTED", "RUN_ERROR"]
    assert events[1]["code"] == "internal"
    assert "secret" not in json.dumps(events)


async def test_a_failure_before_the_first_event_is_a_problem_like_any_other(anna: httpx.AsyncClient) -> None:
    answer = await anna.post(
        f"/v1/conversations/{UNKNOWN}/turns", json=OK, headers={"Accept": "text/event-stream"}
    )
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def _stream(client: httpx.AsyncClient, conversation: str, body: dict[str, str]) -> list[dict[str, Any]]:
    async with asyncio.timeout(5):
        answer = await client.post(
            f"/v1/conversations/{conversation}/turns", json=body, headers={"Accept": "text/event-stream"}
        )
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = [frame for frame in answer.text.split("\n\n") if frame.startswith("event:")]
    return [json.loads(frame.split("data: ", 1)[1]) for frame in frames]

"""A local server that speaks the wire protocol of chat completions: scripted, slow, broken or hostile.

A script is a list of answers, one per call, of which the last repeats; or a function that answers each request as it
comes. `Misbehaviour` says how a call goes wrong, `Pace` how long words take.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Misbehaviour(StrEnum):
    """How a provider can fail: by status, by time, in the middle, or with something that is no answer."""

    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    FORBIDDEN = "403"
    TOO_LATE = "too_late"
    CUT_OFF = "cut_off"
    TOO_LONG = "too_long"
    ENDLESS = "endless"
    EMPTY = "empty"
    GARBAGE = "garbage"
    HALF_JSON = "half_json"


BY_STATUS = (Misbehaviour.RATE_LIMITED, Misbehaviour.SERVER_ERROR, Misbehaviour.FORBIDDEN)


@dataclass(frozen=True)
class Pace:
    """How long a model takes: until its first piece, and from piece to piece."""

    first_ms: int = 0
    piece_ms: int = 0


@dataclass(frozen=True)
class Answer:
    """One answer: words, tool calls (name, and arguments as an object or as raw text), or a misbehaviour."""

    text: str = ""
    calls: Sequence[tuple[str, dict[str, Any] | str]] = ()
    wrong: Misbehaviour | None = None
    retry_after: str | None = None
    """the header of that name, with a status that refuses"""
    tokens: tuple[int, int] | None = None
    """input and output, as the usage chunk reports them"""
    pace: Pace = Pace()


Ask = Callable[[dict[str, Any]], Awaitable[Answer]]


@dataclass
class WireServer:
    """Where it listens, what it answers, and the requests it has seen."""

    script: Sequence[Answer] | Ask
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    """the same as they came over the wire"""
    late_seconds: float = 5

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    async def answer(self, body: bytes) -> Answer:
        """What comes back for this request."""
        request = json.loads(body or b"{}")
        if callable(self.script):
            return await self.script(request)
        self.requests.append(request)
        self.bodies.append(body)
        return self.script[min(len(self.requests), len(self.script)) - 1]


@asynccontextmanager
async def wire_server(
    script: Sequence[Answer] | Ask, *, late_seconds: float = 5
) -> AsyncIterator[WireServer]:
    """Serves the script on a free port of loopback while inside."""
    server = WireServer(script, late_seconds=late_seconds)
    connections: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        try:
            while await _serve_one(server, reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            connections.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _serve_one(server: WireServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """One request; False when the connection is over."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    answer = await server.answer(await reader.readexactly(length))
    if answer.wrong in BY_STATUS:
        body = json.dumps({"error": {"message": "no", "type": "test"}}).encode()
        more = f"retry-after: {answer.retry_after}\r\n" if answer.retry_after else ""
        writer.write(_head(int(answer.wrong.value), "application/json", len(body), more) + body)
        await writer.drain()
        return True
    if answer.wrong is Misbehaviour.TOO_LATE:
        await asyncio.sleep(server.late_seconds)
        return False
    if answer.wrong is Misbehaviour.GARBAGE:
        body = b"<html>this is no answer</html>"
        writer.write(_head(200, "text/event-stream", len(body)) + body)
        await writer.drain()
        return True
    return await _stream(answer, writer)


async def _stream(answer: Answer, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    chunks = list(_chunks(answer))
    if answer.wrong is Misbehaviour.CUT_OFF:
        chunks = chunks[: max(1, len(chunks) // 2)]
    await asyncio.sleep(answer.pace.first_ms / 1000)
    for chunk in chunks:
        await _send(chunk, writer)
        if answer.pace.piece_ms:
            await asyncio.sleep(answer.pace.piece_ms / 1000)
    while answer.wrong is Misbehaviour.ENDLESS:
        await _send(chunks[1], writer)
    if answer.wrong is not Misbehaviour.CUT_OFF:
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()
    return False


async def _send(chunk: dict[str, Any], writer: asyncio.StreamWriter) -> None:
    writer.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
    await writer.drain()


def _chunks(answer: Answer) -> list[dict[str, Any]]:
    parts = [_chunk({"role": "assistant", "content": ""})]
    parts += [_chunk({"content": word + " "}) for word in answer.text.split(" ") if word]
    for n, (name, arguments) in enumerate(answer.calls):
        written = arguments if isinstance(arguments, str) else json.dumps(arguments)
        if answer.wrong is Misbehaviour.HALF_JSON:
            written = written[: len(written) // 2] or "{"
        function = {"name": name, "arguments": written}
        call = {"index": n, "id": f"call_{n}", "type": "function", "function": function}
        parts.append(_chunk({"tool_calls": [call]}))
    if answer.wrong is Misbehaviour.EMPTY:
        parts = parts[:1]
    finish = "tool_calls" if answer.calls else "stop"
    parts.append(_chunk({}, "length" if answer.wrong is Misbehaviour.TOO_LONG else finish))
    if answer.tokens is not None:
        into, out = answer.tokens
        usage = {"prompt_tokens": into, "completion_tokens": out, "total_tokens": into + out}
        parts.append({**_chunk({}), "choices": [], "usage": usage})
    return parts


def _chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "test",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    }


def _head(status: int, kind: str, length: int, more: str = "") -> bytes:
    lines = f"HTTP/1.1 {status} Test\r\ncontent-type: {kind}\r\n{more}content-length: {length}\r\n\r\n"
    return lines.encode()

"""A local server that speaks the wire protocol of chat completions: scripted, slow, broken or hostile.

A script is a list of answers, one per call; the last one repeats. `Misbehaviour` says how a call goes wrong.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Misbehaviour(StrEnum):
    """How a provider can fail: by status, by time, in the middle, or with something that is no answer."""

    RATE_LIMITED = "429"
    SERVER_ERROR = "500"
    TOO_LATE = "too_late"
    CUT_OFF = "cut_off"
    GARBAGE = "garbage"
    HALF_JSON = "half_json"


@dataclass(frozen=True)
class Answer:
    """One answer: words, or tool calls (name, arguments), or a misbehaviour."""

    text: str = ""
    calls: Sequence[tuple[str, dict[str, Any]]] = ()
    wrong: Misbehaviour | None = None


@dataclass
class WireServer:
    """Where it listens, what it answers, and the requests it has seen."""

    script: list[Answer]
    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    late_seconds: float = 5

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def _next(self) -> Answer:
        return self.script[min(len(self.requests), len(self.script)) - 1]


@asynccontextmanager
async def wire_server(script: Sequence[Answer], *, late_seconds: float = 5) -> AsyncIterator[WireServer]:
    """Serves the script on a free port of loopback while inside."""
    server = WireServer(list(script), late_seconds=late_seconds)
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
    server.requests.append(json.loads(await reader.readexactly(length) or b"{}"))
    answer = server._next()
    match answer.wrong:
        case Misbehaviour.RATE_LIMITED | Misbehaviour.SERVER_ERROR:
            body = json.dumps({"error": {"message": "no", "type": "test"}}).encode()
            writer.write(_head(int(answer.wrong.value), "application/json", len(body)) + body)
            await writer.drain()
            return True
        case Misbehaviour.TOO_LATE:
            await asyncio.sleep(server.late_seconds)
            return False
        case Misbehaviour.GARBAGE:
            body = b"<html>this is no answer</html>"
            writer.write(_head(200, "text/event-stream", len(body)) + body)
            await writer.drain()
            return True
        case _:
            return await _stream(answer, writer)


async def _stream(answer: Answer, writer: asyncio.StreamWriter) -> bool:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
    chunks = list(_chunks(answer))
    if answer.wrong is Misbehaviour.CUT_OFF:
        chunks = chunks[: max(1, len(chunks) // 2)]
    for chunk in chunks:
        writer.write(b"data: " + json.dumps(chunk).encode() + b"\n\n")
        await writer.drain()
    if answer.wrong is not Misbehaviour.CUT_OFF:
        writer.write(b"data: [DONE]\n\n")
        await writer.drain()
    return False


def _chunks(answer: Answer) -> list[dict[str, Any]]:
    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        return {
            "id": "chatcmpl-test",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": "test",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }

    parts = [chunk({"role": "assistant", "content": ""})]
    parts += [chunk({"content": word + " "}) for word in answer.text.split(" ") if word]
    for n, (name, arguments) in enumerate(answer.calls):
        written = json.dumps(arguments)
        if answer.wrong is Misbehaviour.HALF_JSON:
            written = written[: len(written) // 2] or "{"
        call = {
            "index": n,
            "id": f"call_{n}",
            "type": "function",
            "function": {"name": name, "arguments": written},
        }
        parts.append(chunk({"tool_calls": [call]}))
    return [*parts, chunk({}, "tool_calls" if answer.calls else "stop")]


def _head(status: int, kind: str, length: int) -> bytes:
    return f"HTTP/1.1 {status} Test\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n".encode()

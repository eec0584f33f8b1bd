"""A turn as a stream of AG-UI events: status as it happens, words once they may leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from starlette.responses import StreamingResponse

from agent.events import Emit, TurnEvent
from api.errors import report

QUIET_SECONDS = 15
"""After so long without an event a comment goes out, so that no proxy takes the connection for dead."""

# A turn goes on when its reader leaves (an act may be under way): these references keep it alive.
_running: set[asyncio.Task[Any]] = set()


async def stream(run: Callable[[Emit], Awaitable[Any]], trace_id: str) -> StreamingResponse:
    """Starts the turn, answers with its events. What fails before the first event is raised, as for JSON."""
    queue: asyncio.Queue[TurnEvent | None] = asyncio.Queue()
    task = asyncio.create_task(_run(run, queue))
    _running.add(task)
    task.add_done_callback(_running.discard)
    first = await queue.get()
    if first is None:
        await task
    return StreamingResponse(
        _frames(first, queue, task, trace_id),
        media_type="text/event-stream",
        headers={"x-accel-buffering": "no"},
    )


async def _run(run: Callable[[Emit], Awaitable[Any]], queue: asyncio.Queue[TurnEvent | None]) -> None:
    try:
        await run(queue.put)
    finally:
        await queue.put(None)


async def _frames(
    first: TurnEvent | None, queue: asyncio.Queue[TurnEvent | None], task: asyncio.Task[None], trace_id: str
) -> AsyncIterator[bytes]:
    if first is None:
        return
    yield frame(first)
    while True:
        try:
            event = await asyncio.wait_for(queue.get(), QUIET_SECONDS)
        except TimeoutError:
            yield b": still here\n\n"
            continue
        if event is None:
            break
        yield frame(event)
    await asyncio.wait([task])
    error = task.exception()
    if error is not None:
        assert isinstance(error, Exception)
        problem = report(error, trace_id)
        yield frame(TurnEvent("RUN_ERROR", {"message": problem.detail, "code": problem.code}))


def frame(event: TurnEvent) -> bytes:
    """One event on the wire."""
    data = json.dumps({"type": event.type, **event.data}, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event.type}\ndata: {data}\n\n".encode()

"""Streams: what goes over the wire, and what happens to a turn that nobody reads any more."""

from __future__ import annotations

import asyncio
import json

from agent.events import Emit, TurnEvent
from api import sse


async def test_a_turn_goes_on_when_its_reader_leaves() -> None:
    left, finished = asyncio.Event(), asyncio.Event()

    async def turn(emit: Emit) -> None:
        await emit(TurnEvent("RUN_STARTED", {}))
        await left.wait()
        await emit(TurnEvent("RUN_FINISHED", {}))
        finished.set()

    answer = await sse.stream(turn, "trace")
    frames = answer.body_iterator
    assert b"RUN_STARTED" in bytes(await anext(frames))
    await frames.aclose()  # type: ignore[union-attr]
    left.set()
    await asyncio.wait_for(finished.wait(), 5)


async def test_words_with_line_breaks_and_any_script_stay_in_one_frame() -> None:
    event = TurnEvent("TEXT_MESSAGE_CONTENT", {"delta": "una línea\n\notra: 漢字\r\n"})
    frame = sse.frame(event).decode()
    assert frame.count("\n\n") == 1
    assert json.loads(frame.split("data: ", 1)[1]) == {"type": event.type, **event.data}


async def test_a_long_silence_is_filled_so_that_no_proxy_hangs_up(monkeypatch: object) -> None:
    monkeypatch.setattr(sse, "QUIET_SECONDS", 0.01)  # type: ignore[attr-defined]
    go_on = asyncio.Event()

    async def turn(emit: Emit) -> None:
        await emit(TurnEvent("RUN_STARTED", {}))
        await go_on.wait()

    answer = await sse.stream(turn, "trace")
    frames = answer.body_iterator
    await anext(frames)
    assert bytes(await anext(frames)).startswith(b":")
    go_on.set()
    rest = [bytes(frame) async for frame in frames]
    assert all(frame.startswith(b":") for frame in rest)

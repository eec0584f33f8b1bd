"""What a turn emits while it runs: AG-UI shaped events. Status leaves at once, words only after the rails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TurnEvent:
    """One AG-UI event: its type in capitals, and its fields as they go on the wire."""

    type: str
    data: dict[str, Any]


Emit = Callable[[TurnEvent], Awaitable[None]]


async def ignore(event: TurnEvent) -> None:
    """For callers that only want the reply."""


def step(name: str, *, started: bool) -> TurnEvent:
    return TurnEvent("STEP_STARTED" if started else "STEP_FINISHED", {"stepName": name})


def tool_started(call_id: str, name: str) -> TurnEvent:
    return TurnEvent("TOOL_CALL_START", {"toolCallId": call_id, "toolCallName": name})


def tool_ended(call_id: str) -> TurnEvent:
    return TurnEvent("TOOL_CALL_END", {"toolCallId": call_id})


def words(message_id: str, text: str) -> list[TurnEvent]:
    """A reply that has passed the rails, in pieces of whole words so that a reader sees it arrive."""
    pieces = text.split(" ")
    chunks = [" ".join(pieces[n : n + 8]) for n in range(0, len(pieces), 8)]
    deltas = [chunk if n == len(chunks) - 1 else chunk + " " for n, chunk in enumerate(chunks)]
    return [
        TurnEvent("TEXT_MESSAGE_START", {"messageId": message_id, "role": "assistant"}),
        *(TurnEvent("TEXT_MESSAGE_CONTENT", {"messageId": message_id, "delta": delta}) for delta in deltas),
        TurnEvent("TEXT_MESSAGE_END", {"messageId": message_id}),
    ]

"""What is checkpointed: plain JSON and LangChain messages, sensitive things nested so that they are encrypted.

`memory` outlives the turn (agenda, receipts, pending proposal, history); `turn` is the work at hand and is laid
anew with each message; `messages` is what the planner has seen and answered in this turn.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypedDict

from langchain_core.messages import AnyMessage

from agent.agenda import Agenda, Pending
from agent.budget import Spent
from agent.events import Emit, ignore
from agent.flows.base import Receipt, World
from agent.platform import Platform
from tools.executor import Caller

RECEIPTS_KEPT = 40
TASKS_KEPT = 12
HISTORY_KEPT = 12
HISTORY_MAX = 20
"""messages; past it the older ones go at once, so that between two cuts the history only grows (a prefix to cache)"""


class TurnState(TypedDict):
    """The graph's state."""

    memory: dict[str, Any]
    turn: dict[str, Any]
    messages: list[AnyMessage]


@dataclass(frozen=True)
class TurnContext:
    """What rides beside a run and is never checkpointed: the platform, who asks, the token, where events go."""

    platform: Platform
    caller: Caller
    today: date
    emit: Emit = ignore
    confirmation_token: str | None = None
    code: str | None = field(default=None, repr=False)
    """the one-time code that came with the yes"""
    started: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class Memory:
    """A typed view of `state["memory"]`."""

    agenda: Agenda = field(default_factory=Agenda)
    receipts: tuple[Receipt, ...] = ()
    language: str = "en"
    pending: Pending | None = None
    history: tuple[dict[str, str], ...] = ()
    last: dict[str, Any] | None = None
    spent: Spent = field(default_factory=Spent)
    """what models have used in this conversation"""

    @staticmethod
    def of(state: TurnState) -> Memory:
        data = state.get("memory") or {}
        return Memory(
            agenda=Agenda.from_json(data.get("agenda") or {}),
            receipts=tuple(Receipt.from_json(item) for item in data.get("receipts", ())),
            language=data.get("language", "en"),
            pending=Pending(**data["pending"]) if data.get("pending") else None,
            history=tuple(data.get("history", ())),
            last=data.get("last"),
            spent=Spent(**data.get("spent", {})),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "agenda": self.agenda.recent(TASKS_KEPT).to_json(),
            "receipts": [vars(receipt) for receipt in _newest(self.receipts)[-RECEIPTS_KEPT:]],
            "language": self.language,
            "pending": vars(self.pending) if self.pending else None,
            "history": _recent(self.history),
            "last": self.last,
            "spent": vars(self.spent),
        }

    def world(self, turn_id: str, today: date) -> World:
        return World(today=today, language=self.language, receipts=self.receipts, turn_id=turn_id)

    def receipts_of(self, turn_id: str) -> Sequence[Receipt]:
        return [receipt for receipt in self.receipts if receipt.turn_id == turn_id]


def _recent(history: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return list(history[-HISTORY_KEPT:] if len(history) > HISTORY_MAX else history)


def _newest(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Of several answers to the same call only the newest: what it said before is true no more."""
    latest: dict[str, Receipt] = {}
    for receipt in receipts:
        key = f"{receipt.tool} {sorted(receipt.arguments.items())!r}"
        latest.pop(key, None)
        latest[key] = receipt
    return list(latest.values())

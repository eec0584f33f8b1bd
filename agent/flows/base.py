"""The words in which a flow speaks: look something up, say something, ask something, hand over.

A flow is a pure function `(task, world) -> Step`. It is asked again after every tool result, by the
built-in planner (which turns a `Calls` into tool calls) and by compose (which renders a `Say`), so it
must depend on nothing but its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from agent.agenda import Question, Task, TaskState


@dataclass(frozen=True)
class Call:
    """One tool call the flow needs before it can speak."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Calls:
    """Tool calls that do not depend on each other."""

    calls: tuple[Call, ...]


@dataclass(frozen=True)
class Say:
    """Words by a strict template: its name, its fields (out of receipts) and the state the task ends in.

    blocks: rich parts by marker name; the template places `[[name]]` where one belongs.
    """

    template: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    blocks: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    state: TaskState = "done"
    question: Question | None = None
    proposal_id: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)


Step = Call | Calls | Say
Flow = Callable[[Task, "World"], Step]


@dataclass(frozen=True)
class Receipt:
    """A tool's answer in this conversation. `outcome` is done, refused, fixable, needs_confirmation or failed."""

    call_id: str
    tool: str
    arguments: dict[str, Any]
    outcome: str
    data: dict[str, Any]
    turn_id: str

    @staticmethod
    def from_json(data: dict[str, Any]) -> Receipt:
        return Receipt(**data)


@dataclass(frozen=True)
class World:
    """What a flow may know: the day, the language, and the receipts of this turn (newest last)."""

    today: date
    language: str
    receipts: Sequence[Receipt] = ()
    turn_id: str = ""

    def receipt(self, call: Call) -> Receipt | None:
        """The newest receipt of exactly this call in this turn."""
        for receipt in reversed(self.receipts):
            if receipt.turn_id == self.turn_id and receipt.tool == call.tool and receipt.arguments == call.arguments:
                return receipt
        return None

    def done(self, call: Call) -> dict[str, Any] | None:
        """Its result, when it was done."""
        receipt = self.receipt(call)
        return receipt.data if receipt is not None and receipt.outcome == "done" else None

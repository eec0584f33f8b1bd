"""The words in which a flow speaks: look something up, act, say something, ask something, hand over.

A flow is a pure function `(task, world) -> Say`, read from top to bottom: `world.look(…)` gives a tool's result or,
when the tool has not been called in this turn, raises Need, which the built-in planner turns into the tool call.
The flow is asked again after every answer, and once more by compose, so it depends on nothing but its arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from agent.agenda import OFFER, THEN, Question, Task, TaskState

Outcome = Literal["done", "refused", "fixable", "needs_confirmation", "failed"]


@dataclass(frozen=True)
class Call:
    """One tool call a flow needs before it can speak."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Say:
    """Words by a strict template: its name, its fields (out of receipts) and the state the task ends in.

    blocks: rich parts by marker name; the template places `[[name]]` where one belongs.
    slots: what the task should remember of it.
    """

    template: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    blocks: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    state: TaskState = "done"
    question: Question | None = None
    proposal_id: str | None = None
    slots: Mapping[str, Any] = field(default_factory=dict)


def ask(template: str, fields: Mapping[str, Any], question: Question, **more: Any) -> Say:
    """A Say that ends in a question."""
    return Say(template, fields, state="asking", question=question, **more)


def offer(
    template: str,
    fields: Mapping[str, Any],
    intent: str,
    slots: Mapping[str, Any],
    *,
    then: tuple[str, Mapping[str, Any]] | None = None,
    **more: Any,
) -> Say:
    """An answer that ends by offering a further wish; a plain yes takes it up, anything else lets it lapse.

    then: a wish that is taken up after the offered one.
    """
    question = Question(OFFER, "yes_no")
    offered: dict[str, Any] = {"intent": intent, "slots": dict(slots)}
    if then is not None:
        offered[THEN] = {"intent": then[0], "slots": dict(then[1])}
    return Say(
        template,
        fields,
        state="asking",
        question=question,
        slots={OFFER: offered},
        **more,
    )


class Need(Exception):
    """The flow cannot speak before these calls are answered."""

    def __init__(self, *calls: Call) -> None:
        super().__init__(calls)
        self.calls = calls


class Unanswered(Exception):
    """A look-up was refused or failed; the flow cannot say what it wanted to."""

    def __init__(self, receipt: Receipt) -> None:
        super().__init__(receipt.outcome)
        self.receipt = receipt


Flow = Callable[[Task, "World"], Say]


@dataclass(frozen=True)
class Receipt:
    """A tool's answer in this conversation, as flat data."""

    call_id: str
    tool: str
    arguments: dict[str, Any]
    outcome: Outcome
    data: dict[str, Any]
    turn_id: str

    @staticmethod
    def from_json(data: dict[str, Any]) -> Receipt:
        return Receipt(**data)


@dataclass(frozen=True)
class World:
    """What a flow may know: the day, the language, and the receipts of this conversation (newest last)."""

    today: date
    language: str
    receipts: Sequence[Receipt] = ()
    turn_id: str = ""

    def receipt(self, call: Call) -> Receipt | None:
        """The newest receipt of exactly this call in this turn."""
        for receipt in reversed(self.receipts):
            if (
                receipt.turn_id == self.turn_id
                and receipt.tool == call.tool
                and receipt.arguments == call.arguments
            ):
                return receipt
        return None

    def done(self, call: Call) -> dict[str, Any] | None:
        """Its result, when it was done."""
        receipt = self.receipt(call)
        return receipt.data if receipt is not None and receipt.outcome == "done" else None

    def act(self, tool: str, **arguments: Any) -> Receipt:
        """The receipt of this call, whatever its outcome. Raises Need when it has not been made in this turn."""
        call = Call(tool, arguments)
        receipt = self.receipt(call)
        if receipt is None:
            raise Need(call)
        return receipt

    def look(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of this call. Raises Need, or Unanswered when the tool gave none."""
        receipt = self.act(tool, **arguments)
        if receipt.outcome != "done":
            raise Unanswered(receipt)
        return receipt.data

    def together(self, *calls: Call) -> None:
        """Asks for several independent look-ups at once."""
        missing = [call for call in calls if self.receipt(call) is None]
        if missing:
            raise Need(*missing)

    def lines(self) -> list[dict[str, Any]]:
        """The customer's lines, open ones first."""
        lines: list[dict[str, Any]] = self.look("get_overview")["lines"]
        return sorted(lines, key=lambda line: line["status"] != "open")

    def line(self) -> dict[str, Any]:
        """The line this is about: the first open one. Raises NoLine for a customer without any."""
        lines = self.lines()
        if not lines:
            raise NoLine
        return lines[0]


class NoLine(Exception):
    """The customer has no line."""

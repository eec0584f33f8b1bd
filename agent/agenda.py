"""What the customer wants (tasks) and what we owe by law or policy (obligations). Pure data, kept between turns.

A task lives until it is done, refused, handed off or cancelled; a digression opens another task and leaves
it as it was. An obligation ends only when a committed act or a hand-off has discharged it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

TaskState = Literal["open", "asking", "proposed", "queued", "done", "refused", "handed_off", "cancelled"]
QuestionKind = Literal["yes_no", "choice", "amount", "date", "day", "text"]
OFFER = "offer"
"""The slot of a question that offers a further wish."""
THEN = "then"
"""In an offer: the wish that is taken up after the offered one."""
OFFERED = "offered"
"""The slot of a task that keeps the options it listed, so that another can be chosen later."""
LIVE: frozenset[str] = frozenset({"open", "asking", "proposed", "queued"})


@dataclass(frozen=True)
class Question:
    """What the last reply asked. `slot` is what the answer fills; `choices` are the values offered, in order."""

    slot: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()

    @staticmethod
    def from_json(data: dict[str, Any]) -> Question:
        return Question(data["slot"], data["kind"], tuple(data.get("choices", ())))


@dataclass(frozen=True)
class Task:
    """One wish. `slots` holds what the customer said of it, as JSON values; `asked` counts questions put so far."""

    id: str
    intent: str
    state: TaskState = "open"
    slots: dict[str, Any] = field(default_factory=dict)
    question: Question | None = None
    asked: int = 0
    proposal_id: str | None = None
    said: str = ""
    spoke: str = ""
    """the turn whose reply last spoke of it; turn ids sort by time"""

    @property
    def live(self) -> bool:
        return self.state in LIVE

    def with_slots(self, **slots: Any) -> Task:
        return replace(self, slots={**self.slots, **slots})

    def to_json(self) -> dict[str, Any]:
        question = self.question and {**vars(self.question), "choices": list(self.question.choices)}
        return {**vars(self), "question": question}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Task:
        question = Question.from_json(data["question"]) if data.get("question") else None
        return Task(**{**data, "question": question})


@dataclass(frozen=True)
class Obligation:
    """A duty that the customer's words started. Discharged by the receipt named in `discharged_by`."""

    id: str
    right: str
    evidence: str
    sure: bool = True
    """said in so many words; False when only the classifier saw it, and then nothing is done that costs anything"""
    discharged_by: str | None = None
    duty_id: str | None = None
    due_on: str | None = None

    @staticmethod
    def from_json(data: dict[str, Any]) -> Obligation:
        return Obligation(**data)


@dataclass(frozen=True)
class Pending:
    """The one proposal the last reply showed. typed_yes: it showed nothing else to say yes to."""

    proposal_id: str
    typed_yes: bool


@dataclass(frozen=True)
class Agenda:
    """Tasks in the order they will be worked, and obligations in the order they arose."""

    tasks: tuple[Task, ...] = ()
    obligations: tuple[Obligation, ...] = ()

    @property
    def live(self) -> tuple[Task, ...]:
        return tuple(task for task in self.tasks if task.live)

    def put(self, task: Task) -> Agenda:
        """The agenda with this task replaced, or added at the end when it is new."""
        if any(known.id == task.id for known in self.tasks):
            return replace(self, tasks=tuple(task if known.id == task.id else known for known in self.tasks))
        return replace(self, tasks=(*self.tasks, task))

    def recent(self, most: int) -> Agenda:
        """All that is live or owed, and of what is over the newest, up to `most` tasks."""
        over = [task.id for task in self.tasks if not task.live]
        dropped = set(over[: max(0, len(self.tasks) - most)])
        return replace(self, tasks=tuple(task for task in self.tasks if task.id not in dropped))

    def to_json(self) -> dict[str, Any]:
        return {
            "tasks": [task.to_json() for task in self.tasks],
            "obligations": [dict(vars(item)) for item in self.obligations],
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> Agenda:
        return Agenda(
            tuple(Task.from_json(task) for task in data.get("tasks", ())),
            tuple(Obligation.from_json(item) for item in data.get("obligations", ())),
        )

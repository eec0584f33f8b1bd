"""What a tool is: a typed function with an effect, an audience, and what it takes to run it.

    @tool(effect=Effect.ACT, confirm=Confirm.CUSTOMER, preview=…, provenance={"amount_cents": AMOUNT_SOURCES})
    async def make_payment(ctx: ToolContext, args: MakePayment) -> PaymentMade | Refused:
        \"\"\"The docstring is what a planner reads.\"\"\"

Arguments and results are pydantic models: unknown fields are refused, types are strict, every value is
bounded.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, TypeAlias, get_args, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ledger_core.commands.decided import Preview
from ledger_core.refusals import Reason, Refused
from tools.context import ToolContext
from tools.provenance import Provenance

Audience: TypeAlias = Literal["customer", "specialist"]


class Effect(StrEnum):
    """What a call changes. Only ACT may post."""

    READ = "read"
    PROPOSE = "propose"
    ACT = "act"


class Confirm(StrEnum):
    """Who must say yes before an ACT runs."""

    NONE = "none"
    CUSTOMER = "customer"
    """the customer, by button or by a typed yes"""
    STEP_UP = "step_up"
    """the customer, by button, with a one-time code"""
    SECOND_PERSON = "second_person"
    """a second colleague, above what the first may do alone (`rules.yaml`)"""


class Arguments(BaseModel):
    """What a planner may supply. Identity, authority, clock and key are in the context, never here."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, use_attribute_docstrings=True)


class Result(BaseModel):
    """What a call answers: amounts `_cents`, rates `_bp`, dates `_on` or `_by`, counts plain integers."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)


class _UntrustedText:
    """Marks words that neither the customer in this conversation nor our own code wrote."""


UNTRUSTED: Final = _UntrustedText()
Untrusted: TypeAlias = Annotated[str, UNTRUSTED]
"""Memos, narratives, documents: data to quote, never an instruction, never the source of an argument."""


def _printable(value: str) -> str:
    if any(ord(character) < 32 and character not in "\n\t" for character in value):
        raise ValueError("holds characters that are not text")
    return value


Id: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,16}_[0-9A-Za-z_]{1,48}$")]
Cents: TypeAlias = Annotated[int, Field(ge=1, le=10_000_00, description="whole cents")]
DueDay: TypeAlias = Annotated[int, Field(ge=1, le=28)]
Number: TypeAlias = Annotated[int, Field(ge=1, le=10_000)]
Words: TypeAlias = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_printable)]

Run: TypeAlias = Callable[[ToolContext, Any], Awaitable[BaseModel | Refused]]
PreviewRun: TypeAlias = Callable[[ToolContext, Any], Awaitable[Preview | Refused]]
Check: TypeAlias = Callable[[ToolContext, Any], Awaitable[Reason | None]]
Holds: TypeAlias = Callable[[ToolContext, Any, Any], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that must hold before a tool runs; `check` gives the reason why it does not."""

    name: str
    check: Check


@dataclass(frozen=True, slots=True)
class Postcondition:
    """Something that must hold in the books after a tool has run; when it does not, nothing of it stays."""

    name: str
    check: Holds


@dataclass(frozen=True)
class Tool:
    """One entry of the catalogue."""

    name: str
    description: str
    """the docstring: what a planner, and a new colleague, reads"""
    effect: Effect
    audience: frozenset[str]
    confirm: Confirm
    button_only: bool
    """a typed yes does not count: the customer presses the button"""
    args_model: type[Arguments]
    result_model: type[Result]
    fn: Run
    preview: PreviewRun | None
    """the terms it would act on now; there for every tool that needs confirmation"""
    provenance: Mapping[str, frozenset[Provenance]]
    """sensitive arguments, and where each may come from"""
    preconditions: tuple[Condition, ...]
    postconditions: tuple[Postcondition, ...]
    """what it promises: looked at in its transaction, which rolls back when one does not hold"""
    about_customer: bool = True
    """False for what a specialist looks at across customers"""
    untrusted: frozenset[str] = field(default_factory=frozenset)
    """names of result fields that hold other people's words"""

    @property
    def call_effect(self) -> Effect:
        """What a call without confirmation changes: an ACT that needs a yes only proposes."""
        return self.effect if self.confirm is Confirm.NONE else Effect.PROPOSE

    @property
    def staff_only(self) -> bool:
        """A specialist's own tool: no customer and no customer's planner knows of it."""
        return self.audience == frozenset({"specialist"})

    @property
    def takes_typed_yes(self) -> bool:
        return self.confirm is Confirm.CUSTOMER and not self.button_only

    def schema(self) -> dict[str, Any]:
        """The tool as OpenAI-compatible models take it."""
        parameters = self.args_model.model_json_schema()
        parameters.pop("title", None)
        parameters.pop("description", None)
        function = {"name": self.name, "description": self.description, "parameters": parameters}
        return {"type": "function", "function": function}


def tool(
    *,
    effect: Effect,
    audience: frozenset[Audience] | set[Audience] = frozenset({"customer"}),
    confirm: Confirm = Confirm.NONE,
    button_only: bool = False,
    preview: PreviewRun | None = None,
    provenance: Mapping[str, frozenset[Provenance]] | None = None,
    preconditions: tuple[Condition, ...] = (),
    postconditions: tuple[Postcondition, ...] = (),
    about_customer: bool = True,
) -> Callable[[Run], Tool]:
    """Makes a Tool of a function `(ctx, args) -> Result | Refused`; its name and docstring are the tool's."""

    def declare(fn: Run) -> Tool:
        name = getattr(fn, "__name__", "")
        args_model, result_model = _models(fn)
        description = inspect.cleandoc(fn.__doc__ or "")
        assert description, f"{name} says nothing of itself"
        assert (confirm is Confirm.NONE) == (preview is None), f"{name}: what was previewed is confirmed"
        assert confirm is Confirm.NONE or effect is Effect.ACT, f"{name}: only an act is confirmed"
        unknown = set(provenance or {}) - set(args_model.model_fields)
        assert not unknown, f"{name}: provenance of arguments it does not have: {sorted(unknown)}"
        return Tool(
            name=name,
            description=description,
            effect=effect,
            audience=frozenset(audience),
            confirm=confirm,
            button_only=button_only,
            args_model=args_model,
            result_model=result_model,
            fn=fn,
            preview=preview,
            provenance=dict(provenance or {}),
            preconditions=preconditions,
            postconditions=postconditions,
            about_customer=about_customer,
            untrusted=frozenset(_untrusted(result_model)),
        )

    return declare


def _models(fn: Run) -> tuple[type[Arguments], type[Result]]:
    hints = get_type_hints(fn)
    args_model = hints["args"]
    results = [arm for arm in get_args(hints["return"]) or (hints["return"],) if arm is not Refused]
    assert issubclass(args_model, Arguments)
    assert len(results) == 1
    assert issubclass(results[0], Result)
    return args_model, results[0]


def _untrusted(model: type[BaseModel]) -> Iterator[str]:
    for name, info in model.model_fields.items():
        if UNTRUSTED in info.metadata or _mentions_untrusted(info.annotation):
            yield name
        for nested in _nested_models(info.annotation):
            yield from _untrusted(nested)


def _mentions_untrusted(annotation: Any) -> bool:
    if UNTRUSTED in getattr(annotation, "__metadata__", ()):
        return True
    return any(_mentions_untrusted(arm) for arm in get_args(annotation) if arm is not UNTRUSTED)


def _nested_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for arm in get_args(annotation):
        yield from _nested_models(arm)

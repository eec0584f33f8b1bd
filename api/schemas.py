"""What comes in and goes out over HTTP. Unknown fields are refused; money is integer cents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

TEXT_MAX = 24_000
"""Characters of a message: a complaint that someone wrote out in full fits."""
IdInPath = Annotated[str, Path(pattern=r"^[a-z]+_[0-9A-Za-z_]{1,60}$")]


class Incoming(BaseModel):
    """A request body."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Outgoing(BaseModel):
    """An answer; fields of the source that the contract does not name stay inside."""

    model_config = ConfigDict(from_attributes=True, extra="ignore")


class Login(Incoming):
    """Exactly one of the two."""

    customer_id: Annotated[str, Field(max_length=64)] | None = None
    specialist_id: Annotated[str, Field(max_length=64)] | None = None


class Token(Outgoing):
    access_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105  the scheme's name
    expires_in: int


class TurnRequest(Incoming):
    """One message of the customer. Sending a client_turn_id again returns the first answer."""

    text: Annotated[str, Field(max_length=TEXT_MAX)]
    client_turn_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]

    @field_validator("text")
    @classmethod
    def _is_text(cls, value: str) -> str:
        """Words, not bytes: NUL, control characters and half surrogates could not be stored or read."""
        if not value.strip():
            raise PydanticCustomError("empty_text", "is empty")
        if any(_is_binary(character) for character in value):
            raise PydanticCustomError("binary_text", "holds characters that are not text")
        return value


def _is_binary(character: str) -> bool:
    code = ord(character)
    return (code < 32 and character not in "\n\r\t") or 127 <= code < 160 or 0xD800 <= code <= 0xDFFF


class Empty(Incoming):
    """Nothing to say."""


class Confirmation(Incoming):
    confirmation_token: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(max_length=12)] | None = None
    """The one-time code, for a proposal with `needs_code`."""


class CodeSent(Outgoing):
    """A code is on its way."""

    channel: Literal["email", "text"]
    sent_to: str
    """Masked."""
    expires_at: datetime


class Conversation(Outgoing):
    conversation_id: str


class Reply(Outgoing):
    text: str
    blocks: list[dict[str, Any]]


class ProposalOut(Outgoing):
    id: str
    kind: str
    summary: str
    terms: dict[str, Any]
    rows: list[dict[str, str]]
    """The terms as labelled words, in the customer's language."""
    confirmation_token: str | None
    expires_at: datetime
    status: str | None = None
    needs_code: bool = False
    """A one-time code is asked for beside the token."""


class Turn(Outgoing):
    """The answer to one message or decision."""

    turn_id: str
    conversation_id: str
    status: Literal["answered", "asking", "proposed", "done", "refused", "handed_off", "failed"]
    reply: Reply
    proposal: ProposalOut | None
    tool_calls: list[dict[str, Any]]
    citations: list[dict[str, Any]]
    figures: list[dict[str, Any]]
    agenda: list[dict[str, Any]]
    obligations: list[dict[str, Any]]
    handoff: dict[str, Any] | None
    planner: Literal["builtin", "model"]
    language: str
    trace_id: str | None
    code: Literal["proposal_void"] | None = None
    """proposal_void: what was confirmed no longer stood; `proposal` holds the terms of now, and nothing was done"""


class Message(Outgoing):
    message_id: str
    role: Literal["customer", "assistant"]
    text: str
    at: datetime
    turn: dict[str, Any] | None


class Messages(Outgoing):
    messages: list[Message]


class DemoCustomer(Outgoing):
    customer_id: str
    display_name: str
    product_name: str
    language: str
    state: str
    story: str


class DemoCustomers(Outgoing):
    servicing_date: date
    customers: list[DemoCustomer]


class LetterOut(Outgoing):
    letter_id: str
    channel: str
    to: str
    subject: str
    body: str
    sent_at: datetime


class Letters(Outgoing):
    letters: list[LetterOut]


class ToolCall(Incoming):
    """A specialist's call. The same key with the same arguments gives the first answer."""

    arguments: dict[str, Any] = Field(default_factory=dict, max_length=20)
    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")] | None = None
    conversation_id: Annotated[str, Field(pattern=r"^[a-z]+_[0-9A-Za-z_]{1,60}$")] | None = None


class OutcomeOut(Outgoing):
    """What a call came to; the fields besides `kind` depend on it."""

    kind: Literal["done", "refused", "fixable", "needs_confirmation"]
    result: dict[str, Any] | None = None
    reasons: list[dict[str, Any]] | None = None
    proposal: dict[str, Any] | None = None
    what: str | None = None
    field: str | None = None


class BankAccountForm(Incoming):
    """A bank account, by its numbers."""

    bank_name: Annotated[str, Field(pattern=r"^[^\x00-\x1f<>]{2,60}$")]
    routing: Annotated[str, Field(pattern=r"^[0-9]{9}$")]
    account: Annotated[str, Field(pattern=r"^[0-9]{4,17}$")]
    kind: Literal["checking", "savings"] = "checking"
    nickname: Annotated[str, Field(pattern=r"^[^\x00-\x1f<>]{1,40}$")] | None = None


class ContactForm(Incoming):
    """A new e-mail address, a new phone number, or both."""

    email: (
        Annotated[str, Field(pattern=r"^[^@\s\x00-\x1f]{1,64}@[A-Za-z0-9.-]{1,180}\.[A-Za-z]{2,24}$")] | None
    ) = None
    phone: Annotated[str, Field(pattern=r"^\+?[0-9 ()-]{7,20}$")] | None = None


class FormTaken(Outgoing):
    """Kept, and waiting for the customer's yes."""

    id: str
    status: Literal["pending"]

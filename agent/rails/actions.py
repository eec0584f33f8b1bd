"""The rails' own actions: each answers True when the words may pass. Pure functions over the words and the receipts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field

from agent import claims, figures
from agent.flows.base import Receipt
from agent.rails.language import speaks
from agent.rails.patterns import ADVICE, INJECTION, LURE, PROMISE, THREAT
from agent.rails.pii import mask


@dataclass(frozen=True)
class Draft:
    """What an output rail judges. drafted: the words are a model's, not a template's."""

    text: str
    receipts: Sequence[Receipt]
    language: str
    drafted: bool
    why: list[str] = field(default_factory=list)


JUDGED: ContextVar[Draft] = ContextVar("judged_draft")
MESSAGE: ContextVar[str] = ContextVar("judged_message")


async def input_injection() -> bool:
    """False for words that try to be instructions to the software."""
    return INJECTION.search(MESSAGE.get()) is None


async def input_not_text() -> bool:
    """False when most of it is not words: control characters or one endless token."""
    text = MESSAGE.get()
    strange = sum(not (char.isprintable() or char in "\n\r\t") for char in text)
    return strange * 10 <= len(text) and max((len(word) for word in text.split()), default=0) <= 400


async def output_figures() -> bool:
    """False when a figure resolves to no receipt field."""
    draft = JUDGED.get()
    _, unsupported = figures.resolve(draft.text, draft.receipts)
    draft.why.extend(found.text for found in unsupported)
    return not unsupported


async def output_claims() -> bool:
    """False when a claim of completion has no committed act behind it."""
    draft = JUDGED.get()
    false_claims = claims.unsupported(draft.text, draft.receipts, quoting=not draft.drafted)
    draft.why.extend(false_claims)
    return not false_claims


async def output_promises() -> bool:
    """False for guarantees, threats, and for legal, tax or investment advice."""
    text = JUDGED.get().text
    return not any(pattern.search(text) for pattern in (PROMISE, THREAT, ADVICE))


async def output_language() -> bool:
    """False when a model's words are not in the customer's language. Templates are, by their folder."""
    draft = JUDGED.get()
    return not draft.drafted or speaks(draft.text, draft.language)


async def output_secrets() -> bool:
    """False when the words hold a card number, a social security number, an account number or a password.

    A model's own words may not ask for one, and may not send the customer to an address either.
    """
    draft = JUDGED.get()
    lure = draft.drafted and LURE.search(draft.text) is not None
    return not lure and not mask(draft.text).kinds


ACTIONS: tuple[Callable[[], object], ...] = (
    input_injection,
    input_not_text,
    output_figures,
    output_claims,
    output_promises,
    output_language,
    output_secrets,
)

"""The rails' own actions: a check answers True when the words may pass. Pure, over the words and the receipts.

Colang's cost grows with the number of flows and the events each of them sees (five flows took twice as long as one,
measured), while the checks take microseconds. So one flow per direction runs its checks in order and keeps the name of
the one that objected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date

from agent import claims, figures, model_claims
from agent.flows.base import Receipt
from agent.rails.disclosures import Shown, missing
from agent.rails.fairness import unfair
from agent.rails.language import says_something, speaks
from agent.rails.others import strange_ids, strangers
from agent.rails.patterns import ADDRESSED, ADVICE, INJECTION, LURE, OUR_ID, PROMISE, THREAT
from agent.rails.pii import SECRETS, mask


@dataclass(frozen=True)
class Draft:
    """What an output rail judges. drafted: the words are a model's, not a template's. today: the servicing date.

    said: what the customer has said in this conversation. shown: what a template's reply puts before them.
    """

    text: str
    receipts: Sequence[Receipt]
    language: str
    drafted: bool
    today: date | None = None
    said: str = ""
    shown: Shown = field(default_factory=Shown)
    why: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Heard:
    """What an input rail judges."""

    text: str
    stopped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Others:
    """What other people wrote, with the head's score of each text. left_out: what no model may read."""

    texts: Sequence[str]
    scores: Sequence[float]
    limit: float
    left_out: set[str] = field(default_factory=set)
    judged: list[bool] = field(default_factory=list)
    """holds one True when all texts were looked at"""


OTHERS: ContextVar[Others] = ContextVar("judged_others")
JUDGED: ContextVar[Draft] = ContextVar("judged_draft")
MESSAGE: ContextVar[Heard] = ContextVar("judged_message")


def input_injection() -> bool:
    """False for words that try to be instructions to the software."""
    return INJECTION.search(MESSAGE.get().text) is None


def input_not_text() -> bool:
    """False when most of it is not words: control characters or one endless token."""
    text = MESSAGE.get().text
    strange = sum(not (char.isprintable() or char in "\n\r\t") for char in text)
    return strange * 10 <= len(text) and max((len(word) for word in text.split()), default=0) <= 400


def output_figures() -> bool:
    """False when a figure resolves to no receipt field."""
    draft = JUDGED.get()
    _, unsupported = figures.resolve(draft.text, draft.receipts, drafted=draft.drafted, today=draft.today)
    draft.why.extend(found.text for found in unsupported)
    return not unsupported


def output_claims() -> bool:
    """False when a claim of completion has no committed act behind it."""
    draft = JUDGED.get()
    false_claims = claims.unsupported(draft.text, draft.receipts, quoting=not draft.drafted)
    if draft.drafted:
        false_claims += model_claims.unsupported(draft.text, draft.receipts)
    draft.why.extend(false_claims)
    return not false_claims


def output_promises() -> bool:
    """False for guarantees, threats, and for legal, tax or investment advice."""
    text = JUDGED.get().text
    return not any(pattern.search(text) for pattern in (PROMISE, THREAT, ADVICE))


def output_language() -> bool:
    """False when a model's words are none, or not in the customer's language. Templates are, by their folder."""
    draft = JUDGED.get()
    return not draft.drafted or (says_something(draft.text) and speaks(draft.text, draft.language))


def output_secrets() -> bool:
    """False when the words hold a card number, a social security number, an account number or a password.

    A model's own words may not ask for one, may hold no address or telephone number, and may send nobody to one; nor do
    they need our own ids, which would be somebody else's when they were made up.
    """
    draft = JUDGED.get()
    kinds = set(mask(draft.text).kinds)
    if draft.drafted:
        return not kinds and LURE.search(draft.text) is None and OUR_ID.search(draft.text) is None
    return not kinds & SECRETS


def output_others() -> bool:
    """False when an id or a person's name is none that this conversation's results or its customer brought up."""
    draft = JUDGED.get()
    found = strange_ids(draft.text, draft.receipts)
    if draft.drafted:
        found += strangers(draft.text, draft.receipts, draft.said)
    draft.why.extend(found)
    return not found


def output_fairness() -> bool:
    """False for false urgency, pressure, "risk free", and consequences told wrongly."""
    draft = JUDGED.get()
    found = unfair(draft.text, drafted=draft.drafted)
    draft.why.extend(found)
    return not found


def output_disclosures() -> bool:
    """False when a template's reply lacks what must be shown with it."""
    draft = JUDGED.get()
    found = missing(draft.text, draft.shown, draft.receipts, draft.language)
    draft.why.extend(found)
    return not found


Check = Callable[[], bool]
INPUT_CHECKS: dict[str, Check] = {"input injection": input_injection, "input not text": input_not_text}
OUTPUT_CHECKS: dict[str, Check] = {
    "output figures": output_figures,
    "output completion claims": output_claims,
    "output promises and advice": output_promises,
    "output language": output_language,
    "output secrets": output_secrets,
    "output other people": output_others,
    "output fairness": output_fairness,
    "output disclosures": output_disclosures,
}


async def input_checks() -> bool:
    """True when every input check passes; the first that does not is named in what was judged."""
    return _all_pass(INPUT_CHECKS, MESSAGE.get().stopped)


async def output_checks() -> bool:
    """True when every output check passes; the first that does not is named in what was judged."""
    return _all_pass(OUTPUT_CHECKS, JUDGED.get().stopped)


async def result_checks() -> bool:
    """True when no text of the results instructs the software; those that do are named in what was judged."""
    others = OTHERS.get()
    others.left_out.update(
        text
        for text, score in zip(others.texts, others.scores, strict=True)
        if score >= others.limit or INJECTION.search(text) or ADDRESSED.search(text)
    )
    others.judged.append(True)
    return not others.left_out


def _all_pass(checks: Mapping[str, Check], stopped: list[str]) -> bool:
    for name, check in checks.items():
        if not check():
            stopped.append(name)
            return False
    return True


ACTIONS: tuple[Callable[[], object], ...] = (input_checks, output_checks, result_checks)

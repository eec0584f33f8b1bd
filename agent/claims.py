"""Promise two, the other half: a claim that something was done resolves to a committed act of this conversation.

The patterns look for first-person and passive completion ("I've locked your line", "your payment is scheduled",
"he bloqueado su línea"). Each verb names the tools whose done receipt makes it true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from agent import subjects
from agent.flows.base import Receipt

PAYMENT = {"make_payment", "move_payment", "cancel_payment"}
CLAIMS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"locked|bloquead[oa]|bloqueé", frozenset({"lock_line"})),
    (r"scheduled|programad[oa]|programé", frozenset(PAYMENT | {"set_autopay", "enroll_plan"})),
    (
        r"moved|changed|updated|cambiad[oa]|movid[oa]|cambié|moví|actualicé",
        frozenset(
            {"move_payment", "change_due_date", "set_autopay", "enroll_plan", "change_plan", "record_right"}
        ),
    ),
    (
        r"cancell?ed|stopped|cancelad[oa]|detenid[oa]|cancelé|detuve",
        frozenset(
            {
                "cancel_payment",
                "cancel_draw",
                "cancel_plan",
                "change_plan",
                "stop_autopay",
                "withdraw_dispute",
                "record_right",
            }
        ),
    ),
    (
        r"paid|submitted|sent|enviad[oa]|pagad[oa]|envié|pagué",
        frozenset(PAYMENT | {"request_draw", "hand_off"}),
    ),
    (
        r"raised|increased|lowered|reduced|aumentad[oa]|subid[oa]|aumenté|subí|reducid[oa]|bajé",
        frozenset({"accept_limit", "lower_limit"}),
    ),
    (
        r"waived|refunded|credited|reembolsad[oa]|devuelt[oa]|devolví|reembolsé|perdoné",
        frozenset({"waive_fee"}),
    ),
    (r"opened|filed|abiert[oa]|abrí", frozenset({"open_dispute", "record_right"})),
    (
        r"enrolled|set up|inscrit[oa]|inscribí",
        frozenset({"enroll_plan", "change_plan", "set_autopay", "make_payment"}),
    ),
    (r"passed you|handed (?:you|this)|connected you|passed (?:this|it)|pasado|pasé", frozenset({"hand_off"})),
    (
        r"recorded|noted|logged|registrad[oa]|anotad[oa]|registré|anoté",
        frozenset({"record_right", "hand_off", "open_dispute"}),
    ),
    (r"withdrawn|retirad[oa]", frozenset({"withdraw_dispute"})),
    (r"gone through|went through", frozenset(PAYMENT | {"request_draw", "list_payments", "draw_status"})),
)
NOT_YET_WORDS = (
    "once", "when", "until", "if", "after", "unless", "before", "shall", "can", "could", "should", "may",
    "cuando", "si", "hasta",
)  # fmt: skip
_NOT_YET = "".join(f"(?<!{word} )" for word in NOT_YET_WORDS)
"""A condition or a question is no claim: "once that is paid", "shall I set up"."""
_SUBJECT = (
    r"(?:\b(?:i|we)(?:'ve|’ve| have)?(?: now| just| already| also)?\s+(?:(?:went|gone) ahead and\s+)?"
    r"|\b(?:your|the|that|this)\s+(?:\w+\s+){1,3}?(?:is|are|(?:has|have)(?: now| already| just)? been)"
    r"(?: now| already)?\s+"
    r"|\b(?:it|that)(?:'s|’s| is| has(?: now| already| just)? been)(?: now| already)?\s+"
    r"|\bconsider\s+(?:it|(?:your|the|that|this)\s+(?:\w+\s+){1,2}?)\s*"
    r"|\b(?:your|the|that|this)\s+(?:\w+\s+){1,2}?(?=went through)"
    r"|\bya (?:(?:le|lo|la|se) )?(?:he )?"
    r"|(?:^|[.!?\n:]\s*)(?:yo )?(?:le |lo |la )?"
    r"(?=(?:abrí|programé|bloqueé|cancelé|envié|devolví|inscribí|registré|subí)\b)"
    r"|\b(?:he|hemos|ha sido|fue|está|queda|quedó|han sido|(?:lo|la|le) he|(?:lo|la|le) hemos)\s+(?:ya )?)"
)
RECEIVED = frozenset({"received", "recibido", "recibidos"})
"""what comes to us is no deed of ours"""
_SPANISH = {
    "received": "recibid", "settled": "liquidad", "scheduled": "programad", "cancelled": "cancelad",
    "returned": "devuelt", "locked": "bloquead", "open": "abiert", "closed": "cerrad", "verified": "verificad",
    "waived": "perdonad",
}  # fmt: skip
"""states in Spanish, without their ending"""
_HAPPENED = {
    "received_on": "received",
    "settled_on": "settled",
    "returned_on": "returned",
    "waived_on": "waived",
}
"""days that tell by being there that something happened"""
_OURS = re.compile(r"(?i)\W*(?:(?:ya|yo|le|lo|la|les|se)\s+)*(?:i|we|he|hemos|\w+é)\b")
"""the first person, of either language"""
_PATTERNS = tuple(
    (re.compile(_NOT_YET + _SUBJECT + rf"(?:{verbs})\b", re.I), tools) for verbs, tools in CLAIMS
)


@dataclass(frozen=True)
class Record:
    """What receipts bear out: the tools that were done, the words of states they read, the passages they quote.

    told: each state with what it is of.
    """

    done: frozenset[str]
    told: frozenset[tuple[str, str]]
    quoted: str

    @property
    def states(self) -> frozenset[str]:
        return frozenset(word for word, _ in self.told)

    @classmethod
    def of(cls, receipts: Iterable[Receipt]) -> Record:
        """The record of a conversation's receipts, or of some of them."""
        done = [receipt for receipt in receipts if receipt.outcome == "done"]
        passages = [p for one in done if one.tool == "search_policies" for p in one.data["passages"]]
        return cls(
            frozenset(one.tool for one in done),
            frozenset(told for one in done for told in _states(one.data, subjects.OF_TOOL.get(one.tool, ""))),
            "".join(" ".join(p["text"].split()) for p in passages),
        )

    def bears_out(self, claim: str, tools: frozenset[str], *, of_same: bool = False) -> bool:
        """Whether one of the tools was done, or what the claim says of a thing is a state that was read.

        A state says how a thing stands, not who brought it there: "I have scheduled it" needs the act. of_same: what
        bears a claim out must be of the thing that the claim names.
        """
        spoken_of = subjects.named(claim) if of_same else frozenset()
        acts = {
            tool for tool in tools & self.done if subjects.fits(subjects.OF_TOOL.get(tool, ""), spoken_of)
        }
        return bool(acts) or self.reads(claim, of_same=of_same)

    def reads(self, claim: str, *, of_same: bool = False) -> bool:
        """Whether a state that was read has the claim's last word, and the claim is not of a deed of ours."""
        word = claim.split()[-1].lower()
        stem = re.sub(r"[oa]s?$", "", word)
        spoken_of = subjects.named(claim) if of_same else frozenset()
        known = any(
            (state == word or _SPANISH.get(state) == stem) and subjects.fits(subject, spoken_of)
            for state, subject in self.told
        )
        return known and (_OURS.match(claim) is None or word in RECEIVED)


def unsupported(text: str, receipts: Iterable[Receipt], *, quoting: bool = False) -> list[str]:
    """Claims of completion in the words that nothing bears out, as they stand in the text.

    quoting: the words may quote policy passages, whose sentences claim nothing.

    A done act bears out its own verbs; a status that a tool has read ("scheduled", "locked") bears out the same word.
    """
    record = Record.of(receipts)
    return [
        match.group()
        for pattern, tools in _PATTERNS
        for match in pattern.finditer(text)
        if not record.bears_out(match.group(), tools) and not (quoting and match.group() in record.quoted)
    ]


def spans_borne_out(text: str, record: Record) -> list[tuple[int, int]]:
    """Where the text claims what the record bears out of the very thing."""
    return [
        match.span()
        for pattern, tools in _PATTERNS
        for match in pattern.finditer(text)
        if record.bears_out(match.group(), tools, of_same=True)
    ]


def _states(data: Any, subject: str) -> Iterator[tuple[str, str]]:
    if isinstance(data, dict):
        subject = subjects.within(data, subject)
        for key, value in data.items():
            of = subjects.OF_KEY.get(key, subject)
            if value is True:
                yield key, of
            if value and key in _HAPPENED:
                yield _HAPPENED[key], of
            if value and key == "autopay":
                yield "on", of
            yield from _states(value, of)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _states(value, subject)
    elif isinstance(data, str) and len(data) < 20:
        yield data.lower(), subject

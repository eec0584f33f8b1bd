"""What a claim or a state is about: a closed dispute bears out nothing of a line. Pure."""

from __future__ import annotations

import re
from typing import Any

NOUNS = {
    "autopay": r"autopay|auto-?pay|automatic payments?|pagos? autom[aá]ticos?",
    "bank": r"bank accounts?|cuentas? (?:de banco|bancarias?)",
    "payment": r"payments?|pagos?",
    "draw": r"draws?|cash|money|transfers?|retiros?|dinero",
    "dispute": r"disputes?|disputas?",
    "plan": r"plans?|plan(?:es)?|program\w*",
    "limit": r"limits?|l[ií]mites?",
    "fee": r"fees?|charges?|cargos?",
    "due date": r"due dates?|fechas?",
    "complaint": r"complaints?|quejas?",
    "line": r"lines?|accounts?|l[ií]neas?|cuentas?",
}
"""what is spoken of; the longer name first: a bank account is not the account"""
OF_KEY = {
    "autopay": "autopay", "plan": "plan", "pending_draws": "draw", "scheduled_payments": "payment",
    "open_disputes": "dispute", "lines": "line", "payments": "payment", "draws": "draw", "disputes": "dispute",
    "accounts": "bank", "fees": "fee", "decisions": "limit",
}  # fmt: skip
"""part of a tool's result → what its states are about"""
OF_TOOL = {
    "make_payment": "payment", "move_payment": "payment", "cancel_payment": "payment", "list_payments": "payment",
    "request_draw": "draw", "cancel_draw": "draw", "open_dispute": "dispute", "withdraw_dispute": "dispute",
    "dispute_status": "dispute", "set_autopay": "autopay", "stop_autopay": "autopay", "enroll_plan": "plan",
    "cancel_plan": "plan", "accept_limit": "limit", "lower_limit": "limit", "waive_fee": "fee", "explain_fee": "fee",
    "lock_line": "line", "get_overview": "line", "list_bank_accounts": "bank", "change_due_date": "due date",
    "record_right": "complaint",
}  # fmt: skip
"""tool → what it does or tells is about; a tool that is not here is about anything"""
KINDS = frozenset({"draw", "payment", "fee"})
_NAMED = {name: re.compile(rf"(?i)\b(?:{words})\b") for name, words in NOUNS.items()}


def named(words: str) -> frozenset[str]:
    """What the words speak of; empty for "it" and "that"."""
    found = []
    for name, pattern in _NAMED.items():
        if pattern.search(words):
            found.append(name)
            words = pattern.sub("", words)
    return frozenset(found)


def within(data: dict[str, Any], subject: str) -> str:
    """What an entry of a tool's result is about: its kind says so, or else what is around it."""
    kind = data.get("kind")
    return kind if isinstance(kind, str) and kind in KINDS else subject


def fits(subject: str, spoken_of: frozenset[str]) -> bool:
    """Whether something about `subject` may bear out words about these; "" is about anything, and no noun names any."""
    return not spoken_of or not subject or subject in spoken_of

"""What a figure is said to be: a true amount in the wrong place ("your minimum is" the balance) is a wrong figure.

A role is named by words beside the figure in the same sentence. Each role says which receipt fields may bear it out;
a figure with no such word beside it may come from any field. For a model's words: templates are filled by field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """kinds: the figures it speaks of; said: the words; borne_out_by: the fields that may support it."""

    name: str
    kinds: frozenset[str]
    said: re.Pattern[str]
    borne_out_by: re.Pattern[str]


def _role(name: str, kinds: str, said: str, borne_out_by: str) -> Role:
    return Role(name, frozenset(kinds.split()), re.compile(rf"(?i)\b(?:{said})"), re.compile(borne_out_by))


ROLES = (
    _role(
        "minimum",
        "money",
        r"minimum|least (?:to|you (?:can|have to)) pay|m[ií]nimo",
        r"minimum|min_|past_due|payment_cents",
    ),
    _role("available", "money", r"available|free to draw|left to draw|disponible", r"available"),
    _role("limit", "money", r"limit(?! increase)|l[ií]mite", r"limit|max|asked"),
    _role(
        "payoff",
        "money",
        r"payoff|pays? (?:it |everything |all |your line |the line )?off|liquida\w*",
        r"payoff|owed|total",
    ),
    _role("past due", "money", r"past due|overdue|vencido|atrasad[oa]", r"past_due|unpaid|minimum"),
    _role(
        "owed",
        "money",
        r"you(?: still)? owe|balance|saldo|debe\b|usted debe",
        r"owed|balance|payoff|principal|total|average",
    ),
    _role("fee", "money", r"fees?\b|cargos?\b|comisi[oó]n", r"fee|amount|waived|total|change"),
    _role(
        "interest",
        "money",
        r"interest(?! rate)|inter[eé]s(?:es)?\b(?! anual)",
        r"interest|per_day|change|earlier|later|total|saved|cost|draw_cents|rate_cents|days_cents|amount",
    ),
    _role(
        "due date",
        "date",
        r"due\b|vence|venc[ií]a|fecha de pago|(?:to pay|pay|least to pay) by|pagar hasta",
        r"due|pay_on|good_through|payment_on",
    ),
    _role("close", "date", r"closes|cierra", r"close|cycle|ends"),
    _role("cycle end", "date", r"interest to|inter[eé]s hasta", r"ends|cycle|close|as_of"),
    _role("settled", "date", r"settled|se liquid[oó]", r"settle"),
    _role("counted", "date", r"counted from|cuenta desde|cont[oó] desde", r"effective|received|pay_on"),
    _role("arrived", "date", r"arrived|lleg[oó]", r"arrived|received|paid|effective"),
)
_NAMES = re.compile(
    "|".join(f"(?P<r{n}>{role.said.pattern.removeprefix('(?i)')})" for n, role in enumerate(ROLES)), re.I
)
BEFORE_CHARS = 45
"""how far from a figure its role may be named"""
_STOP = re.compile(r"[.;!?\n](?:\s|$)|\d|[,]\s|\b(?:and|but|y|pero|instead of|en vez de|of your|de su)\b")
_COPULA = re.compile(
    r"(?i)(?:\s|\*|\||:|at least|a lo menos|is|are|was|of|by|on|to|at|es|el|de|son|fue|para|now|today|hoy|still|payment"
    r"|due|just|about|it|el día|será|will be|debe|owe|balance|actual)*$"
)
"""what may stand between a role and its figure"""


def of(kind: str, text: str, start: int) -> Role | None:
    """The role that the words just before the figure name, if they lead up to it."""
    before = text[max(0, start - BEFORE_CHARS) : start]
    for match in reversed(list(_NAMES.finditer(before))):
        between = before[match.end() :]
        if _STOP.search(between) or not _COPULA.match(between):
            return None
        role = ROLES[int(str(match.lastgroup)[1:])]
        if kind in role.kinds:
            return role
    return None

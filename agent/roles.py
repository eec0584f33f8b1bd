"""What a figure is said to be: a true amount in the wrong place ("your minimum is" the balance) is a wrong figure.

A role is named by words beside the figure in the same sentence, or at the head of its column. Each role says which
receipt fields may bear it out; a figure with no such word beside it may come from any field. Amounts are held to their
roles in a model's words; days in a template's too, where a slip of a flow would put the closing day for the due one.
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
        "pay by",
        "date",
        r"(?:least|minimum|m[ií]nimo)[^.;\n]{0,24}?\$[\d,]+\.\d\d\W{1,4}(?:by|(?:is )?due|hasta el|vence el)"
        r"|least (?:to|you (?:can|have to|need to)) pay by",
        r"(?<!last_statement\.)due_on|new_due|next_due|first_due",
    ),
    _role(
        "minimum",
        "money",
        r"minimum|least (?:to|you (?:can|have to|need to)) pay|m[ií]nimo",
        r"minimum|min_|past_due|payment_cents|payments\.",
    ),
    _role("available", "money", r"available|free to draw|left to draw|still draw|disponible", r"available"),
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
        r"owed|balance|payoff|total|average",
    ),
    _role("fee", "money", r"fees?\b|cargos?\b|comisi[oó]n", r"fee|amount|waived|total|change"),
    _role("cycle end", "date", r"interest to|inter[eé]s hasta", r"ends|cycle|close|as_of"),
    _role(
        "interest",
        "money",
        r"interest(?! rate)|inter[eé]s(?:es)?\b(?! anual)",
        r"interest|per_day|change|earlier|later|total|saved|cost|draw_cents|rate_cents|days_cents|amount",
    ),
    _role(
        "due date",
        "date count day",
        r"due\b|vencen?\b|venc[ií]a|fecha de (?:pago|vencimiento)|vencimiento|next payment|pr[oó]ximo pago"
        r"|(?:to pay|pay|least to pay) by|pagar(?: a m[aá]s tardar)? (?:hasta|antes de)l?",
        r"(?<!last_statement\.)due_on|new_due|next_due|first_due|due_day|payment_on|through",
    ),
    _role(
        "close",
        "date",
        r"closes|closing date|cycle ends|ciclo termina|cierra|fecha de (?:cierre|corte)",
        r"close|this_cycle_ends",
    ),
    _role(
        "ended",
        "date",
        r"ended|closed|that ends|termin[oó]|cerr[oó]|(?:statement|estado(?: de cuenta)?) (?:of|del?)",
        r"cycle_end|ends|closed|done|last_payment",
    ),
    _role("good through", "date", r"good through|v[aá]lid[oa]s? hasta", r"through|expires"),
    _role(
        "until",
        "date",
        r"have until|no later than|deadline|tiene hasta|antes de|a m[aá]s tardar|plazo",
        r"due|through|until|expires|latest|pay_on|_by|settles",
    ),
    _role(
        "today",
        "date",
        r"as of(?: today)?,?|today,|hoy,|al d[ií]a de hoy,?",
        r"as_of|^on$|requested|received",
    ),
    _role("charged", "date", r"charged on|se cobr[oó]", r"charged|\.on$|^on$"),
    _role(
        "statement number",
        "count",
        r"statement(?: is)?(?: \(?(?:number|no\.|#))?|estado(?: de cuenta| más reciente)?(?: es el)?"
        r"(?: \(?n[uú]m(?:ero|\.))?",
        r"number$",
    ),
    _role("settled", "date", r"settled(?: it)?|(?:se|lo) liquid[oó]|liquidad[oa]", r"settle|items\.\d+\.on$"),
    _role(
        "counted",
        "date",
        r"counted from|cuenta desde|cont[oó] desde|received(?: it)?|recibi\w+|arrived|lleg[oó]",
        r"arrived|paid_on|effective|received|^on$",
    ),
    _role("opened", "date", r"opened|abri[oó]", r"opened|received|requested|acknowledged"),
    _role(
        "paid on",
        "date",
        r"pa(?:y|gar) \$[\d,]+(?:\.\d\d)?\*{0,2} (?:on|el)",
        r"pay_on|^on$|effective|due_on|earliest|dates",
    ),
)
_NAMES = re.compile(
    "|".join(f"(?P<r{n}>{role.said.pattern.removeprefix('(?i)')})" for n, role in enumerate(ROLES)), re.I
)
BEFORE_CHARS = 70
"""how far from a figure its role may be named"""
_STOP = re.compile(r"[.;!?\n](?:\s|$)|\d|[,]\s|\b(?:and|but|y|pero|instead of|en vez de|of your|de su)\b")
_COPULA = re.compile(
    r"(?i)(?:\s|\*|\||:|[(–—-]|at least|a lo menos|is|are|was|of|by|on|to|at|es|el|la|de|del|son|fue|para|now|today|hoy"
    r"|still|payment|due|just|about|it|the|a|el día|será|será de|will be|debe|owe|balance|actual|current|currently|line"
    r"|credit|crédito|amount|date|day|again|next|up|stands|sits|comes|total|here|up to|set|date's|left|al día|ser)*$"
)
"""what may stand between a role and its figure"""
_WEEKDAY = re.compile(
    r"(?i)\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|lunes|martes|mi[eé]rcoles|jueves|viernes|s[aá]bado|domingo),?\s*$"
)
_AFTER = re.compile(
    r"\*{0,2}\s*(?:(?:is|are|is still|of|in|de|en|still|late|más)\s+){0,2}"
    r"(?P<said>available|disponibles?|minimum|mínimo|past due|overdue|vencidos?|limit\b(?! increase)|límite"
    r"|balance|saldo|interest\b|inter[eé]s(?:es)?\b|fees?\b|cargos?\b)",
    re.I,
)
"""a role named right behind its figure: "$50.00 available", "the $25.00 minimum" """


def of(kind: str, text: str, start: int, end: int) -> Role | None:
    """The role that the words before the figure name, if they lead up to it; else the words behind, or its column."""
    row = text.rfind("\n", 0, start) + 1
    role = _before(kind, text[max(row, start - BEFORE_CHARS) : start])
    if role is not None:
        return role
    behind = _AFTER.match(text, end)
    if behind:
        return _named(kind, behind["said"])
    head = _column_head(text, start)
    return _named(kind, head) if head else None


def _before(kind: str, before: str) -> Role | None:
    before = _WEEKDAY.sub("", before)
    for match in reversed(list(_NAMES.finditer(before))):
        between = before[match.end() :]
        if _STOP.search(between) or not _COPULA.match(between):
            return None
        role = ROLES[int(str(match.lastgroup)[1:])]
        if kind in role.kinds:
            return role
    return None


def _named(kind: str, words: str) -> Role | None:
    return next((role for role in ROLES if kind in role.kinds and role.said.search(words)), None)


def _column_head(text: str, start: int) -> str | None:
    """The cell at the head of the figure's column; None outside a table and in its first row."""
    lines = text[:start].split("\n")
    if not lines[-1].lstrip().startswith("|"):
        return None
    first = len(lines) - 1
    while first > 0 and lines[first - 1].lstrip().startswith("|"):
        first -= 1
    column = lines[-1].count("|")
    cells = lines[first].split("|")
    return cells[column] if first < len(lines) - 1 and column < len(cells) else None

"""Other people's data in words that leave: ids that no result holds, and names of people nobody here has named. Pure.

Tools read only what is this customer's, so a value that no result of the conversation holds is invented or somebody
else's. Figures are `agent/figures.py`'s part; these are the values that are no figures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from agent.flows.base import Receipt
from agent.rails.patterns import OUR_ID

_NAME = r"[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+"
_FULL = rf"{_NAME}(?:[ -]{_NAME}){{1,3}}"
_TITLED = re.compile(rf"\b(?:Mrs?|Ms|Dr|Sr|Sra|Srta|Don|Doña|Señora?|Señor)\.?\s+({_NAME}(?: {_NAME})*)")
_OWNED = re.compile(
    rf"\b({_NAME}(?: {_NAME})*)['’]s\s+(?:\w+\s+)?(?:account|line|balance|payment|draw|limit|statement|debt|dispute)\b"
    rf"|\b(?:account|line|balance|payment|draw|limit|statement|debt)s?\s+(?:of|for|belonging to|held by)\s+({_FULL})"
    rf"|\b(?:cuenta|línea|saldo|pago|retiro|límite|deuda)s?\s+(?:de|a nombre de)\s+({_FULL})"
)
_GREETED = re.compile(
    rf"(?:^|[.!?]\s+|¡)(?:[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear|[Tt]hanks?|[Tt]hank you|[Hh]ola|[Gg]racias|[Ee]stimad[oa])"
    rf"[ ,]+({_NAME})\b(?=[,.!:]|\s+{_NAME}|\s*$)",
    re.M,
)
_ANOTHER = re.compile(
    r"(?i)\b(?:an?other|different|other) (?:customer|client|user|person|account holder|borrower)(?:['’]?s['’]?)?\s+"
    r"(?:\w+\s+){0,2}?(?:account|line|balance|owes|pays?|paid|has|have|drew)\b"
    r"|\b(?:otr[oa]s?) (?:client[ea]s?|personas?|usuari[oa]s?|titular(?:es)?)\s+(?:\w+\s+)?(?:debe|tiene|paga|pagó|retiró)n?\b"
)
_NO_NAMES = frozenset(
    """Cash Line Flex Membership Eastern Time January February March April May June July August September October
    November December Monday Tuesday Wednesday Thursday Friday Saturday Sunday Your You The This That There Team
    Support Care Customer Service Again So For Por Su Usted Cliente Equipo Autopay Statements Credit Estado Cuenta""".split()
)


def strange_ids(text: str, receipts: Sequence[Receipt]) -> list[str]:
    """Ids of ours in the words that no result of this conversation holds."""
    named = dict.fromkeys(OUR_ID.findall(text))
    if not named:
        return []
    known = set(_strings([receipt.data for receipt in receipts]))
    return [one for one in named if one not in known]


def strangers(text: str, receipts: Sequence[Receipt], said: str) -> list[str]:
    """Names of people in a model's words that neither a result nor the customer has, and talk of other customers."""
    names = [
        name
        for pattern in (_TITLED, _OWNED, _GREETED)
        for match in pattern.finditer(text)
        for name in [next(group for group in match.groups() if group)]
        if not set(name.split()) <= _NO_NAMES
    ]
    found = [match.group() for match in _ANOTHER.finditer(text)]
    if names:
        known = f"{said} {' '.join(_strings([receipt.data for receipt in receipts]))}".lower()
        found += [name for name in names if name.lower() not in known]
    return found


def _strings(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for value in data.values():
            yield from _strings(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _strings(value)
    elif isinstance(data, str):
        yield data

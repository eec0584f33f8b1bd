"""The words of a proposal: a summary line and labelled rows, rendered from its terms by a template.

`proposal_words/<language>.yaml` holds, per tool: `summary` with `{field}` places (or one summary for each
value of the field that `by` names), `rows` from a field of the terms to its label, in order, and notes on
what changes and what stays. A row whose field is absent, empty, no or nothing is left out, but for fees,
interest and minimums. `values` gives names for codes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from ledger_core.money import Money
from tools.proposals import Row

LANGUAGES: Final = ("en", "es")
_FOLDER: Final = Path(__file__).parent / "proposal_words"
_DATES: Final = ("_on", "_by")
_AT_ZERO: Final = frozenset({"fee_cents", "interest_cents", "minimum_due_cents"})
"""what is worth saying when it is nothing"""


@dataclass(frozen=True, slots=True)
class Words:
    """What a customer reads before they say yes."""

    summary: str
    rows: tuple[Row, ...]


def of(tool: str, terms: Mapping[str, Any], language: str) -> Words:
    """The words for these terms. A tool without words is a programmer's error."""
    common = _file(language if language in LANGUAGES else "en")
    entry = common["tools"][tool]
    told = {name: _told(name, value, common) for name, value in terms.items() if value not in (None, [])}
    summary = entry["summary"]
    if isinstance(summary, Mapping):
        summary = summary[terms[entry["by"]]]
    rows = [Row(label, told[name]) for name, label in entry["rows"].items() if is_told(name, terms)]
    rows += [Row(common["notes"][kind], entry[kind]) for kind in ("changes", "stays") if kind in entry]
    return Words(summary.format_map(told), tuple(rows))


def notes(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of a proposal's rows on the wire: what changes and what stays the same, in the language they are in."""
    labels = {label for language in LANGUAGES for label in _file(language)["notes"].values()}
    return [str(row["value"]) for row in rows if row["label"] in labels]


def plain(terms: Mapping[str, Any]) -> dict[str, Any]:
    """Terms as JSON values, so that stored and new ones compare."""
    return {name: _plain(value) for name, value in terms.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def label(tool: str, name: str, language: str) -> str | None:
    """What the row of this term is called in the words of the tool; None for a term without a row."""
    words: str | None = _file(language if language in LANGUAGES else "en")["tools"][tool]["rows"].get(name)
    return words


def is_told(name: str, terms: Mapping[str, Any]) -> bool:
    """Whether the term gets a row: it is there, and it is not nothing, but for what is worth saying at zero."""
    return bool(terms.get(name)) or (name in _AT_ZERO and terms.get(name) == 0)


def _told(name: str, value: Any, common: Mapping[str, Any]) -> str:
    if isinstance(value, bool):
        return str(common["values"][value])
    if name.endswith("_cents"):
        return str(Money(value))
    if name.endswith("_bp"):
        return f"{value // 100}.{value % 100:02d} %"
    if name.endswith(_DATES):
        return _day(value, common)
    if name == "payments":
        return _schedule(value, common)
    return str(common["values"].get(value, value))


def _day(iso: str, common: Mapping[str, Any]) -> str:
    on = date.fromisoformat(iso)
    told: str = common["day"].format(month=common["months"][on.month - 1], day=on.day, year=on.year)
    return told


def _schedule(payments: list[dict[str, Any]], common: Mapping[str, Any]) -> str:
    """Runs of equal payments, each with its count, amount, first and last day."""
    runs: list[list[dict[str, Any]]] = []
    for payment in payments:
        if runs and runs[-1][0]["amount_cents"] == payment["amount_cents"]:
            runs[-1].append(payment)
        else:
            runs.append([payment])
    return "; ".join(
        common["one_payment" if len(run) == 1 else "equal_payments"].format(
            count=len(run),
            amount=Money(run[0]["amount_cents"]),
            first=_day(run[0]["due_on"], common),
            last=_day(run[-1]["due_on"], common),
        )
        for run in runs
    )


@cache
def _file(language: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load((_FOLDER / f"{language}.yaml").read_text())
    return loaded

"""What must be shown: a reply by template that lacks a disclosure it owes does not leave. Pure, over the reply's words.

Which reply owes what is data (`prompts/disclosures.yaml`), with the source of each duty beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from agent.figures import extract
from agent.flows.base import Receipt
from tools import wording
from tools.limits import statement

FILE = Path(__file__).resolve().parents[2] / "prompts" / "disclosures.yaml"


@dataclass(frozen=True)
class Shown:
    """What a reply by template puts before the customer: its templates, and the proposals whose rows go with it."""

    templates: Collection[str] = ()
    proposals: Collection[str] = ()


@cache
def _owed() -> dict[str, dict[str, dict[str, Any]]]:
    owed: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return owed


def missing(text: str, shown: Shown, receipts: Sequence[Receipt], language: str) -> list[str]:
    """The disclosures that the reply owes and lacks, by reply and field."""
    found = [
        f"{receipt.tool}: {name}"
        for receipt in receipts
        if receipt.data.get("proposal", {}).get("id") in shown.proposals
        for name in _not_in_rows(receipt.tool, receipt.data["proposal"], language)
    ]
    for template, duty in _owed()["replies"].items():
        told = [one for one in receipts if one.tool == duty["tool"] and one.outcome == "done"]
        if template in shown.templates and told:
            found += [f"{template}: {name}" for name in _not_said(text, duty, told[-1].data, language)]
    return found


def _not_in_rows(tool: str, proposal: Mapping[str, Any], language: str) -> Iterator[str]:
    terms = proposal["terms"]
    shown = {row["label"] for row in proposal["rows"]}
    for name in _owed()["proposals"].get(tool, {}).get("rows", ()):
        if wording.is_told(name, terms) and wording.label(tool, name, language) not in shown:
            yield name


def _not_said(text: str, duty: Mapping[str, Any], data: Mapping[str, Any], language: str) -> Iterator[str]:
    for part in str(duty.get("within", "")).split(".") if "within" in duty else ():
        data = data[int(part)] if part.isdigit() else data[part]  # type: ignore[index]
    if "when" in duty and not data.get(duty["when"]):
        return
    said = {(one.kind, one.value) for one in extract(text)}
    for name in duty.get("figures", ()):
        if data.get(name) is not None and said.isdisjoint(_written(name, data[name])):
            yield name
    if "where" not in duty or data.get("outcome") in duty["where"]:
        for reason in data.get(duty.get("reasons", ""), ()):
            if statement(reason, language)[0] not in text:
                yield f"reason {reason}"


def _written(name: str, value: Any) -> set[tuple[str, Any]]:
    """How a figure is found in words."""
    if name.endswith("_cents"):
        return {("money", abs(value))}
    on = date.fromisoformat(str(value)[:10])
    return {("date", (on.month, on.day, year)) for year in (0, on.year)}

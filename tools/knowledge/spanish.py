"""The sections most asked for, in Spanish: the same section, version and date, in the customer's language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

SPANISH = Path(__file__).parent / "policies" / "es"


@dataclass(frozen=True)
class SpanishSection:
    """A section's Spanish wording, and the version of the English text that it renders."""

    title: str
    heading: str
    text: str
    effective_on: date


def section(document: str, version: str, number: str) -> SpanishSection | None:
    """The Spanish wording of this very version of a section; None where there is none."""
    return _sections().get((document, version, number))


@cache
def _sections() -> dict[tuple[str, str, str], SpanishSection]:
    found = {}
    for path in sorted(SPANISH.glob("*.yaml")):
        spec: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for number, words in spec["sections"].items():
            key = (spec["id"], spec["version"], number)
            found[key] = SpanishSection(spec["title"], words["heading"], words["text"], spec["effective_on"])
    return found

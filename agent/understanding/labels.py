"""Names of the intents, and how rows of outside intent sets map onto them (labels.yaml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("labels.yaml")
REJECTS = frozenset({"out_of_scope", "smalltalk"})


@cache
def mapping() -> dict[str, Any]:
    """The mapping file as it is: intents, aliases, map, domain_map, refine."""
    spec: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return spec


def names() -> tuple[str, ...]:
    """Canonical intents, then the finer ones that flows need, in a fixed order."""
    spec = mapping()
    return (*spec["intents"], *spec["aliases"])


def canonical(name: str) -> str:
    """The canonical intent of a finer one; any other name as it is."""
    return str(mapping()["aliases"].get(name, name))


def accepted(data_set: str, row: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Right intents for a row of an outside set, best first; None where the set's label is not mapped."""
    spec = mapping()
    label = row["label"]
    base = spec["map"].get(data_set, {}).get(label) or spec["domain_map"].get(data_set, {}).get(
        row.get("domain")
    )
    if base is None:
        return None
    for rule in spec["refine"]:
        fits = rule["dataset"] == data_set and label in rule["labels"]
        if fits and re.search(rule["pattern"], row["text"], re.I):
            return tuple(rule["accept"])
    return tuple(base)

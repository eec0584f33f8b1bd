"""Prompts and reply templates are files: Markdown with a header that declares id, version, inputs and owner.

The loader refuses a file whose placeholders differ from its declared inputs, so that a renamed field is found
at start and not in front of a customer. The content hash of a file rides on every trace it takes part in.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import StrictUndefined, Template, meta
from jinja2.sandbox import SandboxedEnvironment

ROOT = Path(__file__).resolve().parent.parent / "prompts"
_PARSER = SandboxedEnvironment(autoescape=False, undefined=StrictUndefined)
_PARSER.filters.update(
    dict.fromkeys(("money", "pct", "day", "month_year", "why", "would_help"), str)
)  # named here, written by compose


class PromptInvalid(Exception):
    """A prompt file lacks its header, or its placeholders are not the inputs it declares."""


@dataclass(frozen=True)
class PromptFile:
    """A prompt as loaded: its identity, what it needs, its words, and the hash of the whole file."""

    id: str
    version: int
    inputs: frozenset[str]
    owner: str
    body: str
    hash: str
    facts: Mapping[str, Any]
    """figures that the words themselves state (a law's cap, a term of the product), by receipt-like names"""


@cache
def load(name: str) -> PromptFile:
    """The prompt at `prompts/<name>.md`. Raises PromptInvalid, naming the file and the difference."""
    path = ROOT / f"{name}.md"
    raw = path.read_text(encoding="utf-8")
    head, separator, body = raw.removeprefix("---\n").partition("\n---\n")
    if not raw.startswith("---\n") or not separator:
        raise PromptInvalid(f"{name}: no header")
    header = yaml.safe_load(head)
    missing = {"id", "version", "inputs", "owner"} - set(header)
    if missing:
        raise PromptInvalid(f"{name}: header lacks {sorted(missing)}")
    declared = frozenset(header["inputs"] or ())
    used = inputs_of(body)
    if used != declared:
        raise PromptInvalid(f"{name}: declares {sorted(declared)}, uses {sorted(used)}")
    digest = hashlib.sha256(raw.encode()).hexdigest()[:16]
    return PromptFile(
        header["id"],
        header["version"],
        declared,
        header["owner"],
        body.strip(),
        digest,
        header.get("facts") or {},
    )


def inputs_of(body: str) -> frozenset[str]:
    """The placeholders in the words."""
    return frozenset(meta.find_undeclared_variables(_PARSER.parse(body)))


@cache
def _template(body: str) -> Template:
    return _PARSER.from_string(body)


def fill(prompt: PromptFile, fields: Mapping[str, Any]) -> str:
    """The prompt's words with its inputs filled in. Every declared input must be given, and nothing else."""
    assert set(fields) == prompt.inputs, (
        f"{prompt.id}: given {sorted(fields)}, declares {sorted(prompt.inputs)}"
    )
    return _template(prompt.body).render(fields)


def render(name: str, **fields: Any) -> str:
    """The file's words with its inputs filled in."""
    return fill(load(name), fields)


def exists(name: str) -> bool:
    return (ROOT / f"{name}.md").is_file()


def all_names() -> list[str]:
    """Every prompt and template below `prompts/`, for the check that all of them load."""
    return sorted(
        str(path.relative_to(ROOT).with_suffix("")) for path in ROOT.rglob("*.md") if path.name != "README.md"
    )

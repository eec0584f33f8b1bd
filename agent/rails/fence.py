"""Marks what other people wrote before a model reads it: memos, nicknames, passages, summaries.

A fenced field becomes {"written_by_others": "…"}: data to read about, with no place in which an instruction
could stand. Words that try to instruct the software are left out altogether.
"""

from __future__ import annotations

from typing import Any

from agent.rails.patterns import INJECTION
from tools.registry import by_name

LEFT_OUT = "(left out: it reads like an instruction)"
ALWAYS = frozenset({"memo", "narrative", "nickname"})
"""fenced in the result of any tool, also of one that is no longer in the catalogue"""


def fenced(tool: str, data: dict[str, Any]) -> dict[str, Any]:
    """The result of a tool as a model may see it."""
    known = by_name(tool)
    fields = ALWAYS | (known.untrusted if known is not None else frozenset())
    marked: dict[str, Any] = _fence(data, fields)
    return marked


def _fence(data: Any, fields: frozenset[str]) -> Any:
    if isinstance(data, dict):
        return {
            key: _marked(value) if key in fields and isinstance(value, str) else _fence(value, fields)
            for key, value in data.items()
        }
    if isinstance(data, list | tuple):
        return [_fence(value, fields) for value in data]
    return data


def _marked(words: str) -> dict[str, str]:
    return {"written_by_others": LEFT_OUT if INJECTION.search(words) else words}

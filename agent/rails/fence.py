"""Marks what other people wrote before a model reads it: memos, nicknames, passages, summaries.

A fenced field becomes {"written_by_others": "…"}: data to read about, with no place in which an instruction
could stand. Words that try to instruct the software are left out altogether, also where they hide in an error.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from agent.flows.base import Receipt
from tools.registry import by_name

if TYPE_CHECKING:
    from agent.platform import Platform

LEFT_OUT = "(left out: it reads like an instruction)"
ALWAYS = frozenset("""memo narrative nickname note notes description merchant document words body""".split())
"""fenced in the result of any tool, also of one that is no longer in the catalogue"""
OUR_WORDS = frozenset({"what"})
"""ours to write, though they may repeat what somebody else wrote: looked at, and fenced only by being left out"""


async def as_shown(receipts: Sequence[Receipt], platform: Platform) -> list[dict[str, Any]]:
    """The results of the receipts as a model may see them, in order."""
    texts = [text for receipt in receipts for text in others_words(receipt.tool, receipt.data)]
    left_out = await platform.rails.check_others(texts, platform.embedder) if texts else frozenset()
    return [fenced(receipt.tool, receipt.data, left_out) for receipt in receipts]


def fenced(tool: str, data: dict[str, Any], left_out: Collection[str]) -> dict[str, Any]:
    """The result of a tool with other people's words marked, and those of `left_out` taken away."""
    marked: dict[str, Any] = _fence(data, _fields(tool), left_out)
    return marked


def others_words(tool: str, data: Any) -> Iterator[str]:
    """Every text in the result that we did not write, or that may repeat one."""
    fields = _fields(tool) | OUR_WORDS
    if isinstance(data, dict):
        for key, value in data.items():
            if key in fields and isinstance(value, str):
                yield value
            else:
                yield from others_words(tool, value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from others_words(tool, value)


def _fields(tool: str) -> frozenset[str]:
    known = by_name(tool)
    return ALWAYS | (known.untrusted if known is not None else frozenset())


def _fence(data: Any, fields: frozenset[str], left_out: Collection[str]) -> Any:
    if isinstance(data, dict):
        return {key: _field(key, value, fields, left_out) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_fence(value, fields, left_out) for value in data]
    return data


def _field(key: str, value: Any, fields: frozenset[str], left_out: Collection[str]) -> Any:
    if not isinstance(value, str):
        return _fence(value, fields, left_out)
    if key in fields:
        return {"written_by_others": LEFT_OUT if value in left_out else value}
    return LEFT_OUT if key in OUR_WORDS and value in left_out else value

"""Cuts a message into clauses, each a stretch of the customer's own text that may hold a wish of its own."""

from __future__ import annotations

import re

from agent.understanding.result import Span

_SENTENCE_END = re.compile(r"(?<=[.!?;])[\"')\]]*\s+|\n+|(?<=[?!])(?=[A-Za-z¿¡])|\s+[-–—]+\s+|…\s*|\.{2,}\s*")
_WISH_OPENER = (
    r"(?:also|plus|oh|btw|by the way|then|please|pls|can|could|would|will|may|do|does|did|is|are|what|what's|whats|when"
    r"|why|how|where|who|i'd|i'll|i'm|im|i|id|we|my|send|move|change|cancel|stop|pay|raise|tell|show|give|get|set|turn"
    r"|make|close|schedule|waive|remove|update|need|want|there's|there|tell|explain|take|put|let|refund|lower|increase"
    r"|lock|unlock|check|add|link|open|start|find|reset|fix|talk|speak|call|dispute)"
)
_JOIN = re.compile(
    rf"(?:,\s*|\s+)(?:and|but|then|plus|y|e|pero)\s+(?={_WISH_OPENER}\b)"
    r"|(?:,\s*|\s+)(?=(?:also|btw|by the way|oh and|one more thing|another thing|además|también|de paso)\b)"
    r"|(?:,\s*|\s+)(?:y|pero)\s+(?=(?:quiero|quisiera|puede|pueden|podría|me|necesito|cuánto|cuándo|cómo|por qué|qué"
    r"|también|además|no|cancele|mueva|suba|muévan|quítenme|mi|cuál|que me|se me|hay|ya|voy|tengo|dónde|(?:díga|dig"
    r"|mánd|mand|enví|envi|muéstr|muestr|enséñ|cierr|quit|mueva|muevan|suba|súb|baj|cancel|pag|abon|cambi|actual|expli"
    r"|explí|bloque|devuelv|depos|pas|pás|pong|póng|saqu)\w*)\b)",
    re.I,
)
_ABBREVIATION = re.compile(
    r"\b(?:mr|mrs|ms|dr|st|jr|sr|vs|no|inc|llc|etc|a\.m|p\.m|e\.g|i\.e|u\.s|approx|acct)\.$", re.I
)
_TOO_SHORT = 3


def split(text: str) -> tuple[Span, ...]:
    """Spans of the clauses, in order, trimmed of blanks. Never empty for a text that holds a word."""
    spans: list[Span] = []
    for start, end in _sentences(text):
        spans.extend(_joined(text, start, end))
    return tuple(_merge_fragments(text, spans))


def _sentences(text: str) -> list[Span]:
    cuts: list[Span] = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if _ABBREVIATION.search(text[start : match.start()]):
            continue
        cuts.append((start, match.start()))
        start = match.end()
    cuts.append((start, len(text)))
    return [span for cut in cuts if (span := _trim(text, cut)) is not None]


def _joined(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    at = start
    for match in _JOIN.finditer(text, start, end):
        before = text[at : match.start()]
        if len(before.split()) < _TOO_SHORT or len(text[match.end() : end].split()) < _TOO_SHORT:
            continue
        spans.append((at, match.start()))
        at = match.end()
    spans.append((at, end))
    return [span for cut in spans if (span := _trim(text, cut)) is not None]


def _trim(text: str, span: Span) -> Span | None:
    start, end = span
    while start < end and not (text[start].isalnum() or text[start] in "$¿¡"):
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return (start, end) if start < end else None


def _merge_fragments(text: str, spans: list[Span]) -> list[Span]:
    """A clause of one or two words ("Why?", "Thanks.") says nothing alone: it joins the one before it."""
    merged: list[Span] = []
    for span in spans:
        if merged and len(text[slice(*span)].split()) < _TOO_SHORT:
            merged[-1] = (merged[-1][0], span[1])
        else:
            merged.append(span)
    return merged

"""Numbers in words as digits, English and Spanish, and where each stood: "fifty dollars", "el tres de mayo". Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_EN = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen""".split()
_ES = """cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete
dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho
veintinueve""".split()
_ES_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa".split()
VALUES = {
    **{word: n for n, word in enumerate(_EN)},
    **{word: n for n, word in enumerate(_ES)},
    **{word: 10 * n for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)},
    **{word: 10 * n for n, word in enumerate(_ES_TENS, start=3)},
    "dieciseis": 16, "veintidos": 22, "veintitres": 23, "veintiseis": 26, "veintiún": 21, "veintiun": 21,
    "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip
SCALES = {"hundred": 100, "thousand": 1000, "mil": 1000, "grand": 1000}
ORDINALS = {
    word: n
    for n, word in enumerate(
        """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth
        fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split(),
        start=1,
    )
} | {"thirtieth": 30, "primero": 1, "uno": 1}
_LONE = frozenset({"one", "uno", "zero", "cero", "once"})
"""numbers only before a unit: "once" is eleven in Spanish, and English is full of it"""
_WORDS = "(?:" + "|".join(sorted((*VALUES, *SCALES), key=len, reverse=True)) + ")"
_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_RUN = re.compile(
    rf"(?i)(?<![\w$])(?<!por )(?:a\s+)?(?:{_WORDS}(?:(?:[ \t]+|-)(?:(?:and|y)[ \t]+)?{_WORDS})*"
    rf"|{_DIGITS}(?:[ \t]+(?:{'|'.join(SCALES)}))+)(?!\w)"
)
_MONTH = (
    "(january|february|march|april|may|june|july|august|september|october|november|december|enero|febrero|marzo|abril"
    "|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)"
)
_UNIT = re.compile(
    r"(?i)\s*(?:dollars?|bucks|cents?|d[oó]lar|centavos?|percent|por ciento|%|days?|d[ií]as?|payments?|pagos?"
    rf"|months?|mes|de\s+{_MONTH}\b)"
)
_ORDINAL = "((?:(?:twenty|thirty)-)?(?:" + "|".join(ORDINALS) + r")|\d{1,2}(?:st|nd|rd|th))"
_ORDINAL_OF = re.compile(rf"(?i)\b{_ORDINAL}\s+(?:day\s+)?(?:of|de)\s+{_MONTH}\b")
_MONTH_ORDINAL = re.compile(rf"(?i)\b{_MONTH}\s+(?:the\s+)?{_ORDINAL}(?!\w)")


@dataclass(frozen=True)
class Spelled:
    """The text in digits, and per changed part its place there and in the words: (start, end, from, to)."""

    text: str
    changed: tuple[tuple[int, int, int, int], ...]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where in the words a part of the text in digits stands."""
        return self._of(start, first=True), self._of(end, first=False)

    def _of(self, at: int, *, first: bool) -> int:
        shift = 0
        for start, end, begun, ended in self.changed:
            if at < start or (not first and at == start):
                break
            if at < end or (not first and at == end):
                return begun if first else ended
            shift = ended - end
        return at + shift


def in_digits(text: str) -> Spelled:
    """The text with numbers and ordinal days in words written as digits."""
    spelled = Spelled(text, ())
    for pattern, write in ((_ORDINAL_OF, _ordinal_of), (_MONTH_ORDINAL, _month_ordinal), (_RUN, _run)):
        spelled = _rewritten(spelled, pattern, write)
    return spelled


def _rewritten(
    spelled: Spelled, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str | None]
) -> Spelled:
    out, changed, last = "", [], 0
    old = list(spelled.changed)
    for match in pattern.finditer(spelled.text):
        words = write(match)
        if words is None or words == match.group():
            continue
        out += spelled.text[last : match.start()]
        start = len(out)
        out += words
        changed.append((match.start(), match.end(), start, len(out)))
        last = match.end()
    out += spelled.text[last:]
    if not changed:
        return spelled
    merged = [(start, end, *spelled.place(begun, ended)) for begun, ended, start, end in changed]
    for start, end, begun, ended in old:
        if any(start < b and a < end for a, b, _, _ in changed):
            continue
        shift = sum((b2 - a2) - (b - a) for a, b, a2, b2 in changed if b <= start)
        merged.append((start + shift, end + shift, begun, ended))
    return Spelled(out, tuple(sorted(merged)))


def _ordinal_of(match: re.Match[str]) -> str:
    return f"{match[2]} {_day(match[1])}"


def _month_ordinal(match: re.Match[str]) -> str:
    return f"{match[1]} {_day(match[2])}"


def _day(words: str) -> int:
    if words[0].isdigit():
        return int(re.sub(r"\D", "", words))
    tens, _, last = words.lower().rpartition("-")
    return VALUES.get(tens, 0) + ORDINALS[last]


def _run(match: re.Match[str]) -> str | None:
    """The value of a run of number words; None where it is no number: digits alone, or one of _LONE without a unit."""
    parts = [part for part in re.split(r"[\s-]+", match.group().lower()) if part not in ("a", "and", "y")]
    if all(part[0].isdigit() for part in parts):
        return None
    if len(parts) == 1 and parts[0] in _LONE and not _UNIT.match(match.string, match.end()):
        return None
    total, current = 0.0, 0.0
    for part in parts:
        if part in SCALES:
            scale = SCALES[part]
            current = max(current, 1) * scale
            if scale == 1000:
                total, current = total + current, 0.0
        else:
            current += VALUES[part] if part in VALUES else float(part.replace(",", ""))
    value = total + current
    return f"{value:.2f}".rstrip("0").rstrip(".")

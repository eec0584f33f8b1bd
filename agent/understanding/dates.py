"""Days in the customer's words, resolved against the servicing date. A payday or "soon" stays unresolved."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date, timedelta

from agent.understanding import numbers
from agent.understanding.result import DateMention, Span

_MONTH_NAMES = {
    1: "january|jan|enero|ene", 2: "february|feb|febrero", 3: "march|mar|marzo", 4: "april|apr|abril|abr",
    5: "may|mayo", 6: "june|jun|junio", 7: "july|jul|julio", 8: "august|aug|agosto|ago",
    9: "september|sept|sep|septiembre|setiembre", 10: "october|oct|octubre", 11: "november|nov|noviembre",
    12: "december|dec|diciembre|dic",
}  # fmt: skip
_WEEKDAY_NAMES = (
    "monday|mon|lunes", "tuesday|tues|tue|martes", "wednesday|weds|wed|miércoles|miercoles", "thursday|thurs|thur|thu|jueves",
    "friday|fri|viernes", "saturday|sat|sábado|sabado", "sunday|sun|domingo",
)  # fmt: skip
_MONTH_OF = {name: number for number, names in _MONTH_NAMES.items() for name in names.split("|")}
_WEEKDAY_OF = {name: day for day, names in enumerate(_WEEKDAY_NAMES) for name in names.split("|")}


def _any(names: dict[str, int]) -> str:
    return "(?:" + "|".join(sorted(names, key=len, reverse=True)) + ")"


_MONTH, _WEEKDAY = _any(_MONTH_OF), _any(_WEEKDAY_OF)
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])"
_YEAR = r"(?:,?\s+(?:of\s+|de(?:l)?\s+)?(?P<year>20\d\d))?"
_COUNT = rf"(?P<count>\d{{1,3}}|{numbers.WORDS}|a|an|a couple(?: of)?|un|una|un par de)"
_UNIT = r"(?P<unit>days?|weeks?|months?|years?|días?|dias?|semanas?|mes(?:es)?|años?|fortnights?)"
_RELATIVE_DAYS = {
    "day after tomorrow": 2, "pasado mañana": 2, "day before yesterday": -2, "antier": -2, "anteayer": -2,
    "today": 0, "tonight": 0, "this morning": 0, "this afternoon": 0, "right now": 0, "hoy": 0, "tomorrow": 1, "tmrw": 1,
    "tomorow": 1, "tommorow": 1, "tommorrow": 1, "tmr": 1, "tomorrow's": 1, "today's": 0, "mañana": 1,
    "yesterday": -1, "yesterday's": -1, "ayer": -1, "anoche": -1, "last night": -1, "esta mañana": 0, "esta noche": 0,
}  # fmt: skip

_RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.I))
    for name, pattern in (
        ("iso", r"\b(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])-(?P<day>0[1-9]|[12]\d|3[01])\b"),
        ("slash", r"(?<![\d/])(?P<month>1[0-2]|0?[1-9])/(?P<day>3[01]|[12]\d|0?[1-9])(?:/(?P<year>(?:20)?\d\d))?(?![\d/])"),
        ("month_day", rf"\b(?P<month>{_MONTH})\.?\s+(?:the\s+)?{_DAY}(?:st|nd|rd|th)?(?!\d|\s*(?:dollars|bucks)){_YEAR}\b"),
        ("day_month", rf"\b(?:el\s+)?{_DAY}(?:st|nd|rd|th|º|°)?\s+(?:of\s+|de\s+)?(?P<month>{_MONTH})\b{_YEAR}"),
        ("first_month", rf"\b(?:el\s+)?(?:primero|first)\s+(?:de|of)\s+(?P<month>{_MONTH})\b{_YEAR}"),
        ("relative", r"\b(?P<word>" + "|".join(sorted(_RELATIVE_DAYS, key=len, reverse=True)) + r")\b"),
        ("ahead", rf"\b(?:in|within|en|dentro de)\s+{_COUNT}\s+{_UNIT}(?:'?s?\s+time)?\b|\b(?P<from>{_COUNT.replace('count', 'count2')}\s+{_UNIT.replace('unit', 'unit2')}\s+from\s+(?:now|today))\b"),
        ("ago", rf"\b{_COUNT}\s+{_UNIT}\s+(?:ago|back)\b|\bhace\s+{_COUNT.replace('count', 'count2')}\s+{_UNIT.replace('unit', 'unit2')}\b"),
        ("end_month", r"\b(?:the\s+)?end of (?P<which>the|this|next) month\b|\b(?:fin(?:al)?(?:es)? (?:de|del) (?P<cual>este |próximo |proximo )?mes|month[- ]end)\b"),
        ("mid_month", r"\b(?:mid[- ]month|middle of (?:the|this) month|mediados de(?:l)? mes|mitad de mes)\b"),
        ("period", r"\b(?P<which>last|this|next|past|previous)\s+(?P<unit>week|month|year)\b|\b(?P<unit2>semana|mes|año)\s+(?P<which2>pasad[oa]|próxim[oa]|proxim[oa]|que viene)\b|\b(?:(?P<which3>este|esta|próxim[oa]|proxim[oa])\s+)(?P<unit3>semana|mes|año)\b"),
        ("weekday", rf"\b(?:(?P<which>last|this|next|past|this coming|este|el próximo|el proximo|el pasado)\s+)?(?:el\s+)?(?P<weekday>{_WEEKDAY})(?:'s)?\b(?:\s+(?P<after>pasado|que viene|próximo|proximo))?"),
        ("month", rf"\b(?P<lead>since|in|for|during|from|desde|en|de|last|next|this|my|el de|the)\s+(?P<month>{_MONTH})\b(?:\s+(?P<year>20\d\d))?|\b(?P<month2>{_MONTH})\s+(?:statement|bill|payment|fee|cycle)\b"),
        ("day", rf"\b(?:the|el(?:\s+día|\s+dia)?|día|dia|on the|del)\s+{_DAY}(?:st|nd|rd|th)?\b(?!\s*(?:\$|dollar|dólar|dolar|buck|%|payment|month|draw|entry|one\b|fee|pagos|meses|de\s+\d|/|\.\d|,\d))|\b(?P<day2>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)\b(?!\s*(?:time|one\b|option|payment|draw|fee|dispute))"),
        ("first_day", r"\b(?:on|by|until|before|to|from|since)\s+the\s+(?:first|1st)\b(?!\s+(?:one|option|time|payment|draw))|\b(?:the\s+)?(?:first|1st)\s+of\s+(?:the|next|every|each)\s+month\b|\bel\s+primero\b"),
    )
)  # fmt: skip
_PAST = re.compile(
    r"\b(?:was|were|did|didn'?t|made|had|got|paid|sent|charged|posted|took|lost|drew|withdrew|received|happened|since|ago|"
    r"last|from|never (?:made|did|took|got|asked)|went|came|hit|credited|shows?|there'?s|it says|fue|hice|pagué|cobraron|"
    r"sacaron|llegó|desde|perdí|hubo|mandé|envié|reconozco|been)\b",
    re.I,
)
_AHEAD = re.compile(
    r"\b(?:will|no way|due date|due day|going to|gonna|can'?t|cannot|can i|could i|won'?t|schedule|move|change|set|until|till|by|due|pay on|pay it|"
    r"next|want|would like|i'?d like|plan to|expect|deploys?|start|make the|before|hasta|quiero|puedo|voy a|programar|"
    r"mover|pagar|vence|cambiar|not gonna|unable)\b",
    re.I,
)  # fmt: skip


def find(text: str, today: date) -> tuple[tuple[DateMention, ...], tuple[int, ...]]:
    """Days named, in order of mention, and bare days of the month ("the 14th" -> 14)."""
    mentions: list[DateMention] = []
    days: list[int] = []
    for name, match in _matches(text):
        resolved = _RESOLVERS[name](match, today, _looks_back(text, match.span()))
        if resolved is None:
            continue
        on, until = resolved
        mentions.append(DateMention(on, until, match.group().strip(), match.span()))
        if name in ("day", "first_day") and on.day not in days:
            days.append(int(match.groupdict().get("day") or match.groupdict().get("day2") or 1))
    mentions.sort(key=lambda mention: mention.span)
    return tuple(mentions), tuple(days)


def _matches(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    taken: list[Span] = []
    for name, pattern in _RULES:
        for match in pattern.finditer(text):
            if all(match.end() <= start or end <= match.start() for start, end in taken):
                taken.append(match.span())
                yield name, match


def _looks_back(text: str, span: Span) -> bool | None:
    """Whether the words around speak of the past (True), of what is to come (False), or do not tell (None)."""
    before = re.split(r"[.!?;\n]\s", text[max(0, span[0] - 60) : span[0]])[-1]
    after = re.split(r"[.!?;\n]", text[span[1] : span[1] + 40])[0]
    window = f"{before} {after}".replace("’", "'")
    past, ahead = len(_PAST.findall(window)), len(_AHEAD.findall(window))
    return None if past == ahead else past > ahead


_Found = tuple[date, date | None] | None


def _on(year: int, month: int, day: int) -> date | None:
    if day > calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day)


def _calendar_day(match: re.Match[str], today: date, back: bool | None) -> _Found:
    groups = match.groupdict()
    month_text = groups["month"].lower()
    month = int(month_text) if month_text.isdigit() else _MONTH_OF[month_text]
    day = int(groups.get("day") or 1)
    if groups.get("year"):
        year = int(groups["year"])
        found = _on(year + 2000 if year < 100 else year, month, day)
        return (found, None) if found else None
    near = [found for year in (today.year - 1, today.year, today.year + 1) if (found := _on(year, month, day))]
    return (_pick(near, today, back), None) if near else None


def _pick(days: list[date], today: date, back: bool | None) -> date:
    nearest = min(days, key=lambda day: abs((day - today).days))
    if back is True:
        return max((day for day in days if day <= today), default=nearest)
    if back is False:
        return min((day for day in days if day >= today), default=nearest)
    return nearest


def _relative(match: re.Match[str], today: date, back: bool | None) -> _Found:
    return today + timedelta(days=_RELATIVE_DAYS[match.group("word").lower()]), None


def _counted(match: re.Match[str]) -> tuple[int, str]:
    groups = match.groupdict()
    words = (groups["count"] or groups["count2"]).lower()
    unit = (groups["unit"] or groups["unit2"]).lower()
    if words.isdigit():
        return int(words), unit
    if "couple" in words or "par" in words:
        return 2, unit
    return (1 if words in ("a", "an", "un", "una") else numbers.value(words) or 1), unit


def _shift(today: date, count: int, unit: str) -> date:
    if unit.startswith(("day", "día", "dia")):
        return today + timedelta(days=count)
    if unit.startswith("fortnight"):
        return today + timedelta(days=14 * count)
    if unit.startswith(("week", "semana")):
        return today + timedelta(weeks=count)
    months = count * (12 if unit.startswith(("year", "año")) else 1)
    return _month_shift(today, months, today.day)


def _month_shift(today: date, months: int, day: int) -> date:
    place = today.year * 12 + today.month - 1 + months
    year, month = divmod(place, 12)
    return date(year, month + 1, min(day, calendar.monthrange(year, month + 1)[1]))


def _ahead(match: re.Match[str], today: date, back: bool | None) -> _Found:
    count, unit = _counted(match)
    return _shift(today, count, unit), None


def _ago(match: re.Match[str], today: date, back: bool | None) -> _Found:
    count, unit = _counted(match)
    return _shift(today, -count, unit), None


def _end_month(match: re.Match[str], today: date, back: bool | None) -> _Found:
    ahead = match.group("which") == "next" or bool(match.group("cual") and match.group("cual").startswith("pr"))
    return _month_shift(today, 1 if ahead else 0, 31), None


def _mid_month(match: re.Match[str], today: date, back: bool | None) -> _Found:
    return (today.replace(day=15) if today.day <= 15 else _month_shift(today, 1, 15)), None


def _step(word: str) -> int:
    return -1 if word.startswith(("last", "past", "prev", "pasad")) else 0 if word.startswith(("this", "est")) else 1


def _period(match: re.Match[str], today: date, back: bool | None) -> _Found:
    groups = match.groupdict()
    which = next(groups[key] for key in ("which", "which2", "which3") if groups[key]).lower()
    unit = next(groups[key] for key in ("unit", "unit2", "unit3") if groups[key]).lower()
    step = _step(which)
    if unit in ("week", "semana"):
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=step)
        return monday, monday + timedelta(days=6)
    if unit in ("month", "mes"):
        return _month_shift(today, step, 1), _month_shift(today, step, 31)
    return date(today.year + step, 1, 1), date(today.year + step, 12, 31)


def _weekday(match: re.Match[str], today: date, back: bool | None) -> _Found:
    word = match.group("weekday").lower()
    if word in ("mon", "sat", "sun", "wed", "mar") and match.group(0)[0].islower() and not match.group("which"):
        return None
    which = (match.group("which") or match.group("after") or "").lower().removeprefix("el ")
    ahead = (_WEEKDAY_OF[word] - today.weekday()) % 7
    if (which and _step(which) == -1) or (not which and back is True):
        return today - timedelta(days=(7 - ahead) % 7 or 7), None
    if which == "next":
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=1)
        return monday + timedelta(days=_WEEKDAY_OF[word]), None
    return today + timedelta(days=ahead or (0 if which else 7)), None


def _month(match: re.Match[str], today: date, back: bool | None) -> _Found:
    groups = match.groupdict()
    lead = (groups["lead"] or "").lower()
    number = _MONTH_OF[(groups["month"] or groups["month2"]).lower()]
    if number == 5 and match.group().lower().endswith("may") and lead not in ("since", "in", "last", "next", "for", "my"):
        return None
    if groups["year"]:
        start = date(int(groups["year"]), number, 1)
    else:
        ahead = lead == "next" or (lead in ("in", "for", "en") and back is False)
        year = today.year if number <= today.month else today.year - 1
        start = date(year + 1 if ahead and date(year, number, 1) < today.replace(day=1) else year, number, 1)
    if lead in ("since", "from", "desde"):
        return start, max(today, start)
    return start, _month_shift(start, 0, 31)


def _day(match: re.Match[str], today: date, back: bool | None) -> _Found:
    groups = match.groupdict()
    day = int(groups.get("day") or groups.get("day2") or 1)
    near = [
        found
        for months in range(-2, 3)
        if day <= calendar.monthrange((first := _month_shift(today, months, 1)).year, first.month)[1]
        and (found := first.replace(day=day))
    ]
    return _pick(near, today, False if back is None else back), None


_RESOLVERS = {
    "iso": _calendar_day, "slash": _calendar_day, "month_day": _calendar_day, "day_month": _calendar_day,
    "first_month": _calendar_day, "relative": _relative, "ahead": _ahead, "ago": _ago, "end_month": _end_month,
    "mid_month": _mid_month, "period": _period, "weekday": _weekday, "month": _month, "day": _day, "first_day": _day,
}  # fmt: skip

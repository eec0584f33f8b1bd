"""Finds the pieces that days are named with ("friday", "the 3rd", "next month", "two weeks"), before they are joined."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from agent.understanding import holidays, numbers
from agent.understanding.calendar_words import (
    COUNT,
    COUNTED,
    DAY,
    MONTH,
    MONTH_OF,
    ORDINAL_MARK,
    UNIT,
    WEEKDAY,
    WEEKDAY_NAME,
    WEEKDAY_OF,
    count_of,
    unit_of,
)
from agent.understanding.result import Span

Kind = Literal["partial", "frame", "nth", "count", "fixed", "holiday", "edge"]


@dataclass(frozen=True)
class Piece:
    """Part of a named day.

    partial: some of year, month, day, weekday (`step` weeks or years on, of "next friday"); frame: a `unit` of the
    calendar `step` away from today's; nth: the `number`th (from the end when negative) `unit` or weekday of something;
    count: so many units; fixed: known days; edge: the start (1), middle (2) or end (3) of something.
    A weak piece ("15", "may") is no day unless it joins another.
    """

    kind: Kind
    span: Span
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    unit: str = ""
    step: int | None = None
    number: int = 0
    counts: tuple[tuple[int, str], ...] = ()
    on: date | None = None
    until: date | None = None
    name: str = ""
    weak: bool = False


_NEXT = r"(?:next|coming|upcoming|following|proxim[oa]s?|siguientes?|entrantes?)"
_LAST = r"(?:last|past|previous|prior|pasad[oa]s?|ultim[oa]s?|anterior(?:es)?)"
_THIS = r"(?:this|current|same|este|esta|mism[oa]|actual)"
_AFTER_NOUN = r"(?:que vienen?|proxim[oa]s?|siguientes?|entrantes?|pasad[oa]s?|anterior(?:es)?|actual)"
_NO_DAY = (
    r"(?:\$|usd\b|dol|buck|cent|%|percent|payments?\b|months?\b|days?\b|weeks?\b|years?\b|hours?\b|minutes?\b|draws?\b"
    r"|fees?\b|times?\b|pagos\b|meses\b|mes\b|dias\b|semanas\b|anos\b|cuotas\b|veces\b|horas?\b|am\b|pm\b|a\.m|p\.m|o'?clock"
    r"|[a-z]*k\b|points?\b|entry\b|one\b|kids?\b|people\b|business\b|units?\b|unidades\b|:\d|\.\d)"
)
_NO_DAY_AFTER_ORDINAL = (
    r"(?:times?\b|one\b|option|payment|draw|fee|dispute|charge|plan|week|month|quarter|place|person|opcion|pago|retiro|vez|veces"
    r"|semana|mes\b|last\b|choice|request)"
)
_RELATIVE_DAYS = {
    "day after tomorrow": 2, "day after tmrw": 2, "pasado manana": 2, "dia despues de manana": 2, "day before yesterday": -2,
    "dia antes de ayer": -2, "antier": -2, "anteayer": -2, "antes de ayer": -2, "today": 0, "today's": 0, "tonight": 0,
    "this morning": 0, "this afternoon": 0, "this evening": 0, "right now": 0, "at this time": 0, "en este momento": 0,
    "hoy": 0, "tomorrow": 1, "tmrw": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "tmr": 1, "tomorrow's": 1,
    "tomorrows": 1, "manana": 1, "yesterday": -1, "yesterday's": -1, "ayer": -1, "anoche": -1, "last night": -1,
    "esta manana": 0, "esta noche": 0, "esta tarde": 0, "next day": 1, "following day": 1, "day after": 1, "dia siguiente": 1,
    "siguiente dia": 1, "last day": -1, "past day": -1, "previous day": -1, "day before": -1, "dia anterior": -1,
    "ultimo dia": -1, "this day": 0,
}  # fmt: skip
_RELATIVE = "|".join(sorted(_RELATIVE_DAYS, key=len, reverse=True))
_FINDERS: tuple[tuple[str, str], ...] = (
    ("iso", rf"(?<![\d/.])(?<!\d-)(?P<year>(?:19|20)\d\d)\s?(?P<s>[-/.])(?P<month>{MONTH}|1[0-2]|0?[1-9])(?P=s)(?P<day>{DAY})(?!\d|[/-]\d)"),
    ("full", r"(?<![\d/.$])(?<![a-z]-)(?P<a>\d\d?)(?P<s>[/.-])(?P<b>\d\d?)(?:(?P=s)|,\s?)(?P<year>(?:20|19)\d\d)(?!\d)"),
    ("full", r"(?<![\d/.$])(?<![a-z]-)(?P<a>\d\d?)/(?P<b>\d\d?)[/,](?P<year>\d\d)(?![\d/])"),
    ("year_month", r"(?<![\d/.$-])(?P<month>1[0-2]|0?[1-9])\s?[-/.~]\s?(?P<year>(?:19|20)\d\d)(?![\d/-])"),
    ("year_month", r"(?<![\d/.$-])(?P<year>(?:19|20)\d\d)\s?[-/]\s?(?P<month>1[0-2]|0?[1-9])(?![\d/-])"),
    ("short", r"(?<![\d/.$])(?P<a>\d\d?)\s?/\s?(?P<b>\d\d?)(?![\d/]|\s+(?:of|hour|day|my|the|your))"),
    ("short", r"(?:(?<=\bel )|\A(?=\S+\Z)|\A(?=\S+ - \S+\Z)|(?<=\bon ))(?P<a>\d\d?)\s?-\s?(?P<b>\d\d?)(?![\d/.-])"),
    ("short", r"(?<=day )(?P<a>\d\d?)[.-](?P<b>\d\d?)(?![\d/.:-])"),
    ("short", r"(?:(?<=\bel )|(?<=\bdel )|(?<=\bpara el ))(?P<a>\d\d?) del? (?P<b>\d\d?)(?![\d/.-])"),
    ("business", rf"\b(?:in|within|en|dentro de)\s+(?P<count>{COUNT})\s+(?P<unit>business days?|working days?|dias? habil(?:es)?)"),
    ("nth", rf"\b(?:the\s+|el\s+|la\s+)?(?P<place>(?:\d\d?{ORDINAL_MARK}|{numbers.ORDINAL_WORDS}|last|ultim[oa])(?:\s+(?P<end>last))?)\s+(?:(?P<weekday>{WEEKDAY})|(?P<unit>weeks?|semana|day|dia|quincena)\b)(?=\s+(?:of|in|de|del|en|next|this|last|after)\b)"),
    ("week_of", rf"\b(?:(?:the\s+|la\s+)?(?:week|semana)\s+(?:of|commencing|starting|beginning|del?|que (?:inicia|comienza|empieza))|w/c)(?:\s+on)?\s+(?:the\s+|el\s+)?(?={DAY}|{MONTH})"),
    ("relative", rf"(?<![a-z])(?<!dias )(?:the |el )?(?P<word>{_RELATIVE})(?![a-z'])"),
    ("ago", rf"\b(?P<counted>{COUNTED})\s+(?:ago|back|earlier)\b|\bhace\s+(?:mas de\s+)?(?P<counted2>{COUNTED})"),
    ("hence", rf"\b(?<!for )(?P<counted>{COUNTED})\s+(?:from (?:now|today)|hence|later|a partir de (?:ahora|hoy))\b"),
    ("hence", rf"\b(?:in|within|en|dentro de)\s+(?:(?:more|less) than\s+|(?:mas|menos) de\s+)?(?P<counted>{COUNTED})(?:'?s?\s+time)?(?!\s+(?:from|after|a partir|since|desde)\b)"),
    ("weekday_after_next", rf"\b(?P<weekday>{WEEKDAY})\s+after\s+(?:the\s+)?next\b"),
    ("month_joined", rf"(?P<month>{MONTH})(?P<day>{DAY})(?!\d)"),
    ("weekdays_on", rf"\b(?P<count>{COUNT})\s+(?P<weekday>{WEEKDAY_NAME})s?\s+(?P<way>from now|ago)\b"),
    ("counted_frame", rf"\b(?:the\s+|l[oa]s\s+)?(?P<which>{_NEXT}|{_LAST})\s+(?P<count>{COUNT})\s?(?P<unit>{UNIT})"),
    ("counted_frame", rf"\b(?:the\s+|l[oa]s\s+)?(?P<count>{COUNT})\s+(?P<which>{_NEXT}|{_LAST})\s+(?P<unit>{UNIT})"),
    ("counted_frame", rf"\bl[oa]s\s+(?P<count>{COUNT})\s?(?P<unit>{UNIT})\s+(?P<which>{_AFTER_NOUN})"),
    ("frame_after_next", rf"\b(?P<unit>{UNIT})\s+(?:after\s+(?:the\s+)?next|despues\s+del?\s+(?:la\s+)?proxim[oa])\b"),
    ("quincena", r"\b(?:(?:la|esta|de)\s+)?(?:proxima\s+|siguiente\s+)?quincena\b(?!\s+(?:del|de)\b)"),
    ("first_run", rf"\b(?:the\s+|l[oa]s\s+)?(?P<which>first|last|primer[oa]s|ultim[oa]s)\s+(?P<count>{COUNT})\s+(?P<unit>{UNIT})(?=\s+(?:of|in|de|del)\b)"),
    ("nth_alone", rf"\b(?:the\s+|el\s+)?(?P<place>(?!second)(?:{numbers.ORDINAL_WORDS}))\s+(?P<weekday>{WEEKDAY})"),
    ("year", r"\b(?:in|of|year|ano|during|en|since|de|del|after|before|than|hasta|desde)\s+(?P<year>(?:19|20)\d\d)(?![\d.,%]*\d|\s?(?:\$|dol|buck))|(?<![\d$.,])(?P<weak>(?:19|20)\d\d)(?![\d,.]*\d|\s?(?:\$|dol|buck))"),
    ("frame", rf"\b(?:the\s+|el\s+|la\s+)?(?P<which>{_NEXT}|{_LAST}|{_THIS})\s+(?P<unit>{UNIT})"),
    ("frame", rf"\b(?:the\s+|el\s+|la\s+)?(?P<unit>semanas?|mes|ano|quincena|fin de semana|year|month|week)\s+(?P<which>{_AFTER_NOUN})\b"),
    ("weak_frame", r"\b(?:(?:the|that|my|el|la|al|del|aquel|ese|esa|de la)\s+(?P<unit>week|month|year|semana|mes|ano)|(?:(?:the|that|my|el|este|aquel|ese)\s+)?(?P<weekend>weekend|fin de semana|finde))\b"),
    ("month_end", r"\bmonth[- ]end\b|\beom\b|\bend of month\b|\bfin de mes\b|\bfin(?:al)?es de mes\b|\bfinal de mes\b|\bmitad de mes\b|\bmediados de mes\b|\bmid[- ]month\b|\bmiddle of (?:the|this) month\b"),
    ("edge", r"\b(?:at\s+|by\s+|a\s+|for\s+)?(?:the\s+|el\s+|la\s+)?(?:(?P<end>ends?\b|finales\b|fines\b|final\b|fin\b|late\b)|(?P<mid>mid(?:dle)?\b|mediados\b|mitad\b)|(?P<start>beginning\b|start\b|early\b|inicios?\b|principios\b|comienzos\b))(?:[\s-]+(?:of|del?))?(?=[\s-]+(?:the|this|next|last|my|el|la|este|proximo|month|mes|week|year|" + MONTH + r")\b)"),
    ("weekday", rf"\b(?:the\s+)?(?:(?P<which>(?:this|este)\s+{_NEXT}|{_NEXT}|{_LAST}|{_THIS})\s+)?(?P<weekday>{WEEKDAY})(?:'s\b|\.)?(?:\s+(?P<after>{_AFTER_NOUN})\b)?"),
    ("month", rf"(?:\b(?P<which>{_NEXT}|{_LAST}|{_THIS})\s+)?(?P<month>{MONTH})\.?"),
    ("year_words", rf"\b(?P<words>(?:two thousand|dos mil)(?:\s+(?:and\s+)?{numbers.WORDS})?)\b"),
    ("ordinal", rf"(?<![\w$])(?<!\d\.)(?:the\s+|el\s+)?(?P<day>{DAY}){ORDINAL_MARK}(?![a-z])(?!\s+{_NO_DAY_AFTER_ORDINAL})"),
    ("the_day", rf"\b(?:the|el(?:\s+dia)?|dia|del|on(?:\s+the)?|al)\s+(?P<day>{DAY})(?![\d:]|[.,/]\d|\s*{_NO_DAY}|\s+de\s+\d)"),
    ("spelled", rf"\b(?P<lead>(?:on|by|until|before|to|from|since)\s+the\s+|(?:the|el|dia)\s+)?(?P<words>{numbers.ORDINAL_WORDS})(?!\s+{_NO_DAY_AFTER_ORDINAL})(?P<of>\s+of\s+(?:the|next|every|each)\s+month)?"),
    ("cardinal", rf"\b(?P<lead>(?:el|dia|the)\s+(?:dia\s+)?)?(?P<words>{numbers.WORDS})(?!\s*{_NO_DAY})"),
    ("bare", rf"(?<![\w$.:,])(?<!\d/)(?P<day>{DAY})(?![\d:]|[.,/]\d|\s*{_NO_DAY})"),
    ("now", r"\b(?:now|ahora|(?<=\bto )date|(?<=\bhasta )la fecha)\b"),
    ("count", rf"\b(?P<counted>(?:for\s+|por\s+)?{COUNTED})"),
)  # fmt: skip
_RULES = tuple((name, re.compile(pattern)) for name, pattern in _FINDERS)
_SAID_LOWER = frozenset({"mon", "sat", "sun", "wed", "mar", "set", "lun", "mie", "vie", "dom", "sab", "jue"})
"""Abbreviations that are other words too."""
_STEP_OF = {"pasado": -2, "previous": -2, "anterior": -2, "prior": -2, "coming": 3, "upcoming": 3}
"""Weekdays of last week (-2), and the nearest that is not today (3)."""
_MONTH_LEADS = re.compile(
    r"\b(?:since|in|for|during|from|by|until|before|after|my|the|desde|en|de|hasta|antes de|entre|between)\s+\Z"
)
_MAY_LEADS = re.compile(r"\b(?:since|in|for|during|by|after|my)\s+\Z")
_MONTH_FOLLOWS = re.compile(r"\s+(?:statement|bill|payment|fee|cycle)")


def find(plain: str, today: date, *, month_first: bool) -> list[Piece]:
    """The pieces in order, none over another. `plain` is the text without accents; offsets are those of the text."""
    taken: list[Span] = []
    pieces: list[Piece] = []
    for piece in holidays_in(plain):
        taken.append(piece.span)
        pieces.append(piece)
    for name, pattern in _RULES:
        for match in pattern.finditer(plain):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            piece = _MAKERS[name](match, today, month_first)
            if piece is not None:
                taken.append(piece.span)
                pieces.append(piece)
    return sorted(pieces, key=lambda piece: piece.span)


def holidays_in(plain: str) -> Iterator[Piece]:
    """Days on which the bank is closed, by name."""
    for name, span in holidays.find(plain):
        yield Piece("holiday", span, name=name)


def _step(word: str) -> int:
    if re.fullmatch(_LAST, word):
        return -1
    return 0 if re.fullmatch(_THIS, word) else 1


Make = Callable[[re.Match[str], date, bool], Piece | None]


def _month_number(text: str) -> int:
    return int(text) if text.isdigit() else MONTH_OF[text]


def _iso(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece(
        "partial",
        match.span(),
        int(match["year"]),
        _month_number(match["month"].strip(".")),
        int(match["day"]),
    )


def _numeric(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    first, second = int(match["a"]), int(match["b"])
    month, day = (first, second) if month_first else (second, first)
    if month > 12:
        month, day = day, month
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    written = match.groupdict().get("year")
    year = None if written is None else int(written) + (2000 if len(written) == 2 else 0)
    return Piece("partial", match.span(), year, month, day)


def _year_month(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("partial", match.span(), int(match["year"]), int(match["month"]))


def _relative(match: re.Match[str], today: date, month_first: bool) -> Piece:
    on = today + timedelta(days=_RELATIVE_DAYS[match["word"]])
    return Piece("fixed", match.span(), on=on)


def _counts(words: str) -> tuple[tuple[int, str], ...]:
    return tuple(
        (count_of(match["count"]), unit_of(match["unit"]))
        for match in re.finditer(rf"(?P<count>{COUNT})\s?(?:more\s+)?(?P<unit>{UNIT})", words)
    )


def _counted(way: int) -> Make:
    def make(match: re.Match[str], today: date, month_first: bool) -> Piece:
        groups = match.groupdict()
        counts = _counts(groups["counted"] or groups.get("counted2") or "")
        lasting = way == 0 and match.group().startswith(("for", "por"))
        return Piece("count", match.span(), counts=counts, step=way, name="for" if lasting else "")

    return make


def _business(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("count", match.span(), counts=((count_of(match["count"]), "business"),), step=1)


def _weekdays_on(match: re.Match[str], today: date, month_first: bool) -> Piece:
    count, weekday = count_of(match["count"]), WEEKDAY_OF[match["weekday"]]
    ahead = (weekday - today.weekday()) % 7
    if match["way"] == "ago":
        on = today - timedelta(days=(7 - ahead) % 7 or 7) - timedelta(weeks=count - 1)
    else:
        on = today + timedelta(days=ahead or 7) + timedelta(weeks=count - 1)
    return Piece("fixed", match.span(), on=on)


def _counted_frame(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    count, unit = count_of(match["count"]), unit_of(match["unit"])
    way = -1 if _step(match["which"]) == -1 else 1
    if match["count"] in ("a", "an", "un", "una") and count == 1:
        return None
    return Piece("frame", match.span(), unit=unit, step=way, number=count)


def _after_next(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("frame", match.span(), unit=unit_of(match["unit"]), step=2)


def _frame(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    which, unit = match["which"], unit_of(match["unit"])
    return Piece("frame", match.span(), unit=unit, step=_step(which))


def _weak_frame(match: re.Match[str], today: date, month_first: bool) -> Piece:
    before = match.string[: match.start()]
    weak = match["weekend"] is None and not re.search(r"\b(?:for|in|during|por|en|durante)\s+\Z", before)
    return Piece("frame", match.span(), unit=unit_of(match["unit"] or match["weekend"]), step=0, weak=weak)


def _nth(match: re.Match[str], today: date, month_first: bool) -> Piece:
    groups: Mapping[str, str | None] = match.groupdict()
    words = (
        (groups["place"] or "").removesuffix("last").strip() if groups.get("end") else groups["place"] or ""
    )
    place = _place(words)
    if groups.get("end"):
        place = -place
    weekday = WEEKDAY_OF[groups["weekday"]] if groups["weekday"] else None
    unit = unit_of(groups["unit"] or "day") if weekday is None else "weekday"
    return Piece("nth", match.span(), weekday=weekday, unit=unit, number=place)


def _first_run(match: re.Match[str], today: date, month_first: bool) -> Piece:
    count, unit = count_of(match["count"]), unit_of(match["unit"])
    last = match["which"].startswith(("last", "ultim"))
    return Piece("nth", match.span(), unit="run", number=-1 if last else 1, counts=((count, unit),))


def _place(words: str) -> int:
    digits = re.match(r"\d+", words)
    if digits:
        return int(digits.group())
    return -1 if words in ("last", "ultimo", "ultima", "") else numbers.ordinal(words) or 1


def _nth_alone(match: re.Match[str], today: date, month_first: bool) -> Piece:
    weekday = WEEKDAY_OF[match["weekday"]]
    return Piece("nth", match.span(), weekday=weekday, unit="weekday", number=_place(match["place"]))


def _edge(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("edge", match.span(), number=1 if match["start"] else 2 if match["mid"] else 3)


def _month_end(match: re.Match[str], today: date, month_first: bool) -> Piece:
    middle = re.search("mi[dt]|mediados", match.group()) is not None
    return Piece("frame", match.span(), unit="month", step=0, number=-2 if middle else -3)


def _quincena(match: re.Match[str], today: date, month_first: bool) -> Piece:
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    on = today.replace(day=15) if today.day < 15 else first - timedelta(days=1)
    return Piece("fixed", match.span(), on=on if on > today else first.replace(day=15))


def _week_of(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("edge", match.span(), unit="week")


def _weekday(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    word, which = match["weekday"], (match["which"] or match["after"] or "").strip()
    whole = len(match.group().strip(" .")) == len(match.string.strip(" .!?"))
    weak = word in _SAID_LOWER and not which and not whole
    step = (
        None
        if not which
        else 3
        if " " in which and which != "que viene"
        else _STEP_OF.get(which, _step(which))
    )
    return Piece("partial", match.span(), weekday=WEEKDAY_OF[word], step=step, weak=weak)


def _month(match: re.Match[str], today: date, month_first: bool) -> Piece:
    word, text = match["month"], match.string
    step = None if not match["which"] else _step(match["which"])
    led = (_MAY_LEADS if word in ("may", "mar", "set") else _MONTH_LEADS).search(text[: match.start()])
    alone = len(match.group()) == len(text.strip(" .!?"))
    weak = step is None and not (led or alone or (word != "may" and _MONTH_FOLLOWS.match(text, match.end())))
    return Piece("partial", match.span(), month=MONTH_OF[word], step=step, weak=weak)


def _month_joined(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("partial", match.span(), month=MONTH_OF[match["month"]], day=int(match["day"]))


def _weekday_after_next(match: re.Match[str], today: date, month_first: bool) -> Piece:
    ahead = (WEEKDAY_OF[match["weekday"]] - today.weekday()) % 7 or 7
    return Piece("fixed", match.span(), on=today + timedelta(days=ahead + 7))


def _year(match: re.Match[str], today: date, month_first: bool) -> Piece:
    strong = match["year"]
    span = match.span("year") if strong else match.span()
    return Piece("partial", span, year=int(strong or match["weak"]), weak=not strong)


def _year_words(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    year = numbers.value(match["words"])
    return Piece("partial", match.span(), year=year, weak=True) if year and 2000 <= year < 2100 else None


def _day(weak: bool) -> Make:
    def make(match: re.Match[str], today: date, month_first: bool) -> Piece:
        return Piece("partial", match.span(), day=int(match["day"]), weak=weak)

    return make


def _spelled(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    day = numbers.ordinal(match["words"])
    if day is None or day > 31:
        return None
    led = (match["lead"] or "").split(" ", 1)[0] in (
        "on",
        "by",
        "until",
        "before",
        "to",
        "from",
        "since",
        "el",
        "dia",
    )
    return Piece("partial", match.span(), day=day, weak=not (match["of"] or (led and day == 1)))


def _cardinal(match: re.Match[str], today: date, month_first: bool) -> Piece | None:
    day = numbers.value(match["words"])
    if (
        day is None
        or not 1 <= day <= 31
        or (match["words"] in ("a", "un", "una", "one") and not match["lead"])
    ):
        return None
    return Piece("partial", match.span(), day=day, weak="dia" not in (match["lead"] or ""))


def _now(match: re.Match[str], today: date, month_first: bool) -> Piece:
    return Piece("fixed", match.span(), on=today, weak=True)


_MAKERS: Mapping[str, Make] = {
    "iso": _iso, "full": _numeric, "short": _numeric, "year_month": _year_month, "business": _business,
    "weekday_after_next": _weekday_after_next, "month_joined": _month_joined, "relative": _relative, "ago": _counted(-1), "hence": _counted(1), "weekdays_on": _weekdays_on,
    "counted_frame": _counted_frame, "frame_after_next": _after_next, "quincena": _quincena, "nth": _nth,
    "nth_alone": _nth_alone, "first_run": _first_run, "frame": _frame, "weak_frame": _weak_frame, "edge": _edge, "month_end": _month_end,
    "week_of": _week_of, "weekday": _weekday, "month": _month, "year": _year, "year_words": _year_words,
    "ordinal": _day(False), "the_day": _day(False), "spelled": _spelled, "cardinal": _cardinal, "bare": _day(True),
    "now": _now, "count": _counted(0),
}  # fmt: skip

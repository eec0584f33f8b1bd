"""Patterns of the pieces that days are named with, over text without accents, in the order in which they claim it."""

from __future__ import annotations

import re

from agent.understanding import numbers
from agent.understanding.calendar_words import (
    COUNT,
    COUNTED,
    DAY,
    MONTH,
    ORDINAL_MARK,
    UNIT,
    WEEKDAY,
    WEEKDAY_NAME,
)

NEXT = r"(?:next|coming|upcoming|following|proxim[oa]s?|siguientes?|entrantes?)"
LAST = r"(?:last|past|previous|prior|pasad[oa]s?|ultim[oa]s?|anterior(?:es)?)"
THIS = r"(?:this|current|same|este|esta|mism[oa]|actual)"
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
RELATIVE_DAYS = {
    "day after tomorrow": 2, "day after tmrw": 2, "pasado manana": 2, "dia despues de manana": 2, "day before yesterday": -2,
    "dia antes de ayer": -2, "antier": -2, "anteayer": -2, "antes de ayer": -2, "today": 0, "today's": 0, "tonight": 0,
    "this morning": 0, "this afternoon": 0, "this evening": 0, "right now": 0, "at this time": 0, "en este momento": 0,
    "hoy": 0, "tomorrow": 1, "tmrw": 1, "tomorow": 1, "tommorow": 1, "tommorrow": 1, "tmr": 1, "tomorrow's": 1,
    "tomorrows": 1, "manana": 1, "yesterday": -1, "yesterday's": -1, "ayer": -1, "anoche": -1, "last night": -1,
    "esta manana": 0, "esta noche": 0, "esta tarde": 0, "next day": 1, "following day": 1, "day after": 1, "dia siguiente": 1,
    "siguiente dia": 1, "last day": -1, "past day": -1, "previous day": -1, "day before": -1, "dia anterior": -1,
    "ultimo dia": -1, "this day": 0,
}  # fmt: skip
_RELATIVE = "|".join(sorted(RELATIVE_DAYS, key=len, reverse=True))
_FINDERS: tuple[tuple[str, str], ...] = (
    ("iso", rf"(?<![\d/.])(?<!\d-)(?P<year>(?:19|20)\d\d)\s?(?P<s>[-/.])(?P<month>{MONTH}|1[0-2]|0?[1-9])(?P=s)(?P<day>{DAY})(?!\d|[/-]\d)"),
    ("iso", r"(?<![\d/.$#])(?<!ref )(?<!number )(?<!account )(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)"),
    ("day_month_year", rf"(?<![\w$/.-])(?P<day>{DAY}){ORDINAL_MARK}\s+(?:of\s+)?(?P<month>{MONTH})\.?,?\s+'?(?P<year>[1-4]\d)(?![\d:.,/]|\s*{_NO_DAY})"),
    ("full", r"(?<![\d/.$])(?<![a-z]-)(?P<a>\d\d?)(?P<s>[/.-])(?P<b>\d\d?)(?:(?P=s)|,\s?)(?P<year>(?:20|19)\d\d)(?!\d)"),
    ("full", r"(?<![\d/.$])(?<![a-z]-)(?P<a>\d\d?)/(?P<b>\d\d?)[/,](?P<year>\d\d)(?![\d/])"),
    ("year_month", r"(?<![\d/.$-])(?P<month>1[0-2]|0?[1-9])\s?[-/.~]\s?(?P<year>(?:19|20)\d\d)(?![\d/-])"),
    ("year_month", r"(?<![\d/.$-])(?P<year>(?:19|20)\d\d)\s?[-/]\s?(?P<month>1[0-2]|0?[1-9])(?![\d/-])"),
    ("short", r"(?<![\d/.$])(?P<a>\d\d?)\s?/\s?(?P<b>\d\d?)(?![\d/]|\s+(?:of|hour|day|my|the|your))"),
    ("short", r"(?:(?<=\bel )|\A(?=\S+\Z)|\A(?=\S+ - \S+\Z)|(?<=\bon ))(?P<a>\d\d?)\s?-\s?(?P<b>\d\d?)(?![\d/.-])"),
    ("short", r"(?<=day )(?P<a>\d\d?)[.-](?P<b>\d\d?)(?![\d/.:-])"),
    ("short", r"(?:(?<=\bel )|(?<=\bdel )|(?<=\bpara el ))(?P<a>\d\d?) del? (?P<b>\d\d?)(?![\d/.-])"),
    ("business", rf"\b(?:in|within|en|dentro de)\s+(?P<count>{COUNT})\s+(?P<unit>business days?|working days?|dias? habil(?:es)?)"),
    ("nth", rf"\b(?:the\s+|el\s+|la\s+)?(?P<place>(?:\d\d?{ORDINAL_MARK}|{numbers.ORDINAL_WORDS}|last|ultim[oa])(?:\s+(?P<end>last))?)\s+(?:(?P<weekday>{WEEKDAY})|(?P<unit>weeks?|semana|(?:business |working )?day|dia(?: habil)?|quincena)\b)(?=\s+(?:of|in|de|del|en|next|this|last|after)\b)"),
    ("week_of", rf"\b(?:(?:the\s+|la\s+)?(?:week|semana)\s+(?:of|commencing|starting|beginning|del?|que (?:inicia|comienza|empieza))|w/c)(?:\s+on)?\s+(?:the\s+|el\s+)?(?={DAY}|{MONTH})"),
    ("relative", rf"(?<![a-z])(?<!dias )(?:the |el )?(?P<word>{_RELATIVE})(?![a-z'])"),
    ("ago", rf"\b(?P<counted>{COUNTED})\s+(?:ago|back|earlier)\b|\bhace\s+(?:mas de\s+)?(?P<counted2>{COUNTED})"),
    ("hence", rf"\b(?<!for )(?P<counted>{COUNTED})\s+(?:from (?:now|today)|hence|later|a partir de (?:ahora|hoy))\b"),
    ("hence", rf"\b(?:in|within|en|dentro de)\s+(?:about\s+|around\s+|like\s+|unos\s+|unas\s+|como\s+)?(?:(?:more|less) than\s+|(?:mas|menos) de\s+)?(?P<counted>{COUNTED})(?:'?s?\s+time)?(?!\s+(?:from|after|a partir|since|desde)\b)"),
    ("weekday_after_next", rf"\b(?P<weekday>{WEEKDAY})\s+(?:(?P<last>before\s+last)|after\s+(?:the\s+)?next)\b"),
    ("month_joined", rf"(?P<month>{MONTH})(?P<day>{DAY})(?!\d)"),
    ("weekdays_on", rf"\b(?P<count>{COUNT})\s+(?P<weekday>{WEEKDAY_NAME})s?\s+(?P<way>from now|ago)\b"),
    ("counted_frame", rf"\b(?:the\s+|l[oa]s\s+)?(?P<which>{NEXT}|{LAST})\s+(?P<count>{COUNT})\s?(?P<unit>{UNIT})"),
    ("counted_frame", rf"\b(?:the\s+|l[oa]s\s+)?(?P<count>{COUNT})\s+(?P<which>{NEXT}|{LAST})\s+(?P<unit>{UNIT})"),
    ("counted_frame", rf"\bl[oa]s\s+(?P<count>{COUNT})\s?(?P<unit>{UNIT})\s+(?P<which>{_AFTER_NOUN})"),
    ("frame_after_next", rf"\b(?P<unit>{UNIT})\s+(?:(?P<last>before\s+last|antepasad[oa])|after\s+(?:the\s+)?next|despues\s+del?\s+(?:la\s+)?proxim[oa])\b"),
    ("quincena", r"\b(?:(?:la|esta|de)\s+)?(?:proxima\s+|siguiente\s+)?quincena\b(?!\s+(?:del|de)\b)"),
    ("first_run", rf"\b(?:the\s+|l[oa]s\s+)?(?P<which>first|last|primer[oa]s|ultim[oa]s)\s+(?P<count>{COUNT})\s+(?P<unit>{UNIT})(?=\s+(?:of|in|de|del)\b)"),
    ("nth_alone", rf"\b(?:the\s+|el\s+)?(?P<place>(?!second)(?:{numbers.ORDINAL_WORDS}))\s+(?P<weekday>{WEEKDAY})"),
    ("year", r"\b(?:in|of|year|ano|during|en|since|de|del|after|before|than|hasta|desde)\s+(?P<year>(?:19|20)\d\d)(?![\d.,%]*\d|\s?(?:\$|dol|buck))|(?<![\d$.,])(?P<weak>(?:19|20)\d\d)(?![\d,.]*\d|\s?(?:\$|dol|buck))"),
    ("frame", rf"\b(?:the\s+|el\s+|la\s+)?(?P<which>{NEXT}|{LAST}|{THIS})\s+(?P<unit>{UNIT})"),
    ("frame", rf"\b(?:the\s+|el\s+|la\s+)?(?P<unit>semanas?|mes|ano|quincena|fin de semana|year|month|week)\s+(?P<which>{_AFTER_NOUN})\b"),
    ("weak_frame", r"\b(?:(?:the|that|my|all|the whole|the entire|el|la|al|del|aquel|ese|esa|de la|toda la)\s+(?P<unit>week|month|year|semana|mes|ano)|(?:(?:the|that|my|el|este|aquel|ese)\s+)?(?P<weekend>weekend|fin de semana|finde))\b"),
    ("month_end", r"\bmonth[- ]end\b|\beom\b|\bend of month\b|\bfin de mes\b|\bfin(?:al)?es de mes\b|\bfinal de mes\b|\bmitad de mes\b|\bmediados de mes\b|\bmid[- ]month\b|\bmiddle of (?:the|this) month\b|\b(?:principios?|inicios?|comienzos?) de mes\b|\bstart of month\b"),
    ("edge", r"\b(?:at\s+|by\s+|a\s+|for\s+)?(?:the\s+|el\s+|la\s+)?(?:(?P<end>ends?\b|finales\b|fines\b|final\b|fin\b|late\b)|(?P<mid>mid(?:dle)?\b|mediados\b|mitad\b)|(?P<start>beginning\b|start\b|early\b|inicios?\b|principios\b|comienzos\b))(?:[\s-]+(?:of|del?))?(?=[\s-]+(?:the|this|next|last|my|el|la|este|proximo|month|mes|week|year|" + MONTH + r")\b)"),
    ("weekday", rf"\b(?:the\s+)?(?:(?P<which>(?:this|este)\s+{NEXT}|{NEXT}|{LAST}|{THIS})\s+)?(?P<weekday>{WEEKDAY})(?:'s\b|\.)?(?:\s+(?P<after>{_AFTER_NOUN})\b)?"),
    ("month", rf"(?:\b(?P<which>{NEXT}|{LAST}|{THIS})\s+)?(?P<month>{MONTH})\.?"),
    ("year_words", rf"\b(?P<words>(?:two thousand|dos mil)(?:\s+(?:and\s+)?{numbers.WORDS})?)\b"),
    ("ordinal", rf"(?<![\w$])(?<!\d\.)(?:the\s+|el\s+)?(?P<day>{DAY}){ORDINAL_MARK}(?![a-z])(?!\s+{_NO_DAY_AFTER_ORDINAL})"),
    ("the_day", rf"\b(?:the|el(?:\s+dia)?|dia|del|on(?:\s+the)?|al)\s+(?P<day>{DAY})(?![\d:]|[.,/]\d|\s*{_NO_DAY}|\s+de\s+\d)"),
    ("spelled", rf"\b(?P<lead>(?:on|by|until|before|to|from|since)\s+the\s+|(?:the|el|dia)\s+)?(?P<words>{numbers.ORDINAL_WORDS})(?!\s+{_NO_DAY_AFTER_ORDINAL})(?P<of>\s+of\s+(?:the|next|every|each)\s+month)?"),
    ("cardinal", rf"\b(?P<lead>(?:el|dia|the)\s+(?:dia\s+)?)?(?P<words>{numbers.WORDS})(?!\s*{_NO_DAY})"),
    ("bare", rf"(?<![\w$.:,])(?<!\d/)(?P<day>{DAY})(?![\d:]|[.,/]\d|\s*{_NO_DAY})"),
    ("now", r"\b(?:now|ahora|(?<=\bto )date|(?<=\bhasta )la fecha)\b"),
    ("count", rf"\b(?P<counted>(?:for\s+|por\s+)?{COUNTED})"),
)  # fmt: skip
RULES = tuple((name, re.compile(pattern)) for name, pattern in _FINDERS)

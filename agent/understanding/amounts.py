"""Amounts of money in the customer's words, in whole cents. Where a bare number may be a day, a count or an account
ending, it is no amount."""

from __future__ import annotations

import re

from agent.understanding import numbers
from agent.understanding.result import Amount, Span

_NAMED = r"(?:dollars?|dollers?|dólares|dolares|dólar|dolar|bucks?|us\s?dollars?|usd|us\$|quid|pavos)"
_UNIT = rf"(?:{_NAMED}|\$)"
_FIGURE = r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+(?:[.,]\d{1,2})?"
_CENTS = r"(?:cents?|centavos?|penn(?:y|ies)|¢|c\b)"
_SMALL = rf"(?:[1-9]?\d|{numbers.WORDS})"
_AND_CENTS = (
    rf"(?:\s*,?\s*(?:and|y|con|with)?\s*(?P<cents>{_SMALL})\s?{_CENTS}"
    rf"|\s+(?:(?:and|y|con)\s+)?(?P<cents_bare>\d\d)(?![\d/:%.,]*\d|\s*(?:%|{_UNIT}|[a-z]+ly\b|of\b|days?|weeks?|months?|payments?))"
    rf"|\s+(?P<cents_words>(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[\s-](?:{numbers.WORDS}))?)\b(?!\s*(?:{_UNIT}|days?|weeks?|months?))"
    r")?"
)
_MARKED = re.compile(
    rf"(?:(?:(?:\bus)?\$|\busd)\s?(?P<sign>{_FIGURE})(?P<ks>\s?k\b)?(?:\s*{_NAMED}(?:\b|(?<=\$)))?"
    rf"|(?<![\w.,])(?P<unit>{_FIGURE})(?P<ku>\s?k)?[\s-]?{_UNIT}(?:\b|(?<=\$))(?!\s?\d+\s*{_NAMED})"
    rf"|\b(?P<words>{numbers.WORDS}|an?|un)[\s-]+(?:{_NAMED})(?:\b|(?<=\$))){_AND_CENTS}"
    r"|\b(?P<k>\d+(?:\.\d)?)k\b|\b(?P<grand>\d+|an?)\s+grand\b",
    re.I,
)
_CENTS_ALONE = re.compile(rf"\b(?P<n>\d{{1,3}}|{numbers.WORDS}|an?|un)[\s-]?{_CENTS}(?!\w)", re.I)
_LOWER_END = re.compile(
    rf"(?<![\w.,$])(?P<low>{_FIGURE})\s?(?:-|–|to|and|a|y|o|or)\s?(?:\$\s?)?(?:{_FIGURE})\s?{_UNIT}(?:\b|(?<=\$))"
    rf"|\$\s?(?:{_FIGURE})\s?(?:-|–|to|and|y|o|or)\s?(?P<high>{_FIGURE})(?![\w/%.,])",
    re.I,
)
_BARE = re.compile(rf"(?<![\w$#./:,-])(?P<n>{_FIGURE})(?![\w/:%]|[-.,]\d)", re.I)
_SPELLED_AFTER_VERB = re.compile(
    r"\b(?:pay|send|draw|take(?: out)?|borrow|put|make it|make that|transfer|meant|pague|pagar|sacar|retirar|enviar|"
    rf"mandar)\s+(?:you\s+|me\s+)?(?P<words>{numbers.WORDS})\b(?!\s*(?:-|months?|payments?|times?|days?|weeks?|pagos|mes"
    r"|meses|días|cuotas|of\b|more\b))",
    re.I,
)
_NOT_MONEY_AFTER = re.compile(
    r"\s*-?\s*(?:%|percent|per cent|por ciento|st\b|nd\b|rd\b|th\b|days?\b|weeks?\b|months?\b|years?\b|yrs?\b|hours?\b|"
    r"hrs?\b|minutes?\b|mins?\b|am\b|pm\b|a\.m|p\.m|o'?clock|payments?\b|installments?\b|instalments?\b|times?\b|x\b|"
    r"draws\b|fees\b|calls?\b|people\b|kids?\b|digits?\b|business\b|days?\b|d[ií]as?\b|semanas?\b|mes(?:es)?\b|"
    r"años?\b|horas?\b|pagos\b|cuotas\b|veces\b|statements?\b|points?\b|apr\b|de (?:enero|febrero|marzo|abril|mayo|"
    r"junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\b|(?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|"
    r"nov|dec)[a-z]*\b)",
    re.I,
)
_NOT_MONEY_BEFORE = re.compile(
    r"(?:ending(?: in)?|ends in|termina(?:da)? en|option|choice|opción|opcion|number|número|plan|chapter|capítulo|reg|"
    r"section|step|age|aged|top|at|the|el|día|dia|on|since|until|by|jan\w*|feb\w*|mar\w*|apr\w*|may|jun\w*|jul\w*|aug\w*|"
    r"sep\w*|oct\w*|nov\w*|dec\w*|acct|account|zip|route|unit|apt|suite|code|ref|id|case|phase|last|past|next|another|in"
    r"|dd|of|los|año|year|title|x+)[\s.:#]*\Z",
    re.I,
)
_MONEY_BEFORE = re.compile(
    r"(?:\b(?:pay|paid|send|sent|draw|drew|take|took|borrow|put|make it|make that|for|to|than|instead of|amount of|about"
    r"|around|only|just|exactly|limit|owe|charged?|credited|counted|extra|another|least|meant|refund|pague|pagar|pago|de"
    r"|sacar|retirar|enviar|mandar|subir|a|son|the)\s+(?:me\s+|you\s+)?"
    r"|\b(?:transaction|charge|draw|payment|withdrawal|entry|posting|fee|debit|advance|transfer)s? of\s+"
    r"|\b(?:raise|increase|bump|lift|lower|reduce|decrease|cut|sub\w+|aument\w+|baj\w+|reduc\w+)\b.{0,30}\b(?:by|por|en)\s+)\Z",
    re.I,
)
_YEAR = range(1990, 2100)


def find(text: str, taken: tuple[Span, ...] = ()) -> tuple[Amount, ...]:
    """Amounts in order of mention. `taken` are spans already read as something else (dates)."""
    found: list[Amount] = []
    for match in _MARKED.finditer(text):
        cents = _marked_cents(match)
        if cents:
            found.append(Amount(cents, match.group().strip(), match.span()))
    for match in _CENTS_ALONE.finditer(text):
        if (count := _small(match.group("n"))) and not _within(match.span(), found):
            found.append(Amount(count, match.group(), match.span()))
    for match in _LOWER_END.finditer(text):
        group = "low" if match.group("low") else "high"
        if not _within(match.span(group), found):
            found.append(Amount(cents_of(match.group(group)), match.group(group), match.span(group)))
    for match in _SPELLED_AFTER_VERB.finditer(text):
        number = numbers.value(match.group("words"))
        if number and number >= 5:
            found.append(Amount(number * 100, match.group("words"), match.span("words")))
    blocked = (*taken, *(amount.span for amount in found))
    found.extend(_bare(text, blocked))
    return tuple(_without_overlaps(sorted(found, key=lambda amount: (amount.span[0], -amount.span[1]))))


def _within(span: Span, found: list[Amount]) -> bool:
    return any(amount.span[0] < span[1] and span[0] < amount.span[1] for amount in found)


def _marked_cents(match: re.Match[str]) -> int | None:
    groups = match.groupdict()
    extra = (
        next((_small(groups[key]) for key in ("cents", "cents_bare", "cents_words") if groups[key]), 0) or 0
    )
    if words := groups["words"]:
        number = _small(words)
        return None if number is None else number * 100 + extra
    if groups["k"]:
        return cents_of(groups["k"]) * 1000
    if groups["grand"]:
        return (_small(groups["grand"]) or 1) * 100_000
    figure = groups["sign"] or groups["unit"] or "0"
    return cents_of(figure) * (1000 if groups["ks"] or groups["ku"] else 1) + extra


def _small(words: str) -> int | None:
    """A count in figures or words; "a" is one."""
    if words.isdigit():
        return int(words)
    return 1 if words.lower() in ("a", "an", "un") else numbers.value(words)


def cents_of(figure: str) -> int:
    """Cents of "1,250.50", "1.250,50", "80" or "12,5"."""
    decimals = re.search(r"[.,](\d{1,2})\Z", figure)
    whole = figure[: decimals.start()] if decimals else figure
    fraction = decimals.group(1).ljust(2, "0") if decimals else "00"
    return int(re.sub(r"\D", "", whole) or "0") * 100 + int(fraction)


def _bare(text: str, blocked: tuple[Span, ...]) -> list[Amount]:
    alone = re.fullmatch(
        rf"\W*(?:no\W+|ok\W+|make it\s+|sorry\W+)?(?P<n>{_FIGURE})(?:\W+(?:please|then))?\W*", text, re.I
    )
    found: list[Amount] = []
    for match in _BARE.finditer(text):
        if any(start < match.end() and match.start() < end for start, end in blocked):
            continue
        cents, before = cents_of(match.group("n")), text[: match.start()]
        if cents == 0 or _NOT_MONEY_AFTER.match(text, match.end()):
            continue
        if alone is None or match.group("n") != alone.group("n") or cents < 1000:
            decimals = re.search(r"[.,]\d\d\Z", match.group("n"))
            led_by_money = _MONEY_BEFORE.search(before)
            if not decimals and not (led_by_money and cents >= 500):
                year_like = cents % 100 == 0 and cents // 100 in _YEAR
                if cents < 2000 or year_like or _NOT_MONEY_BEFORE.search(before) or cents > 10_000_000:
                    continue
        found.append(Amount(cents, match.group("n"), match.span("n")))
    return found


def _without_overlaps(amounts: list[Amount]) -> list[Amount]:
    kept: list[Amount] = []
    for amount in amounts:
        if not kept or amount.span[0] >= kept[-1].span[1]:
            kept.append(amount)
    return kept

"""Finds and masks what should never be in a chat: card, social security and bank account numbers, passwords, and
e-mail addresses and telephone numbers.

It runs before a message is stored, sent to a model or traced. Pure. Amounts, dates and last-four digits stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["card", "ssn", "account", "password", "email", "phone"]
SECRETS: frozenset[Kind] = frozenset({"card", "ssn", "account", "password"})
"""what nobody may say in a chat, our own words included"""

_GAP = r"(?:[ \t]?[-–—./·][ \t]?|[ \t\u00a0])?"
"""what people put between groups of digits"""
_CARD = re.compile(
    rf"(?<![\d.$#+\w])(?:\d{_GAP}){{12,18}}\d(?![\d\w])|(?<=#)(?:\d{_GAP}){{12,18}}\d(?![\d\w])"
)
_CARD_NAMED = re.compile(
    rf"(?i)\b(?:cards?|cc|visa|mastercard|amex|american express|discover|tarjetas?)\b[^\d$\n]{{0,25}}"
    rf"(?P<number>(?:\d{_GAP}){{11,18}}\d)(?![\d\w])"
)
_SSN = re.compile(r"(?<![\d-])(?!000|666)\d{3}(?P<gap>[- ./–])(?!00)\d{2}(?P=gap)(?!0000)\d{4}(?![\d-])")
_SSN_NAMED = re.compile(
    r"(?i)\b(?:ssn|itin|social(?: security)?(?: number)?|seguro social)\b\D{0,20}"
    r"(?P<number>\d{3}[- .]?\d{2}[- .]?\d{4})(?!\d)"
)
_IBAN = re.compile(r"(?i)(?<!\w)[a-z]{2}\d{2}(?: ?[a-z0-9]{4}){2,7}(?: ?[a-z0-9]{1,4})?(?!\w)")
_ACCOUNT = re.compile(
    r"(?i)\b(?:(?:bank(?:ing)? |checking |savings )?(?:account|acct\.?)(?: number| num\.?| no\.?| #)?"
    r"|checking|savings|routing(?: number)?|aba|cuenta(?: bancaria| de cheques| de ahorros)?|ruta)"
    r"(?:(?!\. |phone|tel[eé]fono)[^\d$\n]){0,22}(?P<number>\d(?:[ -]?\d){6,16})(?![\d\w]|[.,]\d)"
)
_PASSWORD = re.compile(
    r"(?i)\b(?:password|passcode|pin|cvv|cvc|security code|contraseña|clave)(?: is|:| es)\s+"
    r"(?=\S*[\d!@#$%^&*])(?!\[)(?P<number>\S{3,})"  # plain words are a sentence: "the pin is wrong"
)
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}")
_EMAIL_SPOKEN = re.compile(
    r"(?i)(?<!\w)[\w.+-]+\s?(?:\(at\)|\[at\]|\s(?:at|arroba)\s)\s?[\w-]+\s?(?:\(dot\)|\[dot\]|\s(?:dot|punto)\s)\s?"
    r"(?:com|net|org|edu|us|info|mx|es)\b"
)
_PHONE_US = re.compile(
    r"(?<![\w$.,/-])(?:\+?1[-. ]?)?(?:\(\d{3}\)\s?|\d{3}[-. ])\d{3}[-. ]\d{4}(?:\s?(?:x|ext\.?)\s?\d{1,5})?(?![\w-])"
)
_PHONE_ABROAD = re.compile(
    r"(?<![\w$.,/-])(?:\+\d{1,3}[-. ]?(?:\(0?\d{0,4}\)[-. ]?)?|\(0?\d{1,4}\)[-. ]?|0\d{1,4}[-. ])"
    r"\d{1,5}(?:[-. ]\d{2,5}){0,4}(?![\w])"
)
_PHONE_WORDS = (
    r"(?:phones?|telephone|tel|mobile|cell(?:phone|ular)?|office|home|work|desk|fax|direct|hotline"
    r"|call(?:ed|ing)?(?: me| us)?"
    r"|reach(?: me| us)?|text(?: me| us)?|messages?|answering|ring|whatsapp|contact|tel[eé]fono|m[oó]vil|celular"
    r"|ll[aá]m[ea]\w*|fono)"
)
_PHONE_NAMED = re.compile(
    rf"(?i)\b{_PHONE_WORDS}(?:\s+(?:number|n[uú]mero|me|us|is|es|at|on|to|al|a|en|nr|no\.?|#))*[\s:#=(]{{1,4}}"
    r"(?P<number>\+?\(?\d{1,5}\)?(?:[-. ]?\(?\d{2,5}\)?){1,4})(?![\w%]|[.,:/-]\d)"
)
_PHONE_BEFORE = re.compile(
    r"(?i)(?<![\w$.,:/-])(?P<number>\+?\d{2,5}(?:[-. ]\d{2,5}){1,4})"
    r"(?=[\s,\\-]{1,3}(?:office|mobile|fax|cell|desk|home|work)\b)"
)
_DIGIT = "(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve)"
_SPELLED = re.compile(rf"(?i)\b{_DIGIT}(?:[\s,-]+{_DIGIT}){{8,18}}\b")


@dataclass(frozen=True)
class Secret:
    """One thing that must not be kept, and where it stands."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Masked:
    """The text with secrets replaced, and the kinds that were found."""

    text: str
    kinds: tuple[Kind, ...]


def luhn(digits: str) -> bool:
    """True when the digits carry a valid card check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def find(text: str) -> tuple[Secret, ...]:
    """Every secret in the words, left to right; a character belongs to one."""
    found: list[Secret] = []
    for kind, pattern, fits in _RULES:
        for match in pattern.finditer(text):
            group = "number" if "number" in pattern.groupindex else 0
            start, end = match.span(group)
            if any(start < other.end and other.start < end for other in found):
                continue
            if fits(match[group], text[:start]):
                found.append(Secret(kind(match[group], text[:start]), start, end))
    return tuple(sorted(found, key=lambda secret: secret.start))


def mask(text: str) -> Masked:
    """The message as it may be kept."""
    if not _MAYBE.search(text):
        return Masked(text, ())
    found = find(text)
    for secret in reversed(found):
        text = text[: secret.start] + _instead(secret, text) + text[secret.end :]
    return Masked(text, tuple(secret.kind for secret in found))


_MAYBE = re.compile(rf"\d|@|(?i:password|passcode|\bat\b|\barroba\b|{_DIGIT}[\s,-]+{_DIGIT})")
"""most messages hold nothing that could be a secret"""


def _instead(secret: Secret, text: str) -> str:
    digits = _digits(text[secret.start : secret.end])
    match secret.kind:
        case "card":
            return f"[card ending {digits[-4:]}]" if digits else "[card number removed]"
        case "account":
            return f"[number ending {digits[-4:]}]" if len(digits) >= 4 else "[number removed]"
        case "phone":
            return f"[phone ending {digits[-4:]}]" if len(digits) >= 4 else "[phone number removed]"
        case "ssn":
            return "[social security number removed]"
        case kind:
            return f"[{kind} removed]"


def _digits(text: str) -> str:
    return "".join(char for char in text if char.isdigit())


def _is_card(number: str, before: str) -> bool:
    digits = _digits(number)
    return 13 <= len(digits) <= 19 and luhn(digits) and not _counts(number)


def _counts(number: str) -> bool:
    """True for a list of small numbers, "1 2 3 4 5": nobody writes a card number so, even if the check digit fits."""
    return len(re.findall(r"\d+", number)) > 8


def _is_named_card(number: str, before: str) -> bool:
    return 12 <= len(_digits(number)) <= 19 and not _counts(number)


def _is_iban(number: str, before: str) -> bool:
    return sum(char.isdigit() for char in number) >= 10 and number[:2].isalpha()


def _is_account(number: str, before: str) -> bool:
    return not re.search(r"(?i)\bending(?: in)?\s*$|\$\s*$", before)


def _is_phone(number: str, before: str) -> bool:
    digits = _digits(number)
    return 7 <= len(digits) <= 15 and not _DATE.fullmatch(number.strip())


_DATE = re.compile(r"(?:19|20)\d{2}[-. ]\d{1,2}[-. ]\d{1,2}|\d{1,2}[-. ]\d{1,2}[-. ](?:19|20)\d{2}")


def _always(number: str, before: str) -> bool:
    return True


def _spelled_kind(number: str, before: str) -> Kind:
    """By what was named just before, else by the count of digits."""
    named: tuple[tuple[Kind, str], ...] = (
        ("account", "account|routing|cuenta"), ("card", "card|tarjeta"), ("ssn", "social|ssn|seguro"),
    )  # fmt: skip
    for kind, words in named:
        if re.search(rf"(?i)\b(?:{words})\b.{{0,25}}$", before):
            return kind
    digits = len(re.findall(r"[^\W\d_]+", number))
    return "ssn" if digits == 9 else "phone" if digits <= 11 else "card"


def _kind(name: Kind) -> Callable[[str, str], Kind]:
    return lambda number, before: name


_RULES: tuple[tuple[Callable[[str, str], Kind], re.Pattern[str], Callable[[str, str], bool]], ...] = (
    (_kind("email"), _EMAIL, _always),
    (_kind("email"), _EMAIL_SPOKEN, _always),
    (_kind("account"), _IBAN, _is_iban),
    (_kind("card"), _CARD, _is_card),
    (_kind("card"), _CARD_NAMED, _is_named_card),
    (_kind("ssn"), _SSN_NAMED, _always),
    (_kind("ssn"), _SSN, _always),
    (_kind("account"), _ACCOUNT, _is_account),
    (_kind("password"), _PASSWORD, _always),
    (_kind("phone"), _PHONE_US, _is_phone),
    (_kind("phone"), _PHONE_ABROAD, _is_phone),
    (_kind("phone"), _PHONE_NAMED, _is_phone),
    (_kind("phone"), _PHONE_BEFORE, _is_phone),
    (_spelled_kind, _SPELLED, _always),
)
"""in order: what an earlier rule has taken, a later one leaves alone"""

"""Masks what should never be in a chat: full card numbers, social security numbers, bank account numbers, passwords.

It runs before a message is stored, sent to a model or traced. Pure. Amounts, dates and last-four digits stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CARD = re.compile(r"(?<![\d.$])(?:\d[ -]?){12,18}\d(?!\d)")
_SSN = re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}(?![\d-])")
_SSN_NAMED = re.compile(r"(?i)\b(ssn|social security(?: number)?|seguro social)\b(\D{0,15})(\d{9})\b")
_ACCOUNT = re.compile(
    r"(?i)\b((?:bank )?(?:account|acct\.?)(?: number| no\.?| #)?|routing(?: number)?|cuenta(?: bancaria)?)"
    r"(\D{0,12})(\d{7,17})\b"
)
_PASSWORD = re.compile(
    r"(?i)\b(password|passcode|pin|cvv|cvc|security code|contraseña|clave)( is|:| es)\s+"
    r"(?=\S*[\d!@#$%^&*])(?!\[)(\S{3,})"  # plain words are a sentence: "the pin is wrong"
)


@dataclass(frozen=True)
class Masked:
    """The text with secrets replaced, and the kinds that were found."""

    text: str
    kinds: tuple[str, ...]


def luhn(digits: str) -> bool:
    """True when the digits carry a valid card check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def mask(text: str) -> Masked:
    """The message as it may be kept."""
    kinds: list[str] = []

    def card(match: re.Match[str]) -> str:
        digits = re.sub(r"\D", "", match.group())
        if not 13 <= len(digits) <= 19 or not luhn(digits):
            return match.group()
        kinds.append("card")
        return f"[card ending {digits[-4:]}]"

    def ssn(match: re.Match[str]) -> str:
        kinds.append("ssn")
        return "[social security number removed]"

    def ssn_named(match: re.Match[str]) -> str:
        kinds.append("ssn")
        return f"{match[1]}{match[2]}[removed]"

    def account(match: re.Match[str]) -> str:
        kinds.append("account")
        return f"{match[1]}{match[2]}[number ending {match[3][-4:]}]"

    def password(match: re.Match[str]) -> str:
        kinds.append("password")
        return f"{match[1]}{match[2]} [removed]"

    for pattern, replacement in (
        (_CARD, card),
        (_SSN, ssn),
        (_SSN_NAMED, ssn_named),
        (_ACCOUNT, account),
        (_PASSWORD, password),
    ):
        text = pattern.sub(replacement, text)
    return Masked(text, tuple(kinds))

"""Invented card, social security and account numbers, addresses and telephone numbers, drawn by a seed."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from agent.rails.pii import luhn

_NAMES = "maria jose dana lee chris kim alex rosa omar ines tom jules".split()
_HOSTS = ("mail.com", "correo.mx", "example.org", "post.co.uk", "my-host.net", "uni.edu")
_SEPARATORS = ("", "", " ", "-", ".")


def _digits(draw: Random, n: int, first: str = "123456789") -> str:
    return draw.choice(first) + "".join(draw.choice("0123456789") for _ in range(n - 1))


def card(draw: Random) -> str:
    """A number with a valid check digit, of 15 or 16 digits, written in one of the usual ways."""
    start, length = draw.choice((("4", 16), ("51", 16), ("55", 16), ("6011", 16), ("37", 15), ("34", 15)))
    body = start + "".join(draw.choice("0123456789") for _ in range(length - len(start) - 1))
    number = next(body + last for last in "0123456789" if luhn(body + last))
    gap = draw.choice(_SEPARATORS)
    groups = (4, 6, 5) if length == 15 else (4, 4, 4, 4)
    parts, at = [], 0
    for size in groups:
        parts.append(number[at : at + size])
        at += size
    return gap.join(parts)


def ssn(draw: Random) -> str:
    gap = draw.choice(("-", "-", " ", "."))
    return f"{draw.randint(101, 665)}{gap}{draw.randint(10, 99)}{gap}{draw.randint(1000, 9999)}"


def account(draw: Random) -> str:
    return _digits(draw, draw.randint(8, 14), "0123456789")


def iban(draw: Random) -> str:
    number = f"GB{draw.randint(10, 98)}{draw.choice(('NWBK', 'BARC', 'LOYD'))}{_digits(draw, 14)}"
    return " ".join(number[at : at + 4] for at in range(0, 22, 4)) if draw.random() < 0.3 else number


def email(draw: Random) -> str:
    local = draw.choice(("{}.{}", "{}_{}", "{}{}", "{}+{}")).format(draw.choice(_NAMES), draw.choice(_NAMES))
    return f"{local}{draw.choice(('', str(draw.randint(1, 99))))}@{draw.choice(_HOSTS)}"


def phone(draw: Random) -> str:
    area, exchange, line = draw.randint(201, 989), draw.randint(200, 999), draw.randint(0, 9999)
    form = draw.choice(
        (
            "{}-{}-{:04d}",
            "({}) {}-{:04d}",
            "{}.{}.{:04d}",
            "{} {} {:04d}",
            "+1 {} {} {:04d}",
            "1-{}-{}-{:04d}",
        )
    )
    return form.format(area, exchange, line)


VALUES: dict[str, Callable[[Random], str]] = {
    "card": card,
    "ssn": ssn,
    "account": account,
    "iban": iban,
    "email": email,
    "phone": phone,
}

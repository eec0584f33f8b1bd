"""Renders strict templates: `prompts/replies/<language>/<name>.md` with fields out of receipts.

Money, days, rates and counts are written here and nowhere else, in the customer's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from agent import prompt_files
from tools.limits import statement

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
}


def money(cents: int) -> str:
    """ "$1,234.56"; a negative amount as "−$5.00"."""
    sign = "−" if cents < 0 else ""
    return f"{sign}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"


def pct(basis_points: int) -> str:
    """ "25.99 %", "6 %"."""
    whole, part = divmod(basis_points, 100)
    return f"{whole}.{part:02d} %" if part else f"{whole} %"


def day(value: str | date, language: str, year: int | None) -> str:
    """ "May 22", or "May 22, 2027" when it is not in `year`; "22 de mayo (de 2027)" in Spanish."""
    when = date.fromisoformat(value) if isinstance(value, str) else value
    month = MONTHS[language][when.month - 1]
    if language == "es":
        return f"{when.day} de {month}" + ("" if when.year == year else f" de {when.year}")
    return f"{month} {when.day}" + ("" if when.year == year else f", {when.year}")


@cache
def _environment(language: str, year: int | None) -> SandboxedEnvironment:
    environment = SandboxedEnvironment(
        autoescape=False, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["money"] = money
    environment.filters["pct"] = pct
    environment.filters["day"] = lambda value: day(value, language, year)
    environment.filters["why"] = lambda reason: statement(reason, language)[0]
    environment.filters["would_help"] = lambda reason: statement(reason, language)[1]
    environment.filters["month_year"] = lambda value: _month_year(value, language)
    return environment


def _month_year(value: str, language: str) -> str:
    when = date.fromisoformat(value)
    joiner = " de " if language == "es" else " "
    return f"{MONTHS[language][when.month - 1]}{joiner}{when.year}"


@cache
def _template(name: str, language: str, year: int | None) -> Template:
    return _environment(language, year).from_string(prompt_files.load(template_path(name, language)).body)


def template_path(name: str, language: str) -> str:
    """The template in the customer's language, or in English where it is not written yet."""
    path = f"replies/{language}/{name}"
    return path if prompt_files.exists(path) else f"replies/en/{name}"


def render(name: str, fields: Mapping[str, Any], language: str, year: int | None = None) -> str:
    """The template's words. Raises when a field it needs is not given."""
    path = template_path(name, language)
    written_in = path.split("/")[1]
    rendered = _template(name, written_in, year).render(dict(fields))
    return re.sub(r"\n{3,}", "\n\n", rendered).strip()

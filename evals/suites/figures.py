"""False figures and claims planted in drafts, and true drafts that must leave.

True drafts are the product's own replies over the demo book, as the rail saw them, and a model's free words about the
same receipts (`cases/`). False ones are made of true ones: one figure of a reply changed, one slot of a free draft
filled with a value nearby, a claim added of what was not done. Role swaps (a true figure in another's place) are their
own slice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from random import Random
from typing import Any

from agent.rails.actions import JUDGED, OUTPUT_CHECKS
from agent.rails.actions import Draft as Judged
from evals.figures import Figures, wilson
from evals.suites import figures_drafts, figures_free
from evals.suites.figures_replies import Said, replies

PEOPLE = 24
PLANTED_PER_REPLY = 3
CAUGHT_MIN, HELD_BACK_MAX = 0.995, 0.005
_MONEY = re.compile(r"\$(\d[\d,]*)\.(\d\d)")
_RATE = re.compile(r"(\d+)\.(\d\d) %")
_MONTHS = {language: "|".join(names) for language, names in figures_drafts.MONTHS.items()}
_DAY = re.compile(rf"\b((?:{_MONTHS['en']}) )(\d{{1,2}})\b|\b(\d{{1,2}})( de (?:{_MONTHS['es']}))\b")


def objection(draft: Judged) -> str | None:
    """The output check that holds the draft back, if any does."""
    JUDGED.set(draft)
    return next((name for name, check in OUTPUT_CHECKS.items() if not check()), None)


def run(options: Any) -> Figures:
    """caught and held_back over all, and by slice; role_swaps_caught apart."""
    said = replies(PEOPLE)
    cases = list(_cases(said, Random(options.seed)))
    return _figures(cases)


Case = tuple[str, Judged, bool]
"""slice, draft, whether it is false"""


def _cases(said: list[Said], draw: Random) -> Iterator[Case]:
    for one in said:
        judged = Judged(one.text, one.receipts, one.language, False, date.fromisoformat(one.day))
        yield "reply", judged, False
        for text in _altered(one.text, draw):
            yield "reply", Judged(text, one.receipts, one.language, False, judged.today), True
    yield from _free(said, draw)
    seen: set[str] = set()
    for one in said:
        for line in figures_drafts.lines_of(one.receipts):
            if repr(line) in seen:
                continue
            seen.add(repr(line))
            reads = [receipt for receipt in one.receipts if receipt.tool == "get_overview"]
            for draft in figures_drafts.drafts(line, draw):
                judged = Judged(draft.text, reads, draft.language, True, date.fromisoformat(one.day))
                yield draft.false or "draft", judged, bool(draft.false)


def _free(said: list[Said], draw: Random) -> Iterator[Case]:
    """A model's own words about all that was looked up for a customer."""
    for customer, theirs in groupby(said, lambda one: one.customer):
        replies_of = list(theirs)
        today = date.fromisoformat(replies_of[0].day)
        looked_up = [receipt for one in replies_of for receipt in one.receipts]
        assert looked_up, customer
        for part, name in (("drafts", "free"), ("unseen", "unseen")):
            for draft, read in figures_free.drafts(looked_up, today, draw, part):
                judged = Judged(draft.text, read, draft.language, True, today)
                yield draft.false or name, judged, bool(draft.false)


def _altered(text: str, draw: Random) -> Iterator[str]:
    """The reply with one of its figures changed, up to PLANTED_PER_REPLY times."""
    places = [match for pattern in (_MONEY, _RATE, _DAY) for match in pattern.finditer(text)]
    for match in draw.sample(places, min(PLANTED_PER_REPLY, len(places))):
        yield text[: match.start()] + _changed(match, draw) + text[match.end() :]


def _changed(match: re.Match[str], draw: Random) -> str:
    if match.re is _DAY:
        old = int(match[2] or match[3])
        new = draw.choice([day for day in range(1, 29) if day != old])
        return f"{match[1]}{new}" if match[1] else f"{new}{match[4]}"
    digits = [n for n, char in enumerate(match[0]) if char.isdigit()]
    at = draw.choice(digits)
    return match[0][:at] + draw.choice([d for d in "123456789" if d != match[0][at]]) + match[0][at + 1 :]


def _figures(cases: list[Case]) -> Figures:
    hits: Counter[str] = Counter()
    total: Counter[str] = Counter()
    slipped: list[str] = []
    for name, draft, false in cases:
        why = objection(draft)
        kind = f"caught.{name}" if false else f"held_back.{name}"
        total[kind] += 1
        hits[kind] += why is not None
        if (why is None) == false and name != "role":
            slipped.append(f"{kind}, {why or 'passed'}: {draft.text[:140]!r}")
    figures: dict[str, float | int] = {}
    intervals = {}
    for label, names in _labels(total):
        n, hit = sum(total[name] for name in names), sum(hits[name] for name in names)
        figures[label], intervals[label] = hit / n, wilson(hit, n)
    figures |= {
        "planted": sum(n for name, n in total.items() if name.startswith("caught.")),
        "true": sum(n for name, n in total.items() if name.startswith("held")),
    }
    return Figures(
        name="figures",
        kind="suite",
        data="demo book",
        n=len(cases),
        figures=figures,
        intervals=intervals,
        notes=slipped[:40],
        failed=figures["caught"] < CAUGHT_MIN or figures["held_back"] > HELD_BACK_MAX,
    )


def _labels(total: Counter[str]) -> Iterator[tuple[str, list[str]]]:
    yield "caught", [name for name in total if name.startswith("caught.") and name != "caught.role"]
    yield "held_back", [name for name in total if name.startswith("held_back.")]
    yield "role_swaps_caught", ["caught.role"]
    for name in sorted(total):
        if name != "caught.role":
            yield name, [name]

"""Unit economics as a finance colleague reads them: a table for the terminal and a page with plots."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from rich.table import Table

from ledger_core import svg
from ledger_core.money import Money, round_half_up
from ledger_core.page import figure, note, page, pair, section, table, tiles
from ledger_core.queries.economics import Cohort, Economics, Figures, LineEconomics, total

_COLUMNS: Final[tuple[tuple[str, Callable[[Figures], int]], ...]] = (
    ("interest", lambda f: f.interest_cents),
    ("fees", lambda f: f.fees_cents),
    ("credits", lambda f: -f.credits_cents),
    ("revenue", lambda f: f.revenue_cents),
    ("funds", lambda f: -f.funds_cents),
    ("servicing", lambda f: -f.servicing_cents),
    ("charged off", lambda f: -f.charged_off_cents),
    ("forgiven", lambda f: -f.forgiven_cents),
    ("recovered", lambda f: f.recovered_cents),
    ("contribution", lambda f: f.contribution_cents),
    ("expected loss", lambda f: -f.expected_loss_cents),
    ("value to date", lambda f: f.value_cents),
    ("projected", lambda f: f.projected_cents),
)
_EITHER_END: Final = 6
"""lines shown of those worth least, and of those worth most"""
_SHORT: Final = (
    "lines", "revenue", "funds", "servicing", "losses", "contribution", "expected loss", "value to date", "projected",
)  # fmt: skip


def terminal_table(found: Economics) -> Table:
    """A row a cohort and the sum of all, in dollars."""
    made = Table(
        title=f"Unit economics on {found.on}, {found.assumptions.version}, dollars", show_footer=True
    )
    sums = _short_cells(found.total)
    for name, foot in zip(("opened", "product", "grade"), ("all", "", ""), strict=True):
        made.add_column(name, footer=foot)
    for name, foot in zip(_SHORT, sums, strict=True):
        made.add_column(name, justify="right", footer=foot)
    for cohort, figures in found.cohorts.items():
        made.add_row(cohort.opened, _short(cohort), cohort.grade, *_short_cells(figures))
    return made


def report(found: Economics) -> str:
    """The page. An empty book says so."""
    about = (
        f"As of {found.on}, assumptions {found.assumptions.version}. Dollars; income, credits and losses are the "
        "ledger's own postings, the rest follows from the stated assumptions."
    )
    if not found.lines:
        return page("Unit economics", about, section("No lines", note("The book holds no line yet.")))
    return page(
        "Unit economics",
        about,
        _at_a_glance(found),
        _pictures(found),
        _cohorts(found),
        _by(found, "product", lambda cohort: cohort.product_id),
        _by(found, "grade at opening", lambda cohort: cohort.grade),
        _extremes(found),
        _assumptions(found),
    )


def _at_a_glance(found: Economics) -> str:
    whole = found.total
    a_line = round_half_up(whole.margin_cents, whole.months)
    return tiles(
        [
            (_said(whole.revenue_cents), "revenue billed, net of credits"),
            (_said(a_line), "margin of a line and month, before losses"),
            (_said(whole.contribution_cents), "contribution to date, after booked losses"),
            (_said(whole.expected_loss_cents), f"expected loss on {_said(whole.exposure_cents)} of exposure"),
            (_said(whole.value_cents), "lifetime value to date"),
            (_said(whole.projected_cents), f"projected, with {found.assumptions.months_ahead} months ahead"),
        ]
    )


def _pictures(found: Economics) -> str:
    months: dict[str, list[Figures]] = {}
    for cohort, figures in found.cohorts.items():
        months.setdefault(cohort.opened, []).append(figures)
    by_month = {opened: total(several) for opened, several in months.items()}
    bars = {
        "revenue": [_a_line(f.revenue_cents, f) for f in by_month.values()],
        "funds": [-_a_line(f.funds_cents, f) for f in by_month.values()],
        "servicing": [-_a_line(f.servicing_cents, f) for f in by_month.values()],
        "booked losses": [-_a_line(_losses(f), f) for f in by_month.values()],
        "expected loss": [-_a_line(f.expected_loss_cents, f) for f in by_month.values()],
    }
    worth = {
        "to date": [_a_line(f.value_cents, f) for f in by_month.values()],
        "projected": [_a_line(f.projected_cents, f) for f in by_month.values()],
    }
    return section(
        "Cohorts by the month of opening",
        pair(
            figure("What a line earned and cost, dollars", svg.stacked(list(by_month), bars)),
            figure("Lifetime value of a line, dollars", svg.lines(list(by_month), worth)),
        ),
        note(
            "Few lines in a month make its point jump: one charge-off decides it. The table says how many there are."
        ),
    )


def _cohorts(found: Economics) -> str:
    shown = _shown(found)
    rows = [
        (cohort.opened, _short(cohort), cohort.grade, f.lines, f.months, *_cells(f, shown))
        for cohort, f in found.cohorts.items()
    ]
    whole = found.total
    sums = ("all", "", "", whole.lines, whole.months, *_cells(whole, shown))
    missing = [name for name, _ in _COLUMNS if name not in shown]
    return section(
        "Cohorts",
        table(("opened", "product", "grade", "lines", "months", *shown), rows, sums=sums),
        note(
            "The grade is that of the application; for lines opened without one, the grade whose rate they bear."
        ),
        note(f"Nothing is posted as {', '.join(missing)}: no column of its own.") if missing else "",
    )


def _by(found: Economics, name: str, key: Callable[[Cohort], str]) -> str:
    shown = _shown(found)
    groups: dict[str, list[Figures]] = {}
    for line in found.lines:
        groups.setdefault(key(line.cohort), []).append(line.figures)
    sums = {group: total(several) for group, several in sorted(groups.items())}
    rows = [(group, f.lines, f.months, *_cells(f, shown)) for group, f in sums.items()]
    return section(f"By {name}", table((name, "lines", "months", *shown), rows))


def _extremes(found: Economics) -> str:
    shown = tuple(name for name in _shown(found) if name not in ("interest", "fees", "credits"))
    ranked = sorted(found.lines, key=lambda line: (line.figures.value_cents, line.line_id))
    ends = ranked if len(ranked) <= 2 * _EITHER_END else (*ranked[:_EITHER_END], *ranked[-_EITHER_END:])
    rows = [
        (
            line.line_id,
            line.status,
            _short(line.cohort),
            line.cohort.grade,
            _chance(line),
            *_cells(line.figures, shown),
        )
        for line in ends
    ]
    return section(
        "Lines worth least and most",
        table(("line", "status", "product", "grade", "may miss", *shown), rows),
        note("* no score: fewer than six closed cycles; the chance is the one the assumptions name."),
    )


def _assumptions(found: Economics) -> str:
    given = found.assumptions
    rows = [
        ("Cost of funds, a year of a drawn dollar", _bp(given.funds_rate_bp)),
        ("Servicing, a line and cycle begun", _said(given.servicing_cents_per_month)),
        ("Of lines that miss a minimum, charged off in the end", _bp(given.charge_off_share_bp)),
        ("Of what is then owed, lost", _bp(given.loss_given_charge_off_bp)),
        ("Of the unused limit, drawn before a charge-off", _bp(given.undrawn_share_bp)),
        ("Chance of a missed minimum without a score", f"{given.missed_ppm_without_score / 10_000:.1f} %"),
        ("Months looked ahead", str(given.months_ahead)),
        ("Of those, lived through on average", _bp(given.kept_share_bp)),
    ]
    formulas = (
        "Revenue = interest and fees billed - credits. Margin = revenue - funds - servicing. Contribution = margin - "
        "charged off - forgiven + recovered. Value to date = contribution - expected loss. Projected = value to date + "
        "margin a month x months ahead x share of them lived through, for lines that have not ended.",
        "Expected loss = exposure x chance of a missed minimum (the latest assessment) x share charged off x share "
        "lost. The chance is the model's, made for a missed payment and not for a charge-off: the share between the "
        "two is an assumption until our own charge-offs are many enough to measure it.",
        "The projection is a straight line: the margin a line has made so far goes on, nothing is discounted, and no "
        "new growth is assumed. Acquisition cost, overhead and tax are not in it.",
    )
    return section(
        "Assumptions and formulas", table(("assumption", given.version), rows), *map(note, formulas)
    )


def _chance(line: LineEconomics) -> str:
    return f"{line.missed_ppm / 10_000:.1f} %" + ("" if line.scored else " *")


def _shown(found: Economics) -> tuple[str, ...]:
    """Columns in which some line has something."""
    return tuple(name for name, of in _COLUMNS if any(of(line.figures) for line in found.lines))


def _cells(f: Figures, shown: Sequence[str]) -> tuple[str, ...]:
    return tuple(_plain(of(f)) for name, of in _COLUMNS if name in shown)


def _short(cohort: Cohort) -> str:
    return cohort.product_id.removeprefix("cash_line_")


def _short_cells(f: Figures) -> tuple[str, ...]:
    cents = (
        f.revenue_cents, -f.funds_cents, -f.servicing_cents, -_losses(f), f.contribution_cents,
        -f.expected_loss_cents, f.value_cents, f.projected_cents,
    )  # fmt: skip
    return f"{f.lines:,}", *map(_plain, cents)


def _losses(f: Figures) -> int:
    return f.charged_off_cents + f.forgiven_cents - f.recovered_cents


def _plain(cents: int) -> str:
    return str(Money(cents)).replace("$", "") if cents else "–"


def _said(cents: int) -> str:
    return str(Money(cents))


def _a_line(cents: int, of: Figures) -> int:
    """Whole dollars a line, for a plot."""
    return round_half_up(cents, 100 * of.lines)


def _bp(points: int) -> str:
    return f"{points // 100}.{points % 100:02d} %"

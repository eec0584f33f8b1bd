"""How the model fares, as one page that a risk colleague reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial
from itertools import chain

from ledger_core import svg
from ledger_core.money import BASIS_POINTS
from ledger_core.page import figure, heading, note, page, pair, section, table, tiles
from ledger_core.underwriting import monitoring
from ledger_core.underwriting.monitoring import Calibration, Swap, Tally
from ledger_core.underwriting.record import CreditDecision
from ledger_core.underwriting.watched import Watched

_REASONS_SHOWN = 7
_GROUPS_MIN = 5
"""fewer decisions than this say no rate, and are shown together"""

_NO_LABELS = (
    "These groups are what the books know. They hold no sex, age, race or origin, on purpose, so fairness towards "
    "protected groups cannot be measured here; the model's card does so on the public sets, where labels exist."
)
_REJECTED = (
    "Every outcome on this page is of somebody who has a line. What the declined would have done is not seen, so the "
    "measured calibration and AUC hold for the accepted alone, and a cut-off that moves outwards leaves the region "
    "they speak for.",
    "Nothing here guesses those outcomes: parcelling, augmentation or scoring the declined with the model itself "
    "would give back the model's own belief and call it data.",
    "What is kept makes an honest study possible later: every declined application has its features, score, policy "
    "and reasons in core.decisions. Such a study would (1) buy bureau outcomes of the declined, twelve months on; "
    "or (2) approve a small, priced, random share of those just below the cut-off, at low limits, and weight each "
    "outcome by the inverse of its chance to be let in; and (3) compare the bad rate in the swap sets above with "
    "what the challenger said of them before anybody was let in.",
)


def report(found: Watched) -> str:
    """The page. An empty book and few decisions say so where a figure would stand."""
    return page(
        f"Model {found.policy.model}: how it fares",
        f"As of {found.on}, policy {found.policy.version}, twelve months back. "
        f"{_lines_said(found)} A figure that too few rows would carry is a dash.",
        _at_a_glance(found),
        _drift(found),
        _calibration(found),
        _decisions(found),
        _groups(found),
        _challenger(found),
        _paths(found),
        section("Who is not seen", *map(note, _REJECTED)),
    )


def _lines_said(found: Watched) -> str:
    if found.lines_looked_at < found.lines_in_book:
        return f"A fixed sample of {found.lines_looked_at:,} of {found.lines_in_book:,} lines."
    return f"All {found.lines_in_book:,} lines of the book."


def _at_a_glance(found: Watched) -> str:
    last = found.months[-1]
    drift = monitoring.score_drift(found.bins, last.seen)
    known = [monitoring.calibration(month) for month in found.months]
    rows, missed = sum(c.lines for c in known), sum(c.missed for c in known)
    said = sum((c.said_permille or 0) * c.lines for c in known)
    asked = monitoring.tally(found.decisions)
    times = monitoring.latency_us(found.decisions)
    return tiles(
        [
            (f"{len(last.seen):,}", f"lines scored at {last.on}; {last.too_young:,} too young to score"),
            (
                _milli(drift.psi_milli),
                f"score PSI against training; {_milli(drift.by_chance_milli)} by chance",
            ),
            (f"{_percent(said // rows if rows else None)}", "chance said, over all line-months"),
            (
                f"{_percent(monitoring.permille(missed, rows))}",
                f"missed the next minimum, of {rows:,} line-months",
            ),
            (f"{_percent(asked.approved_permille)}", f"approved as asked, of {asked.decided:,} asked for"),
            (_ms(times and times[1]), "p99 from the books to the record"),
        ]
    )


def _drift(found: Watched) -> str:
    if not any(month.seen for month in found.months):
        return section(
            "Drift of the population", note("No line has six closed cycles yet: nothing is scored.")
        )
    labels = [f"{month.on:%b}" for month in found.months]
    scores = [monitoring.score_drift(found.bins, month.seen) for month in found.months]
    features = [monitoring.feature_drift(found.feature_bins, month.seen) for month in found.months]
    picture = svg.lines(
        labels,
        {
            "score": [_thousandth(d.psi_milli) for d in scores],
            "by chance alone": [_thousandth(d.by_chance_milli) for d in scores],
        },
        dashed=("by chance alone",),
    )
    names = list(found.feature_bins)
    by_feature = svg.lines(
        labels, {name: [_thousandth(f[name].psi_milli) for f in features] for name in names}
    )
    rows = [
        (f"{m.on:%Y-%m}", f"{d.lines:,}", f"{m.too_young:,}", _milli(d.psi_milli), _milli(d.by_chance_milli),
         *(_milli(f[name].psi_milli) for name in names))
        for m, d, f in zip(found.months, scores, features, strict=True)
    ]  # fmt: skip
    return section(
        "Drift of the population",
        note(
            "Population stability index of our lines at each month's end against the rows the model was trained on: "
            "scores in the artefact's ten bins, features in those of the card. Below 0.10 little moved, above 0.25 "
            "much did. Few lines scatter by themselves; the dashed line is what chance alone gives."
        ),
        note(
            "The model was grown on another bank's cards. A high value from the first month on says that our book is "
            "another population, and that levels must be re-calibrated on it; a value that climbs says it is moving."
        ),
        pair(figure("Scores", picture), figure("Features that count most", by_feature)),
        table(("month", "scored", "too young", "score", "by chance", *names), rows),
    )


def _calibration(found: Watched) -> str:
    rows = [monitoring.calibration(month) for month in found.months]
    known = [row for row in rows if row.lines]
    if not known:
        return section("Said against seen", note("No line's next month is known yet."))
    picture = svg.lines(
        [f"{row.on:%b}" for row in rows],
        {
            "said": [_tenth(row.said_permille) for row in rows],
            "seen": [_tenth(row.seen_permille) for row in rows],
        },
        unit=" %",
        band=[_band(row) for row in rows],
    )
    outside = sum(
        not row.interval_permille[0] <= row.said_permille <= row.interval_permille[1]
        for row in known
        if row.interval_permille is not None and row.said_permille is not None
    )
    body = [
        (f"{r.on:%Y-%m}", f"{r.lines:,}", _percent(r.said_permille), _percent(r.seen_permille),
         None if r.interval_permille is None else " to ".join(map(_percent, r.interval_permille)))
        for r in rows
    ]  # fmt: skip
    return section(
        "Said against seen",
        note(
            "At each month's end every line is replayed and scored as it stood. Seen is the share whose minimum then "
            "owed stood unpaid at the next close, with the 95 % interval of Wilson, shaded. One line counts once a "
            "month, so months are not independent of one another."
        ),
        note(f"Said lies outside the interval in {outside} of {len(known)} months whose outcome is known."),
        pair(
            figure("Missed the next minimum", picture),
            table(("month", "lines", "said", "seen", "95 % interval"), body),
        ),
    )


def _band(row: Calibration) -> tuple[Fraction, Fraction] | None:
    if row.interval_permille is None:
        return None
    low, high = row.interval_permille
    return Fraction(low, 10), Fraction(high, 10)


def _decisions(found: Watched) -> str:
    if not found.decisions:
        return section("Decisions by month", note("No decision was made in these twelve months."))
    months = monitoring.grouped(found.decisions, monitoring.month_of)
    tallies = {month: monitoring.tally(made) for month, made in months.items()}
    outcomes = svg.stacked(
        list(months),
        {
            "approved": [t.approved for t in tallies.values()],
            "counter-offer": [t.counter_offers for t in tallies.values()],
            "declined": [t.declined for t in tallies.values()],
        },
    )
    common = [code for code, _ in monitoring.reasons(found.decisions).most_common(_REASONS_SHOWN)]
    by_month = {month: monitoring.reasons(made) for month, made in months.items()}
    why = svg.stacked(
        list(months), {code: [counts[code] for counts in by_month.values()] for code in common[:4]}
    )
    rows = [
        (month, *_tally_cells(tallies[month]), *monitoring.reviews(made), _p50_p99(made))
        for month, made in months.items()
    ]
    said = [(code, *(by_month[month][code] or None for month in months)) for code in common]
    return section(
        "Decisions by month",
        note("Applications and limits asked for. Reviews that nobody asked for offer a limit or lower it."),
        pair(figure("Asked for", outcomes), figure("The four commonest principal reasons", why)),
        table(("month", *_TALLY_HEAD, "offered unasked", "lowered", "p50 / p99"), rows),
        heading("How often each principal reason was given"),
        table(("reason", *months), said),
    )


_TALLY_HEAD = ("asked for", "approved", "counter-offers", "declined", "approved, %")


def _tally_cells(t: Tally) -> tuple[object, ...]:
    rate = t.approved_permille if t.decided >= _GROUPS_MIN else None
    return t.decided, t.approved, t.counter_offers, t.declined, _percent(rate)


def _groups(found: Watched) -> str:
    def of_line(part: int, decision: CreditDecision) -> str:
        return found.groups[decision.line_id][part] if decision.line_id in found.groups else "no line opened"

    def by(name: str, key: Callable[[CreditDecision], str]) -> str:
        asked = [d for d in found.decisions if d.kind in monitoring.ASKED_FOR]
        groups = monitoring.grouped(asked, key)
        small = [made for made in groups.values() if len(made) < _GROUPS_MIN]
        rows = [_group_row(group, made) for group, made in groups.items() if len(made) >= _GROUPS_MIN]
        if small:
            rows.append(_group_row(f"{len(small)} with fewer than {_GROUPS_MIN} each", [*chain(*small)]))
        return table((name, *_TALLY_HEAD, "commonest reasons"), rows, words=True)

    if not found.decisions:
        return section("Decisions by group", note(_NO_LABELS))
    return section(
        "Decisions by group",
        note(_NO_LABELS),
        note("A declined application has no line; its product and state are not kept."),
        by("grade", lambda d: d.grade),
        by("product", partial(of_line, 0)),
        by("state", partial(of_line, 1)),
    )


def _group_row(group: str, made: Sequence[CreditDecision]) -> tuple[object, ...]:
    return group, *_tally_cells(monitoring.tally(made)), ", ".join(_top_reasons(made)) or None


def _top_reasons(made: Sequence[CreditDecision]) -> list[str]:
    return [f"{code} ({count})" for code, count in monitoring.reasons(made).most_common(3)]


def _challenger(found: Watched) -> str:
    name = found.policy.challenger
    if name is None:
        return section("Champion and challenger", note("No challenger runs in shadow."))
    seen = list(chain.from_iterable(month.seen for month in found.months))
    versus = monitoring.versus(seen, found.policy)
    shadow = [d for d in found.decisions if d.challenger_ppm is not None and d.default_ppm is not None]
    agreed = sum(
        found.policy.grade_of(d.default_ppm or 0) == found.policy.grade_of(d.challenger_ppm or 0)
        for d in shadow
    )
    sets = [
        ("both let pass", versus.both_in),
        (f"{name} alone (swapped in)", versus.swapped_in),
        (f"{found.policy.model} alone (swapped out)", versus.swapped_out),
        ("neither", versus.both_out),
    ]
    aucs = [(found.policy.model, versus.champion_auc), (name, versus.challenger_auc)]
    return section(
        "Champion and challenger",
        note(
            f"{name} scores in shadow and decides nothing. In decisions it is recorded since policy "
            f"{found.policy.version} ({found.policy.effective_on}): {len(shadow):,} so far, the same grade in "
            f"{agreed:,}. Below both score every line at every month's end, which says more, sooner."
        ),
        note(
            f"Same grade in {_percent(monitoring.permille(versus.same_grade, versus.lines))} of "
            f"{versus.lines:,} line-months. A model lets a line pass in a grade whose limit may be raised."
        ),
        pair(
            table(
                ("line-months", "in all", "outcome known", "missed next", "share"),
                [_swap(n, s) for n, s in sets],
            ),
            table(
                ("model", "AUC on our outcomes", "95 % interval"), [_auc(model, auc) for model, auc in aucs]
            ),
        ),
        note(
            f"AUC needs {monitoring.LEAST_OF_EACH} of each outcome. The same line returns month after month, so the "
            "true intervals are wider than these, and lines lend themselves to a paired test only once a year is in."
        ),
    )


def _swap(name: str, swap: Swap) -> tuple[object, ...]:
    return (
        name, f"{swap.lines:,}", f"{swap.known:,}", swap.missed, _percent(monitoring.permille(swap.missed, swap.known))
    )  # fmt: skip


def _auc(model: str, auc: tuple[int, int, int] | None) -> tuple[object, ...]:
    said = None if auc is None else [f"{value / BASIS_POINTS:.3f}" for value in auc]
    return (model, None, None) if said is None else (model, said[0], f"{said[1]} to {said[2]}")


def _paths(found: Watched) -> str:
    if not found.decisions:
        return section("Paths and time", note("No decision, no path."))
    whole = len(found.decisions)
    rows = [
        (path, why or None, count, _percent(monitoring.permille(count, whole)))
        for (path, why), count in monitoring.paths(found.decisions).most_common()
    ]
    by_kind = [
        (kind, len(made), _p50_p99(made))
        for kind, made in monitoring.grouped(found.decisions, lambda d: d.kind).items()
    ]
    return section(
        "Paths and time",
        note(
            "A decision without a score takes the conservative path and says why: a history of fewer than six "
            "closed cycles, a model that cannot be loaded, or a score that came too late."
        ),
        pair(
            table(("path", "why", "decisions", "share"), rows),
            table(("kind", "decisions", "p50 / p99"), by_kind),
        ),
    )


def _p50_p99(made: Sequence[CreditDecision]) -> str | None:
    times = monitoring.latency_us(made)
    return None if times is None else f"{_ms(times[0])} / {_ms(times[1])}"


def _ms(microseconds: int | None) -> str:
    return "–" if microseconds is None else f"{microseconds / 1000:.1f} ms"


def _percent(permille: int | None) -> str:
    return "–" if permille is None else f"{permille // 10}.{permille % 10} %"


def _milli(value: int | None) -> str:
    return "–" if value is None else f"{value / 1000:.2f}"


def _thousandth(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value, 1000)


def _tenth(value: int | None) -> Fraction | None:
    return None if value is None else Fraction(value, 10)

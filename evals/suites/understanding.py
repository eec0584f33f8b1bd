"""Intents, days, amounts and everyday sentences, read by the agent's own reader with the artefact that ships.

The artefact learned from the development part of the intent sets: figures over those rows flatter it. The notes say
how many rows it has seen, and figures over the others stand beside as `unseen.…` where there are any. The training's
cross-validation measures rows that it has not seen (artefact/card.md). Days and amounts are read by rules. Everyday
sentences are our own (everyday.py), the half of them held out apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from agent.understanding import DateMention, amounts, dates, labels, predict_rows
from evals.data import DataMissing, rows
from evals.figures import Figures, wilson
from evals.suites import everyday, value_cases
from evals.suites.intent_score import Tally, calibration_error
from evals.suites.value_cases import AmountCase, DayCase
from tools.knowledge.embed import MiniLM

SETS = ("banking77", "clinc150", "dstc11_intents", "bitext_support")
_TODAY = date(2027, 3, 10)
_REPORTS = Path("reports")


def run(options: Any) -> Figures:
    """Figures of every intent set that is there, of days and of amounts; misses go to reports/."""
    tally, unseen, notes = Tally(), Tally(), []
    predictions: list[dict[str, Any]] = []
    for name in SETS:
        try:
            found = rows(options.data, name)[: options.limit]
        except DataMissing:
            if name == SETS[0]:
                raise
            continue
        predictions += _read_set(name, found, tally, unseen, notes)
    if options.predictions:
        _write_lines(
            options.predictions, [{key: row[key] for key in ("id", "set", "intent")} for row in predictions]
        )
    figures = Figures(
        "understanding", "suite", str(options.data), len(predictions), dict(tally.shares()), notes=notes
    )
    figures.figures |= {f"unseen.{name}": share for name, share in unseen.shares().items()}
    figures.intervals = {name: wilson(tally.hits[name], count) for name, count in tally.rows.items()}
    _add_values(figures, options)
    everyday.add(figures, MiniLM())
    return figures


def _read_set(
    name: str, found: list[dict[str, Any]], tally: Tally, unseen: Tally, notes: list[str]
) -> list[dict[str, Any]]:
    """Predictions for one set, counted."""
    read = predict_rows(found, embedder=MiniLM(), today=_TODAY)
    sure, right = [], []
    seen = 0
    for row, prediction in zip(found, read, strict=True):
        accepted = labels.accepted(name, row)
        if accepted is None:
            continue
        tally.add(name, row, accepted, prediction["intent"])
        if was_learned_from(row):
            seen += 1
        else:
            unseen.add(name, row, accepted, prediction["intent"])
        sure.append(prediction["confidence"] / 1000)
        right.append(prediction["intent"] in accepted)
    notes.append(
        f"{name}: {seen} of {len(sure)} rows were learned from; calibration error {calibration_error(sure, right)}"
    )
    return [{"id": prediction["id"], "set": name, "intent": prediction["intent"]} for prediction in read]


def was_learned_from(row: Mapping[str, Any]) -> bool:
    """Whether the artefact saw the row: those whose text's SHA-1 modulo 10 is 3 or more are the development part."""
    return int(hashlib.sha1(row["text"].strip().encode(), usedforsecurity=False).hexdigest(), 16) % 10 >= 3


def _add_values(figures: Figures, options: Any) -> None:
    try:
        sources = [rows(options.data, name) for name in ("recognizers_text_specs", "duckling_dates_amounts")]
    except DataMissing as missing:
        figures.notes.append(f"no days and amounts: {missing}")
        return
    days, money = value_cases.day_cases(*sources), value_cases.amount_cases(*sources)
    wrong = [case for case in days if not days_are_right(case)] + [
        case for case in money if not amounts_are_right(case)
    ]
    for name, cases in (("dates_exact", days), ("amounts_exact", money)):
        hits = sum(case not in wrong for case in cases)
        figures.figures[name] = round(hits / max(len(cases), 1), 4)
        figures.intervals[name] = wilson(hits, len(cases))
    figures.notes.append(
        f"{len(days)} rows about days and {len(money)} about amounts count, of {sum(map(len, sources))}; the rule "
        "is in evals/suites/value_cases.py, the rows read wrong are in reports/understanding_values.jsonl"
    )
    _write_lines(
        _REPORTS / "understanding_values.jsonl", [{"id": case.id, "text": case.text} for case in wrong]
    )


def days_are_right(case: DayCase) -> bool:
    """Whether every day named is read, as one of its right readings, and nothing else."""
    found, _ = dates.find(case.text, case.today, month_first=not case.spanish)
    if len(found) != len(case.named):
        return False
    ordered = sorted(found, key=lambda mention: mention.span)
    return all(
        any(_same(mention, reading) for reading in readings)
        for mention, readings in zip(ordered, case.named, strict=True)
    )


def _same(mention: DateMention, reading: value_cases.Days) -> bool:
    """A stretch open at one end is right when it is read as the day or stretch that bounds it."""
    first, last = reading
    on, until = mention.on, mention.until or mention.on
    if first is not None and last is not None:
        return (on, until) == (first, last)
    if first is not None:
        return first in (on, until + timedelta(days=1))
    return last in (on, until, on - timedelta(days=1))


def amounts_are_right(case: AmountCase) -> bool:
    """Whether exactly the amounts named are read."""
    taken = tuple(mention.span for mention in dates.find(case.text, _TODAY)[0])
    return tuple(sorted(amount.cents for amount in amounts.find(case.text, taken))) == case.cents


def _write_lines(path: Path, lines: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")

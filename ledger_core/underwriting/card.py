"""The model's card: what it was made from, how good it is, for whom it is fair, and where it ends."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ledger_core.svg import said_against_seen

FIELD_AUC: Final = "0.784 on the Taiwan set, 0.788 on German credit (gradient boosting, all columns)"

_LIMITS: Final = (
    "Taken over from another country, decade and product: levels must be re-calibrated on our own outcomes as soon "
    "as a year of them exists. Until then policy rules and small steps bound every decision.",
    "A default is a missed payment in the following month, not a charge-off.",
    "Only who was given a credit is seen; who was refused is not (reject inference is noted in the report).",
    "Fairness is measured where group labels exist, in the public sets; the books hold no such labels.",
)


def write_card(
    out: Path, version: str, facts: Mapping[str, Any], reliability: Sequence[tuple[float, float]]
) -> None:
    """Write `<version>.card.json` for machines, `<version>.card.md` and `<version>.svg` for people."""
    (out / f"{version}.card.json").write_text(json.dumps({"version": version, **facts}, indent=2) + "\n")
    (out / f"{version}.card.md").write_text(_page(version, facts))
    across = f"chance said, up to {max(max(pair) for pair in reliability):.0%}"
    picture = said_against_seen(reliability, across, "share seen to default, twentieths of the rows")
    (out / f"{version}.svg").write_text(picture + "\n")


def _page(version: str, facts: Mapping[str, Any]) -> str:
    ours, german = facts["measured"], facts["measured_german"]
    lines = [
        f"# Model {version}: chance of a missed payment next month",
        "",
        "Gradient-boosted trees under monotone constraints, shipped as boxes of whole numbers (`model.py`). "
        "Features: `features.py`; none of them is a prohibited basis or the use of a right.",
        "",
        f"- Trained on {facts['trained_on']} (UCI, default of credit card clients).",
        f"- Split: {facts['split']}. Grown with {facts['library']}.",
        *([f"- Left out on purpose: {', '.join(facts['left_out'])}."] if facts["left_out"] else []),
        f"- Artefact sha256 `{facts['artefact_sha256']}`.",
        "",
        "| out of fold | AUC | 95 % interval | by fold | calibration error |",
        "| --- | --- | --- | --- | --- |",
        _measured_row("Taiwan (this model)", ours),
        _measured_row("German credit (same method, its own features)", german),
        "",
        f"Others: {FIELD_AUC}.",
        "",
        f"![said against seen, out of fold]({version}.svg)",
        "",
        "## By group, three quarters approved",
        "",
        "Ratio of approval rates to the reference group (four fifths is the usual mark) and how much less often good "
        "payers of the group are approved, with 95 % intervals. The groups are never features.",
        "",
        "| set | group | rows | approved | ratio | equal-opportunity gap |",
        "| --- | --- | --- | --- | --- | --- |",
        *_fairness_rows("Taiwan", facts["fairness_taiwan"]),
        *_fairness_rows("German", facts["fairness_german"]),
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in _LIMITS),
        "",
        "## How to retrain",
        "",
        "`make train DATA=<folder with the two CSV files>` writes artefact, card and plot; the same data and "
        "library give the same bytes. A new version is a new file; the old one stays, so that old decisions can be "
        "replayed.",
    ]
    return "\n".join(lines) + "\n"


def _measured_row(name: str, m: Mapping[str, Any]) -> str:
    folds = ", ".join(f"{value:.3f}" for value in m["auc_by_fold"])
    low, high = m["auc_interval"]
    return f"| {name} | {m['auc']:.4f} | {low:.4f} to {high:.4f} | {folds} | {m['calibration_error']:.4f} |"


def _fairness_rows(name: str, kinds: Mapping[str, Any]) -> list[str]:
    rows = []
    for groups in kinds.values():
        for group, m in groups.items():
            ratio, gap = (_interval(m.get(key)) for key in ("approval_ratio", "equal_opportunity_gap"))
            rows.append(f"| {name} | {group} | {m['rows']} | {m['approved']:.3f} | {ratio} | {gap} |")
    return rows


def _interval(m: Mapping[str, Any] | None) -> str:
    if m is None:
        return "reference"
    low, high = m["interval"]
    return f"{m['value']:.3f} ({low:.3f} to {high:.3f})"

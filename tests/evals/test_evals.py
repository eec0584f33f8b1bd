"""The evals' own arithmetic and judgement: a wrong grader is worse than none."""

import json

import pytest

from evals.data import DataMissing, rows
from evals.figures import Figures, percentile, wilson
from evals.suites.books import sums
from evals.suites.real_messages import Heard


def heard(http=200, status="answered", text="You owe $12.00.", figures=("$12.00",)):
    body = {"status": status, "reply": {"text": text}, "figures": [{"text": f} for f in figures]}
    return Heard("row-1", "how much", "cus_x", http, body, 12.0)


def test_an_answer_with_sourced_figures_is_right():
    assert heard().wrong is None


@pytest.mark.parametrize("status", ["asking", "handed_off", "done", "proposed"])
def test_questions_and_hand_offs_are_right_too(status):
    assert heard(status=status).wrong is None


@pytest.mark.parametrize(
    "bad",
    [heard(http=500), heard(status="failed"), heard(status="refused"), heard(text="You owe $13.00."), heard(text="At 5 %.")],
)
def test_what_must_not_happen_is_counted(bad):
    assert bad.wrong


def test_percentiles_are_values_that_occurred():
    assert percentile([5, 1, 4, 2, 3], 0.6) == 3
    assert percentile([1.0] * 99 + [9.0], 0.95) == 1.0
    assert percentile([7.0], 0.95) == 7.0


def test_an_interval_holds_its_share_and_narrows_with_more_rows():
    low, high = wilson(90, 100)
    assert low < 0.9 < high
    few, many = wilson(9, 10), wilson(900, 1000)
    assert many[1] - many[0] < few[1] - few[0]


def test_figures_are_written_under_stable_names(tmp_path):
    path = tmp_path / "out.json"
    Figures("turn", "bench", "demo", 3, {"p50_ms": 1.5}).write(path)
    assert json.loads(path.read_text()) == {
        "bench": "turn",
        "data": "demo",
        "n": 3,
        "figures": {"p50_ms": 1.5},
        "intervals": {},
    }


def test_missing_data_says_so(tmp_path):
    with pytest.raises(DataMissing):
        rows(tmp_path, "banking77")


def test_a_run_of_the_books_sums_what_the_machine_counted() -> None:
    counted = {"seeds": 2, "step": 9, "done pay": 3, "done draw": 1, "refused pay": 2, "check INV-1": 5, "night": 4}
    found = sums(counted | {"unchanged after a repeated key": 1, "nightly close": 8})
    assert (found["commands_done"], found["commands_refused"], found["nights"], found["checks"]) == (4, 2, 4, 5)
    assert found["writes_that_had_to_change_nothing"] == 1

"""Scenarios are whole, cover every flow, and their judge sees what is wrong."""

from dataclasses import replace

import pytest
import yaml

from agent.flows import FLOWS
from agent.testing import Answer
from evals.faults.caller import Tally
from evals.faults.turns import Boundaries, Breaking, Crash, compare
from evals.performance.stream import Timed
from evals.simulation.play import Played, judge, uncovered
from evals.simulation.scenario import Scenario, ScenarioInvalid, Step, load_all
from evals.suites.no_model import LIES
from ledger_core.demo.people import BY_CUSTOMER


def test_every_flow_has_a_scenario_in_both_languages_with_somebody_of_the_demo_book():
    scenarios = load_all()
    assert uncovered(scenarios, FLOWS) == []
    assert {scenario.customer for scenario in scenarios} <= set(BY_CUSTOMER)
    assert uncovered([s for s in scenarios if s.id != "balance.owed"], FLOWS) == ["balance (en)", "balance (es)"]


@pytest.mark.parametrize("more", [{"nobody": 1}, {"turns": [{"say": {"en": "a", "es": "b"}}]}, {"turns": [{"status": "done"}]}])
def test_a_scenario_with_what_nobody_knows_is_refused(tmp_path, more):
    whole = {"id": "a", "flows": ["balance"], "customer": "cus_x", "turns": [{"press": "confirm", "status": "done"}]}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump([whole]))
    assert len(load_all(tmp_path)) == 2
    (tmp_path / "a.yaml").write_text(yaml.safe_dump([whole | more]))
    with pytest.raises(ScenarioInvalid, match="a: "):
        load_all(tmp_path)


def test_the_same_scenario_twice_is_refused(tmp_path):
    whole = {"id": "a", "flows": ["balance"], "customer": "cus_x", "turns": [{"press": "confirm", "status": "done"}]}
    (tmp_path / "a.yaml").write_text(yaml.safe_dump([whole, whole]))
    with pytest.raises(ScenarioInvalid, match="twice"):
        load_all(tmp_path)


STEP = Step("pay 5", None, ("proposed",), ("$5.00",), ("sorry",))


def turn(text="Pay $5.00?", status="proposed", **more):
    return {"reply": {"text": text}, "status": status, "agenda": [{"intent": "payment_make", "state": "done"}],
            "obligations": [], "proposal": None, **more}  # fmt: skip


def test_a_turn_is_judged_by_status_words_and_seams():
    assert judge(STEP, turn()) == []
    assert len(judge(STEP, turn(status="answered"))) == 1
    assert len(judge(STEP, turn("Pay it?"))) == 1
    assert len(judge(STEP, turn("SORRY, $5.00"))) == 1
    assert len(judge(STEP, turn("$5.00 amount_cents"))) == 1


SCENARIO = Scenario(
    id="a", language="en", flows=frozenset({"payment_make"}), customer="cus_x", steps=(STEP,),
    books={"PaymentScheduled": 1}, duties=frozenset(), handoffs=frozenset({"general"}),
    may={"books": frozenset({"LineLocked"}), "duties": frozenset(), "handoffs": frozenset()},
)  # fmt: skip
RIGHT = Played(SCENARIO, [turn()], {"PaymentScheduled": 1}, frozenset(), frozenset({"general"}), [("customer", "pay 5")])


@pytest.mark.parametrize(
    "wrong",
    [
        {"turns": []},
        {"facts": {}},
        {"facts": {"PaymentScheduled": 2}},
        {"facts": {"PaymentScheduled": 1, "DrawRequested": 1}},
        {"duties": frozenset({"complaint"})},
        {"handoffs": frozenset()},
        {"turns": [turn(agenda=[])]},
    ],
)
def test_books_duties_hand_offs_and_the_agenda_are_judged(wrong):
    assert RIGHT.wrong == []
    assert replace(RIGHT, facts={"PaymentScheduled": 1, "LineLocked": 1}).wrong == []
    assert replace(RIGHT, **wrong).wrong


@pytest.mark.parametrize(
    ("other", "name"),
    [
        ({"facts": {"PaymentScheduled": 2}}, "doubled"),
        ({"facts": {}}, "lost"),
        ({"messages": [("customer", "pay 5"), ("customer", "pay 5")]}, "said_twice"),
        ({"turns": [turn("Something else")]}, "lost"),
    ],
)
def test_a_conversation_that_broke_is_compared_with_its_calm_twin(other, name):
    tally = Tally()
    compare(tally, "here", RIGHT, RIGHT)
    assert tally.sound
    compare(tally, "here", replace(RIGHT, **other), RIGHT)
    assert getattr(tally, name) == 1
    assert not tally.sound


async def test_a_broken_turn_is_sent_again_and_a_second_answer_is_noticed():
    at = Boundaries()
    replies = iter([turn("one"), turn("one"), turn("two"), turn("three")])

    async def take():
        for _ in range(3):
            at.reach()
        return next(replies)

    breaking = Breaking(at, boundary=1)
    assert (await breaking(take))["reply"]["text"] == "one"
    assert (breaking.broken, breaking.twice) == (1, [])
    unbroken = Breaking(at, boundary=9)
    assert (await unbroken(take))["reply"]["text"] == "three"
    assert (unbroken.broken, len(unbroken.twice)) == (0, 1)
    with pytest.raises(Crash):
        Boundaries(break_at=0).reach()


def test_first_words_are_measured_against_the_direct_calls():
    assert Timed(first_event=5, first_words=130, end=140, direct=100).ratio == 1.3


def test_every_lie_of_a_provider_is_one_answer():
    assert all(isinstance(lie, Answer) for lie in LIES)

"""The phrasings of rights, and how the suite counts."""

from evals.suites.rights import Heard, Phrasing, hear, phrasings
from tools.knowledge.embed import MiniLM
from tools.rights import PROCEDURES


def test_the_set_is_large_in_two_languages_and_half_of_it_says_things_indirectly() -> None:
    said = phrasings()
    assert len(said) >= 600
    assert len({one.text for one in said}) == len(said)
    direct, indirect = (sum(one.how == how for one in said) for how in ("direct", "indirect"))
    assert indirect >= direct
    assert {(right, one.language) for one in said for right in one.rights} == {
        (right, language) for right in PROCEDURES for language in ("en", "es")
    }
    assert 0.45 < sum(one.held_out for one in said) / len(said) < 0.55


def test_a_sample_of_the_set_is_heard_as_it_must_be() -> None:
    heard = hear(phrasings()[::9], MiniLM())
    due = sum(len(one.said.rights) for one in heard)
    assert sum(len(one.missed) for one in heard) <= 0.02 * due
    assert sum(len(one.wrong) for one in heard) <= 0.15 * due, "few rows; the suite holds the figure itself"


def test_what_may_go_along_is_no_false_alarm_and_what_must_be_heard_is() -> None:
    said = Phrasing("x", "en", "direct", frozenset({"dispute_open"}), frozenset({"fraud_report"}))
    assert Heard(said, frozenset({"dispute_open", "fraud_report"})).wrong == frozenset()
    assert Heard(said, frozenset({"fraud_report", "human"})).wrong == {"human"}
    assert Heard(said, frozenset({"fraud_report"})).missed == {"dispute_open"}

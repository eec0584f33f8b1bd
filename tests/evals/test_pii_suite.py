"""The personal-data suite judges by span, and its own messages mark what stands in them."""

from random import Random

from agent.rails.pii import luhn
from evals.suites.pii import Case, counts, own_cases
from evals.suites.pii_leaks import _holds
from evals.suites.pii_values import VALUES, card


def test_every_marked_span_is_the_drawn_value():
    for case in own_cases(11):
        for kind, start, end in case.spans:
            marked = case.text[start:end]
            assert any(char.isdigit() for char in marked) or "@" in marked, (kind, case.text)
            assert marked == marked.strip()


def test_drawn_cards_carry_their_check_digit():
    assert all(luhn("".join(filter(str.isdigit, card(Random(n))))) for n in range(40))


def test_own_messages_reach_the_aims():
    seen = counts(own_cases(11))
    for kind in ("card", "ssn", "account", "email", "phone"):
        assert seen[f"found.{kind}"] >= 0.95 * seen[f"there.{kind}"], kind
        assert seen[f"right.{kind}"] >= 0.9 * seen[f"said.{kind}"], kind


def test_a_span_of_the_wrong_kind_is_no_hit():
    seen = counts([Case("own", "my ssn is 524-71-9310", (("phone", 10, 21),))])
    assert seen == {"there.phone": 1, "found.phone": 0, "said.ssn": 1, "right.ssn": 0}


def test_a_kept_secret_is_found_as_written_and_as_bare_digits():
    secrets = [
        ("card", "4111 1111 1111 1111"),
        ("email", "a.b@mail.org"),
        *((k, "nothing-of-it") for k in VALUES),
    ]
    assert _holds('{"text": "4111111111111111, a.b@mail.org"}', secrets) == ["card", "email"]

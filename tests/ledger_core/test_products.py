"""The terms of the products, checked when they are loaded."""

from dataclasses import replace

import pytest

from ledger_core.products import load, versions
from ledger_core.products.schema import check
from ledger_core.refusals import Reason, Refused, refused


def test_the_newest_version_is_loaded_and_older_ones_stay() -> None:
    for product_id in ("cash_line_flex", "cash_line_membership"):
        known = versions(product_id)
        assert load(product_id) == known[-1]
        assert load(product_id, 1) == known[0]


def test_an_unknown_product_or_version_is_no_product() -> None:
    for product_id, version in (("cash_line_gold", None), ("cash_line_flex", 99), ("../secrets", None)):
        with pytest.raises(LookupError):
            load(product_id, version)


def test_the_rate_grades_of_the_flex_line_rise_with_risk() -> None:
    assert list(load("cash_line_flex").apr_bp_by_grade.values()) == [1799, 2199, 2599, 2999, 3399, 3599]


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("limit_min_cents", 10**9),
        ("limit_step_cents", 0),
        ("due_day_max", 31),
        ("late_fee_repeat_cents", 1),
        ("minimum_principal_bp", 10_001),
        ("draw_minimum_cents", -1),
        ("returned_fee_cents", 20.5),
        ("apr_bp_by_grade", {"A": 3601}),
    ],
)
def test_terms_out_of_bounds_name_themselves(term: str, value: object) -> None:
    with pytest.raises(ValueError, match=term):
        check(replace(load("cash_line_flex"), **{term: value}))  # type: ignore[arg-type]


def test_a_refusal_tells_its_reasons_in_order() -> None:
    several = Refused((Reason("past_due", {"days_past_due": 3}), Reason("over_limit")))
    assert several.codes == ("past_due", "over_limit")
    assert refused("line_locked", reason="fraud").reasons[0].facts == {"reason": "fraud"}

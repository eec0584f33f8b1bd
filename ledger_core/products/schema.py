"""The shape of a product's terms, checked when they are loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, time
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class PlanTerms:
    """Who may have a programme, and on what terms. None means that the term does not apply."""

    kind: str
    apr_bp: int | None
    payments: int | None
    minimum_share_bp: int | None
    """relief: the share of the minimum that is asked for"""
    minimum_payment_cents: int
    """no payment of the plan is smaller"""
    shift_days_max: int | None
    days_past_due_max: int
    """eligible up to and including this many days"""
    on_time_months_min: int
    balance_over_cents: int
    times_per_12_months: int | None
    specialist_above_cents: int | None
    """a balance above this needs a specialist's approval"""
    hardship: bool
    days_past_due_min: int
    """eligible from this many days on"""
    specialist_only: bool
    """not offered to a customer unasked"""
    share_bp_by_payments: Mapping[int, int] | None
    """settlement: the share of the balance that is paid, by the number of payments; the rest is forgiven"""


@dataclass(frozen=True, slots=True)
class Product:
    """One version of a product: amounts in cents, rates in basis points, spans in days."""

    product_id: str
    version: int
    name: str
    effective_on: date
    minimum_rule: Literal["percent", "full"]
    """percent: interest + fees + a share of principal; full: each draw is due in full"""
    limit_min_cents: int
    limit_max_cents: int
    limit_step_cents: int
    apr_bp_by_grade: Mapping[str, int]
    servicemember_apr_bp: int
    maximum_mapr_bp: int
    draw_minimum_cents: int
    instant_fee_cents: int
    hold_days: int
    close_days_before_due: int
    due_day_max: int
    due_date_moves_per_12_months: int
    cycle_days_min: int
    minimum_principal_bp: int
    minimum_floor_cents: int
    payment_cutoff: time
    """Eastern wall time"""
    payment_days_ahead_max: int
    payment_settle_business_days: int
    overpayment_max_cents: int
    """a payment may exceed the payoff by this much; the rest becomes a credit balance"""
    late_fee_cents: int
    """0: none"""
    late_fee_repeat_cents: int
    late_fee_repeat_cycles: int
    late_fee_from_day: int
    returned_fee_cents: int
    membership_fee_cents: int
    membership_free_cycles: int
    autopay_discount_bp: int
    autopay_modes: tuple[str, ...]
    courtesy_waiver_max_cents: int
    courtesy_waivers_per_12_months: int
    reported_from_day: int
    charge_off_day: int
    charge_off_bankruptcy_days: int
    """after the notice of a bankruptcy"""
    recovery_principal_first: bool
    """after charge-off a payment meets principal before interest and fees"""
    reage_months_on_book_min: int
    reage_payments_min: int
    """minimum payments, or as much in sum, before a re-age"""
    reages_per_12_months: int
    reages_per_5_years: int
    workout_reages_per_5_years: int
    """after a repayment programme, beside the others"""
    deceased_interest_stops: Literal["notice", "death"]
    promotion_days_max: int
    duplicate_payment_days: int
    """a second payment of the same amount from the same account within these days is pointed out"""
    refund_business_days: int
    refund_unasked_after_months: int
    plan_grace_days: int
    plan_cure_days: int
    plans: Mapping[str, PlanTerms]


@cache
def load(product_id: str, version: int | None = None) -> Product:
    """The product's terms; the newest version when none is given. LookupError for an unknown one."""
    known = versions(product_id)
    if version is None:
        return known[-1]
    for product in known:
        if product.version == version:
            return product
    raise LookupError(f"no version {version} of product {product_id!r}")


@cache
def all_products() -> tuple[Product, ...]:
    """Every version of every product, by product id and version."""
    return tuple(p for path in sorted(_FOLDER.glob("*.yaml")) for p in versions(path.stem))


@cache
def versions(product_id: str) -> tuple[Product, ...]:
    """All versions, oldest first. LookupError for an unknown product."""
    path = _FOLDER / f"{product_id}.yaml"
    if not product_id.isidentifier() or not path.is_file():
        raise LookupError(f"no product {product_id!r}")
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    products = tuple(_product(product_id, raw) for raw in document["versions"])
    assert list(products) == sorted(products, key=lambda p: (p.version, p.effective_on))
    return products


def _product(product_id: str, raw: dict[str, Any]) -> Product:
    """The checked version; a ValueError names the product and the term that is wrong."""
    values = dict(raw)
    values["payment_cutoff"] = time.fromisoformat(values["payment_cutoff"])
    values["autopay_modes"] = tuple(values["autopay_modes"])
    values["apr_bp_by_grade"] = MappingProxyType(values["apr_bp_by_grade"])
    plans = {kind: _plan_terms(kind, terms) for kind, terms in values["plans"].items()}
    values["plans"] = MappingProxyType(plans)
    product = Product(product_id=product_id, **values)
    check(product)
    return product


def _plan_terms(kind: str, raw: dict[str, Any]) -> PlanTerms:
    shares = raw["share_bp_by_payments"]
    return PlanTerms(kind=kind, **raw | {"share_bp_by_payments": shares and MappingProxyType(shares)})


def check(product: Product) -> None:
    """Raise a ValueError that names the first term that is out of bounds."""
    for field in fields(product):
        value = getattr(product, field.name)
        if field.name.endswith(("_cents", "_bp", "_days", "_day")) and (type(value) is not int or value < 0):
            raise ValueError(f"{product.product_id}: {field.name} must be a whole number, got {value!r}")
    problems = {
        "limit_min_cents": product.limit_min_cents > product.limit_max_cents,
        "limit_step_cents": not product.limit_step_cents
        or product.limit_max_cents % product.limit_step_cents,
        "apr_bp_by_grade": any(not 0 <= apr <= 3600 for apr in product.apr_bp_by_grade.values()),
        "minimum_rule": product.minimum_rule not in ("percent", "full"),
        "due_day_max": not 1 <= product.due_day_max <= 28,
        "late_fee_repeat_cents": product.late_fee_repeat_cents < product.late_fee_cents,
        "minimum_principal_bp": product.minimum_principal_bp > 10_000,
        "deceased_interest_stops": product.deceased_interest_stops not in ("notice", "death"),
    }
    for name, wrong in problems.items():
        if wrong:
            raise ValueError(f"{product.product_id}: {name} is out of bounds")

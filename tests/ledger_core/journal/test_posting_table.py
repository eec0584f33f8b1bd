"""The posting table: given a line, a fact, the debits and credits it leads to. Cents."""

from datetime import date, timedelta

import pytest

from ledger_core.journal.chart import ACCOUNTS, CHART
from ledger_core.journal.entries import credit, debit, draft
from ledger_core.journal.posting_rules import interest_billed
from ledger_core.line.events import (
    BalanceForgiven,
    ChargedOff,
    CreditGranted,
    CreditRefunded,
    DisputeResolved,
    DrawFailed,
    DrawRequested,
    DrawSettled,
    Fact,
    FeeCharged,
    FeeWaived,
    PaymentReceived,
    PaymentSettled,
)
from tests.fixtures.line_book import LineBook

ON = date(2026, 1, 20)
Legs = dict[str, int]

# given facts | the fact | entry kind and stage | account: debit > 0, credit < 0
TABLE: list[tuple[str, list[Fact], Fact, str, Legs]] = [
    (
        "a draw is asked for",
        [],
        DrawRequested("d", 30_000, "standard", "b", ON, ON),
        "draw_requested pending",
        {"draws_held": 30_000, "draws_held_contra": -30_000},
    ),
    (
        "its hold ends when it settles",
        [DrawRequested("d", 30_000, "standard", "b", ON, ON)],
        DrawSettled("d"),
        "hold_released void",
        {"draws_held_contra": 30_000, "draws_held": -30_000},
    ),
    (
        "and the advance is owed",
        [DrawRequested("d", 30_000, "standard", "b", ON, ON)],
        DrawSettled("d"),
        "draw_settled posted",
        {"principal_receivable": 30_000, "cash_clearing_draws": -30_000},
    ),
    (
        "its hold ends when it fails",
        [DrawRequested("d", 30_000, "standard", "b", ON, ON)],
        DrawFailed("d", "R03"),
        "hold_released void",
        {"draws_held_contra": 30_000, "draws_held": -30_000},
    ),
    (
        "a payment pays principal before fees that are not billed, and the rest is the customer's",
        [FeeCharged("f", "late", 2_500, None)],
        PaymentReceived("p", 103_000),
        "payment_received posted",
        {
            "cash_clearing_payments": 103_000,
            "principal_receivable": -100_000,
            "fees_receivable": -2_500,
            "customer_credit": -500,
        },
    ),
    (
        "the bank confirms it",
        [PaymentReceived("p", 4_000)],
        PaymentSettled("p"),
        "payment_settled posted",
        {"cash": 4_000, "cash_clearing_payments": -4_000},
    ),
    (
        "a fee",
        [],
        FeeCharged("f", "late", 2_500, None),
        "fee_charged posted",
        {"fees_receivable": 2_500, "fee_income": -2_500},
    ),
    (
        "a courtesy waiver",
        [FeeCharged("f", "late", 2_500, None)],
        FeeWaived("f", "c", "courtesy", 2_500),
        "fee_waived posted",
        {"credits_expense": 2_500, "fees_receivable": -2_500},
    ),
    (
        "a credit of the house",
        [],
        CreditGranted("c", 1_000, "goodwill"),
        "credit_granted posted",
        {"credits_expense": 1_000, "principal_receivable": -1_000},
    ),
    (
        "a credit balance goes back to the customer",
        [PaymentReceived("p", 101_000)],
        CreditRefunded("r", 1_000, "b"),
        "credit_refunded posted",
        {"customer_credit": 1_000, "cash": -1_000},
    ),
    (
        "a credit balance pays a new fee at once",
        [PaymentReceived("p", 103_000)],
        FeeCharged("f", "late", 2_500, None),
        "credit_applied posted",
        {"customer_credit": 2_500, "fees_receivable": -2_500},
    ),
    (
        "a charge-off",
        [],
        ChargedOff(),
        "charged_off posted",
        {"charge_off_loss": 100_000, "charge_off_allowance": -100_000},
    ),
    (
        "a payment after it is recovered",
        [ChargedOff()],
        PaymentReceived("p", 4_000),
        "recovered posted",
        {"charge_off_allowance": 4_000, "recovery_income": -4_000},
    ),
    (
        "debt forgiven",
        [],
        BalanceForgiven("f", 40_000, "settlement"),
        "balance_forgiven posted",
        {"forgiveness_expense": 40_000, "principal_receivable": -40_000},
    ),
    (
        "debt forgiven that was taken as lost",
        [ChargedOff()],
        BalanceForgiven("f", 40_000, "discharged"),
        "balance_forgiven posted",
        {"charge_off_allowance": 40_000, "principal_receivable": -40_000},
    ),
]


@pytest.mark.parametrize(("case", "given", "fact", "entry", "legs"), TABLE, ids=[row[0] for row in TABLE])
def test_each_fact_leads_to_its_entry(case: str, given: list[Fact], fact: Fact, entry: str, legs: Legs) -> None:
    line = LineBook(date(2026, 1, 10))
    line.draw(ON, 100_000, "first")
    for earlier in given:
        line.add(ON, earlier)
    event_id = line.add(ON, fact)
    kind, stage = entry.split()
    found = [e for e in line.state(ON).entries if e.event_id == event_id and e.kind == kind]
    assert [(e.stage, {p.account: p.signed_cents for p in e.postings}) for e in found] == [(stage, legs)]


def test_a_dispute_sets_its_amount_apart_and_gives_it_back() -> None:
    line = LineBook(date(2026, 1, 10))
    draw = line.draw(ON, 100_000)
    opened = line.dispute(ON, draw, 40_000)
    line.add(ON, DisputeResolved(opened, "against_customer", 0))
    shown = {e.kind: {p.account: p.signed_cents for p in e.postings} for e in line.state(ON).entries}
    assert shown["dispute_opened"] == {"disputed_receivable": 40_000, "principal_receivable": -40_000}
    assert shown["dispute_closed"] == {"principal_receivable": 40_000, "disputed_receivable": -40_000}


def test_what_was_not_the_customers_is_borne_by_the_house() -> None:
    line = LineBook(date(2026, 1, 10))
    draw = line.draw(ON, 100_000)
    opened = line.dispute(ON, draw, 40_000)
    line.add(ON, DisputeResolved(opened, "for_customer", 40_000))
    settled = next(e for e in line.state(ON).entries if e.kind == "draw_settled")
    assert {p.account: p.signed_cents for p in settled.postings} == {
        "principal_receivable": 60_000,
        "credits_expense": 40_000,
        "cash_clearing_draws": -100_000,
    }


def test_a_close_bills_the_interest_of_the_cycle() -> None:
    entry = interest_billed(ON, "event_1", 2_991, 9)
    assert {p.account: p.signed_cents for p in entry.postings} == {
        "interest_receivable": 2_991,
        "disputed_receivable": 9,
        "interest_income": -3_000,
    }


def test_an_unbalanced_or_negative_or_one_legged_entry_cannot_be_made() -> None:
    for legs in (
        (debit("cash", 5), credit("fee_income", 4)),
        (debit("cash", -5), credit("fee_income", -5)),
        (debit("cash", 0), credit("fee_income", 0)),
    ):
        with pytest.raises(AssertionError):
            draft("test", "posted", ON, None, legs)


def test_every_account_of_every_entry_is_in_the_chart() -> None:
    assert len(ACCOUNTS) == len(CHART)
    line = LineBook(date(2026, 1, 10))
    line.draw(ON, 100_000)
    line.close_through(ON + timedelta(days=60))
    used = {p.account for e in line.state(ON + timedelta(days=60)).entries for p in e.postings}
    assert used <= set(ACCOUNTS)



"""Where a payment goes."""

from hypothesis import given
from hypothesis import strategies as st

from ledger_core.line.allocation import Balance, allocate

OLD_LOW = Balance("old", 30_000, 600)
NEW_HIGH = Balance("new", 50_000, 2599)


def test_fees_come_first_then_interest_then_principal() -> None:
    parts = allocate(3_000, fees_billed=2_000, interest_billed=500, minimum_unpaid=9_000, balances=[OLD_LOW])
    assert (parts.fees_cents, parts.interest_cents, parts.principal) == (2_000, 500, (("old", 500),))


def test_up_to_the_minimum_the_oldest_draw_is_paid_and_above_it_the_highest_rate() -> None:
    parts = allocate(10_000, minimum_unpaid=4_000, balances=[OLD_LOW, NEW_HIGH])
    assert dict(parts.principal) == {"old": 4_000, "new": 6_000}


def test_of_equal_rates_the_older_draw_is_paid_first() -> None:
    twins = [Balance("a", 1_000, 2599), Balance("b", 1_000, 2599)]
    assert dict(allocate(1_500, balances=twins).principal) == {"a": 1_000, "b": 500}


def test_fees_not_yet_billed_wait_behind_principal() -> None:
    parts = allocate(1_200, balances=[Balance("a", 1_000, 2599)], fees_unbilled=2_500)
    assert (parts.principal_cents, parts.unbilled_fees_cents, parts.credit_cents) == (1_000, 200, 0)


@given(
    amount=st.integers(0, 200_000),
    fees=st.integers(0, 5_000),
    interest=st.integers(0, 5_000),
    minimum=st.integers(0, 50_000),
    unbilled=st.integers(0, 5_000),
    cents=st.lists(st.tuples(st.integers(0, 40_000), st.integers(0, 3_600)), max_size=5),
)
def test_every_cent_goes_somewhere_and_no_balance_is_overpaid(
    amount: int, fees: int, interest: int, minimum: int, unbilled: int, cents: list[tuple[int, int]]
) -> None:
    balances = [Balance(str(n), owed, rate) for n, (owed, rate) in enumerate(cents)]
    parts = allocate(
        amount,
        fees_billed=fees,
        interest_billed=interest,
        minimum_unpaid=minimum,
        balances=balances,
        fees_unbilled=unbilled,
    )
    paid = parts.fees_cents + parts.interest_cents + parts.principal_cents + parts.unbilled_fees_cents
    assert paid + parts.credit_cents == amount
    owed = {b.key: b.cents for b in balances}
    assert all(0 < part <= owed[key] for key, part in parts.principal)
    everything = fees + interest + unbilled + sum(owed.values())
    assert parts.credit_cents == max(0, amount - everything)

"""The frozen figures of an issued statement."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatementFigures:
    """Whole cents as printed; they stand even when a later fact changes what was true.

    previous_balance + corrections + draws + refunds + fees + interest - payments - credits = new_balance.
    """

    previous_balance_cents: int
    """the new balance printed on the statement before; negative is a credit balance"""
    draws_cents: int
    refunds_cents: int
    """credit balances paid out"""
    payments_cents: int
    credits_cents: int
    """courtesy waivers and credits of the house"""
    fees_cents: int
    interest_cents: int
    """interest of this cycle, each bucket rounded to the cent once, half up"""
    corrections_cents: int
    """by how much earlier statements would read otherwise today; the three parts below add up to it"""
    corrections_principal_cents: int
    corrections_interest_cents: int
    corrections_fees_cents: int
    new_balance_cents: int
    """principal + fees + interest - credit balance"""
    principal_cents: int
    fees_owed_cents: int
    interest_owed_cents: int
    credit_balance_cents: int
    disputed_cents: int
    """part of the balance that need not be paid while a dispute runs"""
    minimum_payment_cents: int
    """what this cycle asks for"""
    minimum_interest_cents: int
    minimum_fees_cents: int
    minimum_principal_cents: int
    """the three parts of minimum_payment; the floor and the cap fall on principal"""
    past_due_cents: int
    minimum_due_cents: int
    """minimum_payment + past_due: to be paid by the due date"""
    apr_bp: int
    """the rate on the closing day"""
    days: int
    average_daily_balance_cents: int
    """principal, half up; for showing, never for computing"""

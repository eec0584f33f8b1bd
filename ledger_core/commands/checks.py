"""Reasons that several commands share."""

import re

from ledger_core.commands.decided import World
from ledger_core.line.state import LineState
from ledger_core.refusals import Refused, refused

_RETURN_CODE = re.compile(r"R(?!00)\d\d")


def is_return_code(code: str) -> bool:
    """Whether it has the form of a bank's reason for a return: R01 to R99."""
    return _RETURN_CODE.fullmatch(code) is not None


def bank_refusal(world: World) -> Refused | None:
    """Why the world's bank account cannot move money for the line; None when it can."""
    account = world.account
    if account is None or account.customer_id != world.line.customer_id:
        return refused("bank_account_unknown")
    if not account.is_verified:
        return refused("bank_account_not_verified", status=account.status)
    return None


def closed_refusal(world: World) -> Refused | None:
    """Why nothing new can be agreed on a line that is closed or charged off; None when it can."""
    if world.state.status in ("closed", "charged_off"):
        return refused("line_closed", status=world.state.status)
    return None


def nothing_remains(state: LineState) -> bool:
    """Whether nothing is owed, accrued, held, unsettled, disputed or to be refunded: the line can close."""
    return not (
        state.owed_cents
        or state.interest_accrued_microcents
        or state.held_cents
        or state.unsettled_payment_cents
        or state.credit_balance_cents
        or state.open_disputes
        or any(payment.stage == "scheduled" for payment in state.payments.values())
    )

"""What a draw is looked at for beyond the terms of the line: how fast, after what, and where to. Pure."""

from collections.abc import Iterator
from datetime import timedelta

from ledger_core.line.state import LineState
from ledger_core.refusals import Reason
from ledger_core.underwriting.policy import DrawRules


def broken(
    state: LineState, *, amount_cents: int, bank_account_id: str, rules: DrawRules
) -> tuple[Reason, ...]:
    """The rules that a draw would break now, in order; none when it may go ahead.

    draws_many_lately: too many in a day or a week. payment_returned_lately: a payment came back within the last days.
    account_new_for_amount: a large draw to an account other than all that draws of this line ever reached.
    """
    return tuple(_broken(state, amount_cents, bank_account_id, rules))


def _broken(state: LineState, amount_cents: int, bank_account_id: str, rules: DrawRules) -> Iterator[Reason]:
    asked = [draw for draw in state.draws.values() if draw.stage not in ("cancelled", "failed")]
    today = sum(draw.requested_on == state.as_of for draw in asked)
    this_week = sum(draw.requested_on > state.as_of - timedelta(days=7) for draw in asked)
    if today >= rules.per_day_max or this_week >= rules.per_week_max:
        yield Reason("draws_many_lately", {"today": today, "this_week": this_week})
    since = state.as_of - timedelta(days=rules.returned_payment_free_days)
    returned = [p.returned_on for p in state.payments.values() if p.returned_on and p.returned_on > since]
    if returned:
        again_on = max(returned) + timedelta(days=rules.returned_payment_free_days)
        yield Reason("payment_returned_lately", {"again_on": again_on})
    reached = {draw.bank_account_id for draw in asked if draw.stage == "settled"}
    if reached and bank_account_id not in reached and amount_cents > rules.new_account_max_cents:
        yield Reason("account_new_for_amount", {"up_to_cents": rules.new_account_max_cents})

"""Debt that is no longer owed, and the end of the line it was owed on."""

from ledger_core.line.events import BalanceForgiven, Fact, LineClosureRequested
from ledger_core.line.state import LineState


def forgiving(
    state: LineState, *, forgiveness_id: str, amount_cents: int, reason: str
) -> tuple[Fact, ...]:
    """The facts that forgive so much, if anything, and close the line for draws for good.

    reason: settlement or discharged.
    """
    forgiven = (BalanceForgiven(forgiveness_id, amount_cents, reason),) if amount_cents else ()
    ends = state.closing or state.status in ("closed", "charged_off")
    return forgiven if ends else (*forgiven, LineClosureRequested())

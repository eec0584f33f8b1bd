"""What must hold in the books once an act has run, as data: an act whose promise does not hold is rolled back.

Each is looked at on the line as it stands in the same transaction, read and replayed anew, not on what the act
says of itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias

from ledger_core.line.state import LineState
from ledger_core.queries.line import line_at
from tools.context import ToolContext
from tools.contract import Postcondition

Holds: TypeAlias = Callable[[LineState, Any, Any], bool]
"""of the line's state after the act, its arguments and its result"""


def _on_line(name: str, holds: Holds) -> Postcondition:
    async def check(ctx: ToolContext, args: Any, result: Any) -> bool:
        return holds((await line_at(ctx.conn, ctx.at, args.line_id)).state, args, result)

    return Postcondition(name, check)


PAYMENT_STANDS: Final = _on_line(
    "payment_stands",
    lambda line, args, done: (
        line.payments[done.payment_id].amount_cents == args.amount_cents
        and line.payments[done.payment_id].stage in ("scheduled", "received")
        and line.payments[done.payment_id].bank_account_id == args.bank_account_id
    ),
)
"""the payment is in the books, of that amount, from that account"""
PAYMENT_MOVED: Final = _on_line(
    "payment_moved", lambda line, args, done: line.payments[args.payment_id].pay_on == done.pay_on
)
PAYMENT_CANCELLED: Final = _on_line(
    "payment_cancelled", lambda line, args, done: line.payments[args.payment_id].stage == "cancelled"
)
AUTOPAY_ON: Final = _on_line(
    "autopay_on",
    lambda line, args, done: (
        line.autopay is not None
        and (line.autopay.mode, line.autopay.amount_cents, line.autopay.bank_account_id)
        == (args.mode, args.amount_cents, args.bank_account_id)
    ),
)
AUTOPAY_OFF: Final = _on_line("autopay_off", lambda line, args, done: line.autopay is None)
DRAW_PENDING: Final = _on_line(
    "draw_pending",
    lambda line, args, done: (
        line.draws[done.draw_id].amount_cents == args.amount_cents
        and line.draws[done.draw_id].bank_account_id == args.bank_account_id
        and line.principal_cents + line.held_cents <= line.limit_cents
    ),
)
"""the draw waits, of that amount, to that account, and the line is within its limit"""
DRAW_CANCELLED: Final = _on_line(
    "draw_cancelled", lambda line, args, done: line.draws[args.draw_id].stage == "cancelled"
)
PLAN_RUNS: Final = _on_line(
    "plan_runs",
    lambda line, args, done: any(p.plan_id == done.plan_id and p.kind == args.kind for p in line.plans),
)
PLAN_ENDED: Final = _on_line(
    "plan_ended",
    lambda line, args, done: all(
        p.plan_id != args.plan_id or p.status in ("cancelled", "completed") for p in line.plans
    ),
)
DUE_DAY_IS: Final = _on_line("due_day_is", lambda line, args, done: line.due_day == args.due_day)
DISPUTE_OPEN: Final = _on_line(
    "dispute_open",
    lambda line, args, done: (
        line.disputes[done.dispute_id].closed_on is None
        and line.disputes[done.dispute_id].amount_cents == done.amount_cents
    ),
)
DISPUTE_CLOSED: Final = _on_line(
    "dispute_closed", lambda line, args, done: line.disputes[args.dispute_id].closed_on is not None
)
FEE_WAIVED: Final = _on_line(
    "fee_waived", lambda line, args, done: line.fees[args.fee_id].waived_cents == done.amount_cents
)
LOCKED: Final = _on_line("locked", lambda line, args, done: line.locked)
UNLOCKED: Final = _on_line("unlocked", lambda line, args, done: not line.locked)
LIMIT_IS: Final = _on_line("limit_is", lambda line, args, done: line.limit_cents == done.limit_cents)
LINE_CLOSING: Final = _on_line("line_closing", lambda line, args, done: line.status in ("closing", "closed"))
REFUND_STANDS: Final = _on_line(
    "refund_stands", lambda line, args, done: done.amount_cents > 0 and line.payoff_base_cents >= 0
)
"""nothing is left of the credit balance"""
CREDIT_GRANTED: Final = _on_line(
    "credit_granted",
    lambda line, args, done: done.amount_cents == args.amount_cents and done.granted_on == line.as_of,
)
OVERLAY_PLACED: Final = _on_line(
    "overlay_placed", lambda line, args, done: line.overlay(args.kind) is not None
)

"""When somebody else may be in the account: everything is locked first, and asked about later."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from ledger_core.commands import lock_line as locking
from ledger_core.queries import overview
from ledger_core.refusals import Refused
from ledger_core.store.postgres import named_queries
from tools.context import ToolContext
from tools.contract import Arguments, Effect, Postcondition, Result, tool
from tools.rights import RecordRight, RightRecorded, record_right

_SQL: Final = named_queries(Path(__file__).parent / "sql" / "proposals.sql")
_OVER: Final = ("closed", "charged_off")


class SecureAccount(Arguments):
    kind: Literal["fraud", "account_takeover", "identity_theft"]


class LockedLine(Result):
    line_id: str


class AccountSecured(Result):
    """`proposals_dropped`: offers that waited for a yes in any conversation, void now."""

    locked: tuple[LockedLine, ...]
    proposals_dropped: int
    right: RightRecorded


@tool(
    effect=Effect.ACT,
    audience={"customer", "specialist"},
    postconditions=(Postcondition("all_lines_locked", lambda ctx, args, done: _all_locked(ctx)),),
)
async def secure_account(ctx: ToolContext, args: SecureAccount) -> AccountSecured:
    """Locks every line of the customer at once, drops whatever waits for a yes, and starts the duty of the fraud team.

    For "somebody is in my account", "I was hacked", "that bank account is not mine", "a stranger opened this". At
    once and without a question or a yes: lock first, ask later. While it is open no draw goes out, no bank account
    or address can be added; payments still work. A specialist looks within the hour and unlocks with the customer.
    Never ask for a password, a one-time code or a full social security number. For a single line that the customer
    simply wants locked, `lock_line`. Source: policy Disputes and fraud; 15 USC 1681s-2(a)(6) for identity theft.
    """
    locked = []
    for line in await overview.lines_of(ctx.conn, ctx.at, ctx.customer_id):
        if line.status in _OVER:
            continue
        done = await locking.lock_line(ctx.conn, ctx.command, line_id=line.line_id, reason="fraud")
        assert not isinstance(done, Refused), "an open line can be locked"
        locked.append(LockedLine(line_id=line.line_id))
    dropped = await ctx.conn.execute(_SQL["void_all"], {"customer_id": ctx.customer_id, "now": ctx.now})
    theft = args.kind == "identity_theft"
    recorded = await record_right.fn(ctx, RecordRight(right="identity_theft" if theft else "fraud_report"))
    assert isinstance(recorded, RightRecorded)
    return AccountSecured(locked=tuple(locked), proposals_dropped=dropped.rowcount, right=recorded)


async def _all_locked(ctx: ToolContext) -> bool:
    lines = await overview.lines_of(ctx.conn, ctx.at, ctx.customer_id)
    return all(line.locked for line in lines if line.status not in _OVER)

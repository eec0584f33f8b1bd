"""A command with its arguments, not yet run: what one line and a batch of lines are run by alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decided import Decided, World
from ledger_core.commands.run import run
from ledger_core.refusals import Refused

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Order(Generic[D]):
    """One command for one line."""

    line_id: str
    command: str
    inputs: Mapping[str, Any]
    """the arguments, by which a repeat under the same key is known"""
    answer: type[D]
    decide: Callable[[World], Decided[D] | Refused]
    """pure: the same for one line and for many"""
    bank_account_id: str | None = None
    """of the account that the world to decide in has"""


async def run_order(conn: AsyncConnection, ctx: CommandContext, order: Order[D]) -> D | Refused:
    """The order's answer, now in the books; refuses and raises as `commands.run.run`."""
    return await run(
        conn,
        ctx,
        line_id=order.line_id,
        command=order.command,
        inputs=order.inputs,
        answer=order.answer,
        decide=order.decide,
        bank_account_id=order.bank_account_id,
    )

"""What stands before every tool.

Who may call it, whether its arguments are sound, and where they came from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select

from ledger_core.refusals import Reason
from ledger_core.store.tables import bank_accounts, lines
from tools.context import Caller, ToolContext
from tools.contract import Arguments, Tool
from tools.outcomes import Fixable, Refused
from tools.provenance import Form, Provenance, ProvenanceLedger, form_of

_OWNED: Final = {"line_id": lines.c.line_id, "bank_account_id": bank_accounts.c.bank_account_id}
_HINTS: Final = {
    Form.CENTS: "is no amount that the customer named or that their record shows: ask the customer",
    Form.DATE: "is no day that the customer named or that their record shows: ask the customer",
    Form.DAY: "is no day of the month that the customer named: ask the customer",
    Form.ID: "has not been seen in this conversation: look it up first",
    Form.CODE: "has not been offered in this conversation: look up what is on offer first",
}


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that may run: a tool of this caller's, with sound arguments."""

    tool: Tool
    args: Arguments

    @property
    def plain(self) -> dict[str, Any]:
        """The arguments as JSON values."""
        return self.args.model_dump(mode="json")


def authorise(tool: Tool | None, caller: Caller) -> Fixable | Refused | None:
    """Why this caller may not use the tool; None when they may. A tool of another audience does not exist."""
    if tool is None or caller.identity.role not in tool.audience:
        return Fixable("There is no tool of that name.")
    if caller.subject is None and tool.about_customer:
        return Refused((Reason("no_customer"),))
    return None


def validate(tool: Tool, arguments: object) -> Admitted | Fixable:
    """The arguments as the tool's model, or what is wrong with the first that is wrong."""
    try:
        text = json.dumps(arguments, allow_nan=False)
        return Admitted(tool, tool.args_model.model_validate_json(text))
    except ValidationError as problem:
        first = problem.errors(include_url=False, include_context=False, include_input=False)[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        if field not in tool.args_model.model_fields:
            return Fixable(f"Takes only {', '.join(tool.args_model.model_fields) or 'no arguments'}.")
        return Fixable(f"{field}: {first['msg']}", field)
    except (TypeError, ValueError, RecursionError):
        return Fixable("The arguments are no JSON object.")


def trace_sources(admitted: Admitted, provenance: ProvenanceLedger, caller: Caller) -> Fixable | None:
    """The first sensitive argument that came from nowhere it may come from. A specialist may enter it themselves."""
    by_hand = {Provenance.COLLEAGUE} if caller.identity.role == "specialist" else frozenset()
    for name, kinds in admitted.tool.provenance.items():
        value = getattr(admitted.args, name)
        if value is None:
            continue
        form = form_of(name, value)
        if not provenance.allows(form, value, kinds | by_hand):
            return Fixable(f"{name} {_HINTS[form]}.", name)
    return None


async def ownership(ctx: ToolContext, args: Arguments) -> Refused | None:
    """A refusal when an argument names a line or bank account that is not this customer's.

    Another customer's and one that does not exist are not told apart.
    """
    for name, column in _OWNED.items():
        wanted = getattr(args, name, None)
        if wanted is None:
            continue
        owner = await ctx.conn.scalar(select(column.table.c.customer_id).where(column == wanted))
        if owner != ctx.customer_id:
            return Refused((Reason("not_found", {"field": name}),))
    return None


async def preconditions(ctx: ToolContext, admitted: Admitted) -> Refused | None:
    """A refusal with every precondition that does not hold, in the order declared."""
    found = [await condition.check(ctx, admitted.args) for condition in admitted.tool.preconditions]
    reasons = tuple(reason for reason in found if reason is not None)
    return Refused(reasons) if reasons else None

"""Which tools a model is shown: few at a time, by what is on the agenda. Pure.

A core of look-ups comes first and is the same in every request, then the families that the live wishes call for, in
the order of the catalogue. So two requests share the longest possible prefix, which is what providers cache, and two
with the same families share all of it. A family is a module of `tools/`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from agent.agenda import Agenda
from tools.contract import Confirm, Effect, Tool
from tools.registry import CUSTOMER_TOOLS

CORE = (
    "get_overview", "list_activity", "list_bank_accounts", "get_payoff_quote", "search_policies", "hand_off",
)  # fmt: skip
ON_REQUEST: dict[str, tuple[str, ...]] = {
    "request_limit_increase": ("limit_increase",),
    "add_dispute_evidence": ("dispute_manage", "dispute_status"),
}
"""Acts without a yes that leave a mark on the customer's record: only for the wishes that ask for them.

All other acts without a yes are started by recognised rights and by flows alone. A model that sees a right hands over;
it records none and locks nothing.
"""
FAMILIES: dict[str, tuple[str, ...]] = {
    "statements": ("statement_get", "statement_explain", "interest_explain", "rate_info", "minimum_payment_info"),
    "comparing": ("statement_get", "statement_explain", "interest_explain"),
    "terms": ("rate_info", "limit_info", "fee_explain", "policy_question"),
    "fees": ("fee_explain", "fee_waiver", "refund_request"),
    "payments": (
        "payment_make", "payment_change", "payment_cancel", "payment_manage", "payment_status", "payment_whatif",
        "payoff_quote", "due_date_info", "minimum_payment_info", "payment_methods",
    ),
    "forecasts": (
        "payment_whatif", "payoff_quote", "payment_change", "payment_cancel", "payment_manage", "draw_cancel",
    ),
    "autopay": ("autopay_manage", "rate_info"),
    "draws": ("draw_request", "draw_status", "draw_cancel", "available_credit"),
    "plans": ("hardship", "plan_status", "plan_change", "plan_cancel", "plan_manage"),
    "account": ("due_date_change", "due_date_info"),
    "disputes": (
        "dispute_open", "dispute_status", "dispute_manage", "dispute_withdraw", "fraud_report", "transaction_explain",
    ),
    "bank_accounts": ("bank_account_manage", "payment_methods"),
    "closing": ("close_account", "refund_request"),
    "profile": ("profile_change", "cease_contact"),
    "limits": ("limit_increase", "limit_decrease", "limit_info", "decision_explain"),
}  # fmt: skip
"""The wishes that each family serves."""


@dataclass(frozen=True)
class Toolset:
    """What one request carries: names, and the schemas as they go over the wire with their length."""

    names: frozenset[str]
    schemas: tuple[dict[str, Any], ...]
    chars: int


def offered(agenda: Agenda, turn_id: str) -> Toolset:
    """The tools for what is live on the agenda or was opened in this turn."""
    wishes = {task.intent for task in agenda.tasks if task.live or task.id.startswith(turn_id)}
    families = {family for family, serves in FAMILIES.items() if wishes.intersection(serves)}
    asked = {name for name, serves in ON_REQUEST.items() if wishes.intersection(serves)}
    return _toolset(frozenset(families), frozenset(asked))


@cache
def _toolset(families: frozenset[str], asked: frozenset[str]) -> Toolset:
    core = [_BY_NAME[name] for name in CORE]
    more = [tool for tool in CUSTOMER_TOOLS if _belongs(tool, families, asked)]
    tools = [*core, *more]
    schemas = tuple(tool.schema() for tool in tools)
    chars = len(json.dumps(schemas, ensure_ascii=False))
    return Toolset(frozenset(tool.name for tool in tools), schemas, chars)


def _belongs(tool: Tool, families: Iterable[str], asked: Iterable[str]) -> bool:
    if tool.name in CORE or "customer" not in tool.audience:
        return False
    if tool.name in ON_REQUEST or (tool.effect is Effect.ACT and tool.confirm is Confirm.NONE):
        return tool.name in asked
    family = family_of(tool)
    # a family that no wish is named for is shown always, rather than never
    return family in families or family not in FAMILIES


def family_of(tool: Tool) -> str:
    """The module of `tools/` that the tool stands in."""
    return tool.fn.__module__.rsplit(".", 1)[-1]


_BY_NAME = {tool.name: tool for tool in CUSTOMER_TOOLS}

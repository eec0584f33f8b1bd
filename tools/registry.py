"""The catalogue, read top to bottom."""

from __future__ import annotations

from typing import Any, Final

from tools import (
    account,
    autopay,
    bank_accounts,
    closing,
    comparing,
    disputes,
    draws,
    fees,
    forecasts,
    handoff,
    limits,
    payments,
    plans,
    policies,
    profile,
    rights,
    security,
    statements,
    terms,
)
from tools.contract import Audience, Tool

CUSTOMER_TOOLS: Final[tuple[Tool, ...]] = (
    account.get_overview,
    account.list_activity,
    terms.get_terms,
    account.list_bank_accounts,
    bank_accounts.add_bank_account,
    bank_accounts.remove_bank_account,
    account.get_payoff_quote,
    statements.get_statement,
    statements.explain_statement,
    statements.explain_interest,
    comparing.compare_statements,
    fees.explain_fee,
    fees.waive_fee,
    payments.list_payments,
    payments.payment_whatif,
    forecasts.time_to_zero,
    payments.make_payment,
    payments.move_payment,
    payments.cancel_payment,
    forecasts.list_undoable,
    autopay.set_autopay,
    autopay.stop_autopay,
    draws.request_draw,
    draws.draw_status,
    draws.cancel_draw,
    plans.list_plan_options,
    plans.enroll_plan,
    plans.plan_status,
    plans.cancel_plan,
    account.change_due_date,
    disputes.find_disputable_items,
    disputes.open_dispute,
    disputes.dispute_status,
    disputes.add_dispute_evidence,
    disputes.withdraw_dispute,
    account.lock_line,
    security.secure_account,
    limits.request_limit_increase,
    limits.accept_limit,
    limits.lower_limit,
    limits.explain_decisions,
    closing.close_line,
    closing.request_refund,
    profile.get_profile,
    profile.change_contact,
    profile.set_contact_preferences,
    policies.search_policies,
    rights.record_right,
    handoff.hand_off,
)
"""All tools of the customer's agent; a specialist may call those whose audience says so."""

_BY_NAME: Final = {tool.name: tool for tool in CUSTOMER_TOOLS}
assert len(_BY_NAME) == len(CUSTOMER_TOOLS)


def by_name(name: str) -> Tool | None:
    """The tool of that name; None when there is none."""
    return _BY_NAME.get(name)


def schemas(audience: Audience) -> list[dict[str, Any]]:
    """The tools of an audience as OpenAI-compatible models take them."""
    return [tool.schema() for tool in CUSTOMER_TOOLS if audience in tool.audience]

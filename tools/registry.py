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
from tools.desk import adjust, decide, notes, queue

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
    plans.change_plan,
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

SPECIALIST_TOOLS: Final[tuple[Tool, ...]] = (
    queue.list_queue,
    queue.take_handoff,
    queue.close_handoff,
    queue.list_duties,
    queue.discharge_duty,
    queue.hold_duty,
    notes.add_note,
    notes.list_notes,
    notes.erase_note,
    adjust.grant_goodwill_credit,
    adjust.correct_error,
    adjust.waive_fee_beyond,
    adjust.take_fee_back,
    decide.resolve_dispute,
    decide.enroll_plan_for,
    decide.unlock_line,
    decide.place_overlay,
)
"""Tools of human colleagues alone. `Executor.approve` and `.reject` are the second person's."""

ALL_TOOLS: Final = CUSTOMER_TOOLS + SPECIALIST_TOOLS

_BY_NAME: Final = {tool.name: tool for tool in CUSTOMER_TOOLS}
assert len({tool.name for tool in ALL_TOOLS}) == len(ALL_TOOLS)


def by_name(name: str) -> Tool | None:
    """The customer's tool of that name; None when there is none."""
    return _BY_NAME.get(name)


def schemas(audience: Audience) -> list[dict[str, Any]]:
    """The tools of an audience as OpenAI-compatible models take them."""
    return [tool.schema() for tool in ALL_TOOLS if audience in tool.audience]

"""Rights: recording one starts the duty it makes, with its owner and its clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal, TypeAlias

from ledger_core.dates import Moment, add_business_days
from ledger_core.ids import new_id
from tools import duties
from tools.context import ToolContext
from tools.contract import Arguments, Effect, Id, Result, tool
from tools.duties import Duty, NewDuty
from tools.sources import FROM_RECORD

Right: TypeAlias = Literal[
    "dispute_open",
    "fraud_report",
    "identity_theft",
    "hardship",
    "bankruptcy",
    "servicemember",
    "deceased",
    "cease_contact",
    "complaint",
    "credit_reporting",
    "human",
    "crisis",
    "attorney",
]


@dataclass(frozen=True, slots=True)
class Procedure:
    """Whose the duty is and by when. No days and no hours: at once, on the day it is told."""

    queue: str
    source: str
    days: int = 0
    business_days: int = 0
    hours: int = 0


PROCEDURES: Final[dict[str, Procedure]] = {
    "dispute_open": Procedure("disputes", "12 CFR 1026.13(c)(1): acknowledge within 30 days", days=30),
    "fraud_report": Procedure("fraud", "policy Disputes and fraud: a specialist within the hour", hours=1),
    "identity_theft": Procedure("fraud", "policy Disputes and fraud; 15 USC 1681s-2(a)(6)", hours=1),
    "hardship": Procedure("hardship", "policy Help with payments: all programmes are told at once"),
    "bankruptcy": Procedure("bankruptcy", "11 USC 362(a): requests for payment stop at once"),
    "servicemember": Procedure(
        "servicemember", "50 USC 3937; policy: taken up in 5 business days", business_days=5
    ),
    "deceased": Procedure("estates", "policy Bankruptcy and death: the same day"),
    "cease_contact": Procedure("contact_preferences", "15 USC 1692c(c), kept by policy: at once"),
    "complaint": Procedure("complaints", "policy Complaints: an answer in writing within 15 days", days=15),
    "credit_reporting": Procedure("credit_reporting", "12 CFR 1022.43(e)(3): within 30 days", days=30),
    "human": Procedure("general", "policy Complaints and how we contact you, 2.1: at once"),
    "crisis": Procedure("care", "policy for danger: at once"),
    "attorney": Procedure("legal", "15 USC 1692c(a)(2), kept by policy: at once"),
}


class RecordRight(Arguments):
    right: Right
    line_id: Id | None = None


class RightRecorded(Result):
    duty_id: str
    right: str
    reference: str
    queue: str
    started_on: date
    due_on: date
    due_at: datetime | None
    already_open: bool


@tool(
    effect=Effect.ACT,
    audience={"customer", "specialist"},
    provenance={"line_id": FROM_RECORD},
)
async def record_right(ctx: ToolContext, args: RecordRight) -> RightRecorded:
    """Records that the customer used a right, and starts its duty: a team that owns it and a date it is due
    by.

    Call it as soon as the words are said, before anything else and without asking; never argue with it. Once
    per conversation and right: again it gives the duty that is already open. `reference` may be told to the
    customer.

    - dispute_open: a billing error notice. Acknowledged within 30 days, resolved within two complete cycles
    and never past 90 days (12 CFR 1026.13(c)). The clock starts with the message, also before a dispute is
    opened. - fraud_report, identity_theft: lock the line first; a specialist looks within the hour (policy
    Disputes and fraud; block of reporting: 15 USC 1681s-2(a)(6)). - hardship: all programmes they qualify for
    are told in this conversation (policy Help with payments). - bankruptcy: requests for payment stop at once
    (11 USC 362(a)). - servicemember: orders, deployment, active duty. The 6 % cap and the 36 % limit are
    checked within 5 business days (50 USC 3937; 32 CFR 232). - deceased: the line is taken over by one
    colleague the same day (policy Bankruptcy and death). - cease_contact: calls and messages stop at once (15
    USC 1692c(c), kept by policy). - attorney: from now on we speak to the lawyer (15 USC 1692c(a)(2), kept by
    policy). - complaint: also a threat to go to a regulator. An answer in writing within 15 days (policy
    Complaints). - credit_reporting: a direct dispute of what we report, investigated within 30 days (12 CFR
    1022.43(e)(3)). - human: the wish for a person. Hand off at once. - crisis: danger to oneself or others,
    abuse at home. Hand off at once; account matters wait.
    """
    known = await duties.of_conversation(ctx.conn, ctx.conversation_id, ctx.customer_id, args.right)
    if known is not None:
        return _told(known, args.right, already_open=True)
    duty = _duty(PROCEDURES[args.right], ctx.at, ctx.now)
    new = NewDuty(
        duty=duty,
        customer_id=ctx.customer_id,
        line_id=args.line_id,
        conversation_id=ctx.conversation_id,
        turn_id=ctx.turn_id,
        right=args.right,
        started_at=ctx.now,
        evidence=f"turn:{ctx.turn_id}",
    )
    await duties.add(ctx.conn, new)
    return _told(duty, args.right, already_open=False)


def _duty(procedure: Procedure, at: Moment, now: datetime) -> Duty:
    due_on = at.on + timedelta(days=procedure.days)
    if procedure.business_days:
        due_on = add_business_days(at.on, procedure.business_days)
    due_at = now + timedelta(hours=procedure.hours) if procedure.hours else None
    return Duty(new_id("duty"), procedure.queue, at.on, due_on, due_at)


def _told(duty: Duty, right: str, *, already_open: bool) -> RightRecorded:
    return RightRecorded(
        duty_id=duty.duty_id,
        right=right,
        reference=f"case_{duty.duty_id[-8:]}",
        queue=duty.queue,
        started_on=duty.started_on,
        due_on=duty.due_on,
        due_at=duty.due_at,
        already_open=already_open,
    )

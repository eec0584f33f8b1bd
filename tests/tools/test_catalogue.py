"""Each tool of the catalogue does, on real books, what its docstring says."""

from datetime import date, time, timedelta

import pytest
from sqlalchemy import text

from ledger_core.commands.charge_fee import charge_fee
from ledger_core.dates import Moment
from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import open_book
from tests.tools.desk import TODAY, desk_of, open_desk
from tools.outcomes import Done, Fixable, NeedsConfirmation, Refused
from tools.queues import hours
from tools.registry import CUSTOMER_TOOLS, by_name, schemas


async def agree(desk, name, **arguments):
    """Propose and confirm; the proposal and the result."""
    proposed = await desk.call(name, line_id=desk.book.line_id, **arguments)
    assert isinstance(proposed, NeedsConfirmation), proposed
    done = await desk.confirm(proposed.proposal.id)
    assert isinstance(done, Done), done
    desk.records.append(done.to_json())
    return proposed.proposal, done.result


async def test_a_payment_is_scheduled_moved_and_cancelled(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(amount_cents=8_000, dates=["2026-03-20", "2026-03-25"])
    bank = desk.book.bank_account_id
    _, made = await agree(desk, "make_payment", amount_cents=8_000, bank_account_id=bank, pay_on="2026-03-20")
    assert (made["stage"], made["undo_until_on"]) == ("scheduled", "2026-03-19")
    _, moved = await agree(desk, "move_payment", payment_id=made["payment_id"], pay_on="2026-03-25")
    assert (moved["pay_on"], moved["earlier_pay_on"]) == ("2026-03-25", "2026-03-20")
    _, cancelled = await agree(desk, "cancel_payment", payment_id=made["payment_id"])
    assert cancelled["cancelled_on"] == "2026-03-16"
    listed = await desk.call("list_payments", line_id=desk.book.line_id)
    assert [payment["stage"] for payment in listed.result["payments"]] == ["cancelled", "settled"]


async def test_a_day_of_the_month_said_by_the_customer_counts_as_their_word(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(amount_cents=8_000, days=[27])
    bank = desk.book.bank_account_id
    proposed = await desk.call(
        "make_payment",
        line_id=desk.book.line_id,
        amount_cents=8_000,
        bank_account_id=bank,
        pay_on="2026-03-27",
    )
    assert isinstance(proposed, NeedsConfirmation)
    other = await desk.call(
        "make_payment",
        line_id=desk.book.line_id,
        amount_cents=8_000,
        bank_account_id=bank,
        pay_on="2026-03-24",
    )
    assert isinstance(other, Fixable)


async def test_the_payoff_is_exact_and_counts_as_a_quote_for_the_payment(engine, clock):
    desk = await open_desk(engine, clock)
    quote = (await desk.call("get_payoff_quote", line_id=desk.book.line_id)).result
    parts = ("principal_cents", "fees_cents", "interest_billed_cents", "interest_to_date_cents")
    assert quote["total_cents"] == sum(quote[part] for part in parts)
    _, paid = await agree(
        desk, "make_payment", amount_cents=quote["total_cents"], bank_account_id=desk.book.bank_account_id
    )
    assert paid["amount_cents"] == quote["total_cents"]


async def test_what_a_payment_would_change_is_shown_and_nothing_is_done(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(amount_cents=20_000)
    shown = (await desk.call("payment_whatif", line_id=desk.book.line_id, amount_cents=20_000)).result
    assert shown["balance_after_cents"] == shown["payoff_cents"] - 20_000
    assert shown["interest_saved_cents"] > 0
    assert await desk.events("PaymentScheduled") == 0


async def test_an_amount_nobody_named_does_not_become_known_by_asking_what_if(engine, clock):
    desk = await open_desk(engine, clock)
    asked = await desk.call("payment_whatif", line_id=desk.book.line_id, amount_cents=31_337)
    assert isinstance(asked, Fixable)


async def test_autopay_is_set_with_its_discount_and_stopped(engine, clock):
    desk = await open_desk(engine, clock)
    proposal, done = await agree(
        desk, "set_autopay", mode="minimum", bank_account_id=desk.book.bank_account_id
    )
    assert (done["apr_bp"], done["earlier_apr_bp"]) == (2549, 2599)
    assert "25.49 %" in [row.value for row in proposal.rows]
    _, stopped = await agree(desk, "stop_autopay")
    assert stopped["apr_bp"] == 2599


async def test_a_draw_is_requested_seen_and_called_off(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(amount_cents=10_000)
    _, drawn = await agree(
        desk, "request_draw", amount_cents=10_000, bank_account_id=desk.book.bank_account_id
    )
    seen = await desk.call("draw_status", line_id=desk.book.line_id, draw_id=drawn["draw_id"])
    assert [draw["stage"] for draw in seen.result["draws"]] == ["pending"]
    _, cancelled = await agree(desk, "cancel_draw", draw_id=drawn["draw_id"])
    assert cancelled["amount_cents"] == 10_000


@pytest.mark.parametrize(
    ("right", "code"), [("fraud_report", "identity_check_open"), ("deceased", "with_specialist")]
)
async def test_no_draw_goes_out_while_a_colleague_looks_into_the_line(engine, clock, right, code):
    desk = await open_desk(engine, clock)
    await desk.call("record_right", right=right)
    desk.say(amount_cents=10_000)
    outcome = await desk.call(
        "request_draw",
        line_id=desk.book.line_id,
        amount_cents=10_000,
        bank_account_id=desk.book.bank_account_id,
    )
    assert isinstance(outcome, Refused)
    assert outcome.reasons[0].code == code


async def test_a_plan_is_offered_enrolled_seen_and_cancelled_on_its_exact_terms(engine, clock):
    desk = await open_desk(engine, clock)
    unseen = await desk.call("enroll_plan", line_id=desk.book.line_id, kind="plan_12")
    assert isinstance(unseen, Fixable), "a plan that nobody offered"
    offered = (await desk.call("list_plan_options", line_id=desk.book.line_id)).result["options"]
    option = next(option for option in offered if option["kind"] == "plan_12")
    proposal, plan = await agree(desk, "enroll_plan", kind="plan_12")
    assert (plan["interest_cents"], plan["total_cents"]) == (option["interest_cents"], option["total_cents"])
    assert len(proposal.terms["payments"]) == plan["payment_count"] == 12
    status = (await desk.call("plan_status", line_id=desk.book.line_id)).result["plans"][0]
    assert status["status"] == "active"
    _, cancelled = await agree(desk, "cancel_plan", plan_id=plan["plan_id"])
    assert cancelled["apr_bp"] == 2599


async def test_a_plan_is_changed_for_another_in_one_act_on_the_terms_that_were_shown(engine, clock):
    desk = await open_desk(engine, clock)
    await desk.call("list_plan_options", line_id=desk.book.line_id)
    _, first = await agree(desk, "enroll_plan", kind="plan_12")
    same = await desk.call("change_plan", line_id=desk.book.line_id, plan_id=first["plan_id"], kind="plan_12")
    assert same.reasons[0].code == "plan_unchanged"
    offered = await desk.call("list_plan_options", line_id=desk.book.line_id, instead=True)
    options = {option["kind"]: option for option in offered.result["options"]}
    assert set(options) == {"plan_24", "relief"}
    version = (await desk.book.world()).line.version
    proposal, second = await agree(desk, "change_plan", plan_id=first["plan_id"], kind="plan_24")
    assert (await desk.book.world()).line.version == version + 1, "both in one append"
    assert second["ended_plan_id"] == first["plan_id"]
    assert second["total_cents"] == options["plan_24"]["total_cents"] == proposal.terms["total_cents"]
    assert len(proposal.terms["payments"]) == second["payment_count"] == 24
    plans = (await desk.call("plan_status", line_id=desk.book.line_id)).result["plans"]
    assert [(plan["kind"], plan["status"]) for plan in plans] == [
        ("plan_24", "active"),
        ("plan_12", "cancelled"),
    ]


async def test_the_due_date_moves_to_another_day(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(days=[20])
    _, changed = await agree(desk, "change_due_date", due_day=20)
    assert (changed["due_day"], changed["earlier_due_day"]) == (20, 14)


async def test_the_last_statement_is_explained_in_parts_that_add_up(engine, clock):
    desk = await open_desk(engine, clock)
    statement = (await desk.call("get_statement", line_id=desk.book.line_id)).result
    explained = (await desk.call("explain_statement", line_id=desk.book.line_id)).result
    assert explained["new_balance_cents"] == statement["figures"]["new_balance_cents"]
    assert sum(part["amount_cents"] for part in explained["balance_parts"]) == explained["new_balance_cents"]
    assert sum(part["amount_cents"] for part in explained["minimum_parts"]) == explained["minimum_due_cents"]


async def test_a_change_of_interest_is_explained_cause_by_cause_to_the_cent(engine, clock):
    desk = await open_desk(engine, clock, opened_on=date(2025, 11, 5), paid=False)
    change = (await desk.call("explain_interest", line_id=desk.book.line_id)).result
    assert change["causes"]
    assert sum(cause["amount_cents"] for cause in change["causes"]) == change["change_cents"]
    first = await desk.call("explain_interest", line_id=desk.book.line_id, number=1)
    assert isinstance(first, Refused)
    unknown = await desk.call("get_statement", line_id=desk.book.line_id, number=99)
    assert isinstance(unknown, Refused)


async def test_a_late_fee_is_explained_and_taken_off_once(engine, clock):
    desk = await open_desk(engine, clock, paid=False)
    missed = (await desk.book.state()).last_statement
    await desk.book.act(charge_fee, kind="late", amount_cents=2_500, about=missed.statement_id)
    await desk.look_around()
    found = await desk.call("list_activity", line_id=desk.book.line_id, kinds=["fee"])
    fees = found.result["items"]
    assert fees, "a minimum was missed in February"
    fee_id = fees[0]["reference_id"]
    why = (await desk.call("explain_fee", line_id=desk.book.line_id, fee_id=fee_id)).result
    assert why["waivable_as_courtesy"]
    assert why["facts"]["minimum_due_cents"] > 0
    _, waived = await agree(desk, "waive_fee", fee_id=fee_id)
    assert waived["amount_cents"] == why["amount_cents"]
    again = await desk.call("waive_fee", line_id=desk.book.line_id, fee_id=fee_id)
    assert isinstance(again, Refused)
    assert [reason.code for reason in again.reasons] == ["already_waived", "courtesy_used"]


async def test_a_disputed_draw_is_found_opened_seen_and_taken_back(engine, clock):
    desk = await open_desk(engine, clock)
    found = await desk.call("find_disputable_items", line_id=desk.book.line_id, amount_cents=150_000)
    [item] = found.result["items"]
    proposal, opened = await agree(
        desk, "open_dispute", kind="unauthorized", about_id=item["reference_id"], narrative="I never did this"
    )
    assert proposal.summary.startswith("Open a dispute of $1,500.00 on the draw of January")
    assert opened["received_on"] == "2026-03-16"
    status = (await desk.call("dispute_status", line_id=desk.book.line_id)).result["disputes"]
    assert [dispute["status"] for dispute in status] == ["open"]
    _, withdrawn = await agree(desk, "withdraw_dispute", dispute_id=opened["dispute_id"])
    assert withdrawn["amount_cents"] == 150_000


async def test_the_clock_of_a_dispute_starts_with_the_message_that_gave_notice(engine, clock):
    desk = await open_desk(engine, clock)
    duty = (await desk.call("record_right", right="dispute_open")).result
    assert duty["due_on"] == "2026-04-15"
    clock.advance(timedelta(days=2))
    found = await desk.call("find_disputable_items", line_id=desk.book.line_id)
    _, opened = await agree(
        desk, "open_dispute", kind="unauthorized", about_id=found.result["items"][0]["reference_id"]
    )
    assert opened["received_on"] == "2026-03-16"
    assert opened["acknowledge_by"] == "2026-04-15"


async def test_locking_twice_is_no_error(engine, clock):
    desk = await open_desk(engine, clock)
    for _ in range(2):
        locked = await desk.call("lock_line", line_id=desk.book.line_id, reason="fraud")
        assert isinstance(locked, Done)
    assert await desk.events("LineLocked") == 1


@pytest.mark.parametrize(
    ("right", "queue", "due_on"),
    [
        ("dispute_open", "disputes", "2026-04-15"),
        ("fraud_report", "fraud", "2026-03-16"),
        ("identity_theft", "fraud", "2026-03-16"),
        ("hardship", "hardship", "2026-03-16"),
        ("bankruptcy", "bankruptcy", "2026-03-16"),
        ("servicemember", "servicemember", "2026-03-23"),
        ("deceased", "estates", "2026-03-16"),
        ("cease_contact", "contact_preferences", "2026-03-16"),
        ("complaint", "complaints", "2026-03-31"),
        ("credit_reporting", "credit_reporting", "2026-04-15"),
        ("human", "general", "2026-03-16"),
        ("crisis", "care", "2026-03-16"),
        ("attorney", "legal", "2026-03-16"),
    ],
)
async def test_a_right_starts_its_duty_with_its_owner_and_clock(engine, clock, right, queue, due_on):
    desk = desk_of(await open_book(engine), clock)
    first = (await desk.call("record_right", right=right)).result
    again = (await desk.call("record_right", right=right)).result
    assert (first["queue"], first["due_on"], first["already_open"]) == (queue, due_on, False)
    assert (again["duty_id"], again["already_open"]) == (first["duty_id"], True)
    assert (first["due_at"] is not None) == (queue == "fraud")


async def test_a_duty_points_at_the_words_and_does_not_keep_them(engine, clock):
    desk = desk_of(await open_book(engine), clock)
    await desk.call("record_right", right="complaint")
    async with transaction(engine, system("test")) as conn:
        row = (await conn.execute(text("SELECT * FROM servicing.duties"))).one()
    assert row.evidence == "turn:turn_one"


async def test_a_hand_off_carries_a_summary_tasks_and_evidence_and_is_made_once(engine, clock):
    desk = await open_desk(engine, clock)
    given = (await desk.call("hand_off", reason="human", open_tasks=["wants a call"])).result
    again = (await desk.call("hand_off", reason="human")).result
    assert given["hours"] == "They are here until 8 pm Eastern today."
    assert "Dana Reyes: human. Cash Line Flex" in given["summary"]
    assert (again["handoff_id"], again["already_waiting"]) == (given["handoff_id"], True)
    async with transaction(engine, system("test")) as conn:
        row = (await conn.execute(text("SELECT * FROM servicing.handoffs"))).one()
    assert row.open_tasks == ["wants a call"]
    assert "call_conv_one_0" in row.evidence


@pytest.mark.parametrize(
    ("queue", "on", "hour", "said"),
    [
        ("general", date(2026, 3, 16), 11, "They are here until 8 pm Eastern today."),
        ("general", date(2026, 3, 16), 7, "They are here from 8 am Eastern today."),
        ("general", date(2026, 3, 16), 20, "They are back on March 17 at 8 am Eastern."),
        ("general", date(2026, 3, 14), 12, "They are back on March 16 at 8 am Eastern."),
        ("fraud", date(2026, 3, 14), 3, "Someone is there day and night."),
    ],
)
def test_the_hours_of_a_team_are_told_as_they_are(queue, on, hour, said):
    assert hours(queue, Moment(on, time(hour)), "en") == said
    assert hours(queue, Moment(on, time(hour)), "es") != said


async def test_a_memo_is_marked_as_other_peoples_words(engine, clock):
    assert by_name("list_activity").untrusted == {"memo"}
    assert by_name("get_statement").untrusted == {"memo"}
    assert by_name("list_bank_accounts").untrusted == {"nickname"}
    assert by_name("search_policies").untrusted == {"text"}
    assert by_name("get_overview").untrusted == frozenset()


def test_every_tool_explains_itself_and_bounds_what_it_takes():
    for tool in CUSTOMER_TOOLS:
        assert len(tool.description) > 60, tool.name
        parameters = tool.schema()["function"]["parameters"]
        assert parameters["additionalProperties"] is False, tool.name
        for name in tool.args_model.model_fields:
            if name.endswith(("_id", "_cents", "_on", "_day")) and tool.name != "find_disputable_items":
                assert name in tool.provenance, (tool.name, name)


def test_models_are_offered_the_tools_of_their_audience_alone():
    offered = {schema["function"]["name"] for schema in schemas("specialist")}
    assert "get_overview" in offered
    assert "make_payment" not in offered
    assert len(schemas("customer")) == len(CUSTOMER_TOOLS) == 50


def test_today_is_the_day_the_clock_stands_at(clock):
    assert clock.now().date() == TODAY

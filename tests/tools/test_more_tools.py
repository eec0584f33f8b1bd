"""The tools around an account: comparing, foreseeing, bank accounts, contact, closing, locking all."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, text

from ledger_core.commands.grant_credit import grant_credit
from ledger_core.queries import profile
from ledger_core.store.postgres import system, transaction
from ledger_core.store.tables import bank_accounts
from tests.tools.desk import open_desk
from tests.tools.test_catalogue import agree
from tools import profile as contact
from tools.outcomes import Done, Fixable, NeedsConfirmation, Refused

NOW = datetime(2026, 3, 16, 15, 0, tzinfo=UTC)


async def pending_account(desk, bank_account_id="bank_new"):
    """A bank account as the form leaves it."""
    row = {"bank_name": "Second Example Bank", "last4": "8802", "status": "pending"}
    async with transaction(desk.book.engine, desk.book.customer) as conn:
        await conn.execute(
            insert(bank_accounts).values(
                bank_account_id=bank_account_id, customer_id=desk.book.customer_id, **row
            )
        )
    await desk.call("list_bank_accounts")
    return bank_account_id


async def contact_change(desk, change_id="change_new", email="new@example.org", phone=None):
    """A new address as the form leaves it."""
    row = {
        "change_id": change_id,
        "customer_id": desk.book.customer_id,
        "email": email,
        "phone": phone,
        "now": NOW,
    }
    async with transaction(desk.book.engine, desk.book.customer) as conn:
        await conn.execute(contact._SQL["ask"], row)
    return (await desk.call("get_profile")).result


async def refusal(desk, name, **arguments):
    outcome = await desk.call(name, **arguments)
    assert isinstance(outcome, Refused), outcome
    return [reason.code for reason in outcome.reasons]


async def test_two_statements_are_compared_and_the_change_of_interest_adds_up(engine, clock):
    desk = await open_desk(engine, clock, opened_on=datetime(2025, 11, 5, tzinfo=UTC).date(), paid=False)
    shown = (await desk.call("compare_statements", line_id=desk.book.line_id)).result
    rows = {row["code"]: row for row in shown["rows"]}
    assert shown["later"]["number"] == shown["earlier"]["number"] + 1
    for row in rows.values():
        assert (
            row["earlier_cents"] is None
            or row["change_cents"] == row["later_cents"] - row["earlier_cents"] != 0
        )
    causes = sum(cause["amount_cents"] for cause in shown["interest_causes"])
    assert causes == rows.get("interest_cents", {"change_cents": 0})["change_cents"]
    far = await desk.call(
        "compare_statements",
        line_id=desk.book.line_id,
        earlier_number=1,
        later_number=shown["later"]["number"],
    )
    assert far.result["earlier"]["number"] == 1
    first = await refusal(desk, "compare_statements", line_id=desk.book.line_id, later_number=1)
    assert first == ["no_earlier_statement"]


async def test_a_fixed_payment_reaches_zero_sooner_than_the_minimum_and_says_what_it_saves(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(amounts_cents=[20_000, 100])
    line = {"line_id": desk.book.line_id}
    way = (await desk.call("time_to_zero", amount_cents=20_000, **line)).result
    assert way["paid_cents"] == 20_000 * (way["payments"] - 1) + way["last_payment_cents"]
    assert way["interest_saved_cents"] == way["minimum_interest_cents"] - way["interest_cents"] > 0
    assert way["done_on"] < way["minimum_done_on"]
    assert await refusal(desk, "time_to_zero", amount_cents=100, **line) == ["never_paid_off"]


async def test_what_can_be_taken_back_is_listed_until_its_file_leaves(engine, clock):
    desk = await open_desk(engine, clock)
    desk.say(amount_cents=8_000, dates=["2026-03-20"])
    bank = desk.book.bank_account_id
    await agree(desk, "make_payment", amount_cents=8_000, bank_account_id=bank, pay_on="2026-03-20")
    await agree(desk, "request_draw", amount_cents=8_000, bank_account_id=bank)
    items = (await desk.call("list_undoable", line_id=desk.book.line_id)).result["items"]
    assert [(item["tool"], item["until_on"]) for item in items] == [
        ("cancel_draw", "2026-03-16"),
        ("cancel_payment", "2026-03-19"),
    ]
    await agree(desk, "cancel_draw", draw_id=items[0]["reference_id"])
    await agree(desk, "cancel_payment", payment_id=items[1]["reference_id"])
    assert (await desk.call("list_undoable", line_id=desk.book.line_id)).result["items"] == []


async def test_the_terms_of_a_line_are_those_of_its_product_version(engine, clock):
    desk = await open_desk(engine, clock)
    terms = (await desk.call("get_terms", line_id=desk.book.line_id)).result
    assert (terms["apr_bp"], terms["limit_cents"], terms["late_fee_cents"]) == (2599, 200_000, 2_500)
    assert terms["effective_on"] < "2026-01-05"


async def test_a_bank_account_in_use_stays_and_one_that_is_not_can_go(engine, clock):
    desk = await open_desk(engine, clock)
    bank = desk.book.bank_account_id
    await agree(desk, "set_autopay", mode="minimum", bank_account_id=bank)
    assert await refusal(desk, "remove_bank_account", bank_account_id=bank) == ["bank_account_in_use"]
    await agree(desk, "stop_autopay")
    removed = await desk.call("remove_bank_account", bank_account_id=bank)
    assert isinstance(removed, NeedsConfirmation)
    assert removed.proposal.summary == "Remove your account at First Example Bank ending in 4471"
    assert isinstance(await desk.confirm(removed.proposal.id), Done)
    assert (await desk.call("list_bank_accounts")).result["accounts"][0]["status"] == "closed"


async def test_only_a_pending_account_can_be_taken_up_and_never_while_fraud_is_open(engine, clock):
    desk = await open_desk(engine, clock)
    verified = await refusal(desk, "add_bank_account", bank_account_id=desk.book.bank_account_id)
    assert verified == ["bank_account_not_pending"]
    new = await pending_account(desk)
    assert isinstance(await desk.call("add_bank_account", bank_account_id=new), NeedsConfirmation)
    await desk.call("secure_account", kind="fraud")
    assert await refusal(desk, "add_bank_account", bank_account_id=new) == ["identity_check_open"]


async def test_a_new_address_is_shown_masked_and_never_taken_from_an_argument(engine, clock):
    desk = await open_desk(engine, clock)
    assert isinstance(await desk.call("change_contact", email="thief@example.org"), Fixable)
    assert isinstance(await desk.call("change_contact", change_id="change_new"), Fixable), "not looked up"
    shown = await contact_change(desk)
    assert shown["email"] == "d***@example.com"
    assert shown["pending_changes"] == [
        {"change_id": "change_new", "email": "n***@example.org", "phone": None}
    ]
    proposed = await desk.call("change_contact", change_id="change_new")
    assert "new@example.org" not in str(proposed.to_json())


async def test_preferences_are_kept_and_what_was_not_named_stays(engine, clock):
    desk = await open_desk(engine, clock)
    proposed = await desk.call("set_contact_preferences", calls=False, language="es")
    assert {row.label: row.value for row in proposed.proposal.rows}["Calls"] == "no"
    assert isinstance(await desk.confirm(proposed.proposal.id), Done)
    shown = (await desk.call("get_profile")).result
    assert (shown["language"], shown["calls"], shown["texts"]) == ("es", False, True)
    async with transaction(engine, desk.book.customer) as conn:
        assert (await profile.customer(conn, desk.book.customer_id)).language == "es"


async def test_a_takeover_locks_everything_at_once_and_drops_what_waited(engine, clock):
    desk = await open_desk(engine, clock)
    waiting = (await desk.propose_payment()).proposal.id
    secured = await desk.call("secure_account", kind="account_takeover")
    assert isinstance(secured, Done)
    assert (await desk.book.state()).locked
    assert secured.result["proposals_dropped"] == 1
    assert (secured.result["right"]["right"], secured.result["right"]["queue"]) == ("fraud_report", "fraud")
    dropped = await desk.executor.confirm(desk.caller, waiting, "token")
    assert dropped.code == "proposal_void"
    assert isinstance(await desk.call("secure_account", kind="fraud"), Done), "again is no error"
    assert await desk.events("LineLocked") == 1


async def test_evidence_is_kept_beside_an_open_dispute_and_refused_for_a_closed_one(engine, clock):
    desk = await open_desk(engine, clock)
    found = await desk.call("find_disputable_items", line_id=desk.book.line_id, amount_cents=150_000)
    about = found.result["items"][0]["reference_id"]
    _, opened = await agree(desk, "open_dispute", kind="unauthorized", about_id=about)
    given = {"line_id": desk.book.line_id, "dispute_id": opened["dispute_id"]}
    for words in ("I was abroad that day", "and I have the ticket"):
        added = await desk.call("add_dispute_evidence", words=words, **given)
        assert added.result["resolve_by"] == opened["resolve_by"]
    async with transaction(engine, system("test")) as conn:
        kept = "SELECT count(*) FROM core.narratives WHERE reference_id = :id AND kind = 'evidence'"
        assert await conn.scalar(text(kept), {"id": opened["dispute_id"]}) == 2
    await agree(desk, "withdraw_dispute", dispute_id=opened["dispute_id"])
    assert await refusal(desk, "add_dispute_evidence", words="more", **given) == ["dispute_closed"]


async def test_a_credit_balance_is_sent_back_whole(engine, clock):
    desk = await open_desk(engine, clock, draw_cents=0)
    bank = {"line_id": desk.book.line_id, "bank_account_id": desk.book.bank_account_id}
    assert await refusal(desk, "request_refund", **bank) == ["no_credit_balance"]
    await desk.book.act(grant_credit, amount_cents=4_200, reason="error")
    _, refund = await agree(desk, "request_refund", bank_account_id=desk.book.bank_account_id)
    assert refund["amount_cents"] == 4_200


@pytest.mark.parametrize(("draw_cents", "status"), [(0, "closed"), (20_000, "closing")])
async def test_the_proposal_of_a_closure_says_whether_anything_is_owed(engine, clock, draw_cents, status):
    desk = await open_desk(engine, clock, draw_cents=draw_cents, paid=False)
    proposed = await desk.call("close_line", line_id=desk.book.line_id)
    assert proposed.proposal.terms["status"] == status
    assert ("is paid" in proposed.proposal.summary) == (status == "closing")

"""Random lives through the real commands: after each of them the written books equal the replay."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select, text

from ledger_core.commands.assemble import projection
from ledger_core.commands.cancel_payment import cancel_payment
from ledger_core.commands.change_due_date import change_due_date
from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.enroll_plan import enroll_plan
from ledger_core.commands.fail_draw import fail_draw
from ledger_core.commands.grant_credit import grant_credit
from ledger_core.commands.grant_promotion import grant_promotion
from ledger_core.commands.lift_overlay import lift_overlay
from ledger_core.commands.make_payment import make_payment
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.place_overlay import place_overlay
from ledger_core.commands.reage_line import reage_line
from ledger_core.commands.request_draw import request_draw
from ledger_core.commands.resolve_dispute import resolve_dispute
from ledger_core.commands.return_payment import return_payment
from ledger_core.commands.settle_draw import settle_draw
from ledger_core.commands.settle_payment import settle_payment
from ledger_core.commands.waive_fee import waive_fee
from ledger_core.commands.withdraw_dispute import withdraw_dispute
from ledger_core.store.postgres import transaction
from ledger_core.store.tables import ledger_balances, line_projection
from tests.fixtures.books import OPENED_ON, open_book

STEPS = 50


def new_acts(book, random):
    """What the customer may ask for on any day."""
    bank = book.bank_account_id
    cents = random.randrange(5_000, 60_000)
    later = book.at.on + timedelta(days=random.randrange(0, 20))
    return [
        (request_draw, {"amount_cents": cents, "bank_account_id": bank}),
        (request_draw, {"amount_cents": cents, "bank_account_id": bank, "speed": "instant"}),
        (make_payment, {"amount_cents": cents, "pay_on": later, "bank_account_id": bank}),
        (make_payment, {"amount_cents": cents, "pay_on": book.at.on, "bank_account_id": bank}),
        (change_due_date, {"due_day": random.randrange(1, 29)}),
        (charge_fee, {"kind": "late", "amount_cents": 2_500}),
        (grant_credit, {"amount_cents": random.randrange(100, 5_000), "reason": "goodwill"}),
        (enroll_plan, {"kind": random.choice(("extension", "relief", "skip"))}),
        (
            grant_promotion,
            {
                "apr_bp": random.randrange(2_500),
                "starts_on": max(OPENED_ON, book.at.on - timedelta(days=random.randrange(15))),
                "ends_on": book.at.on + timedelta(days=random.randrange(40)),
            },
        ),
        (reage_line, {}),
    ]


def acts_about(state, random):
    """What may come of what is there."""
    acts = []
    for draw_id, draw in state.draws.items():
        if draw.stage == "pending":
            acts += [(settle_draw, {"draw_id": draw_id})] * 3 + [
                (fail_draw, {"draw_id": draw_id, "code": "R03"})
            ]
        if draw.stage == "settled":
            acts.append((open_dispute, {"kind": "unauthorized", "about": draw_id}))
    for payment_id, payment in state.payments.items():
        if payment.stage == "received":
            acts += [(settle_payment, {"payment_id": payment_id})] * 2
            acts.append((cancel_payment, {"payment_id": payment_id}))
        if payment.stage in ("received", "settled"):
            acts.append((return_payment, {"payment_id": payment_id, "return_code": "R01"}))
    for fee_id in state.fees:
        reason = random.choice(("courtesy", "error"))
        acts.append((waive_fee, {"fee_id": fee_id, "reason": reason}))
    if random.random() < 0.1:
        since_on = max(OPENED_ON, state.as_of - timedelta(days=random.randrange(30)))
        acts.append((place_overlay, {"kind": "bankruptcy", "since_on": since_on, "chapter": 13}))
        acts.append((place_overlay, {"kind": "deceased", "since_on": since_on}))
    for overlay in state.overlays:
        acts += [(lift_overlay, {"kind": overlay.kind, "outcome": "error"})] * 3
    for dispute in state.open_disputes:
        found = random.choice((0, dispute.amount_cents // 3, dispute.amount_cents))
        acts.append((resolve_dispute, {"dispute_id": dispute.dispute_id, "amount_cents": found}))
        acts.append((withdraw_dispute, {"dispute_id": dispute.dispute_id}))
    return acts


async def assert_books_hold(book):
    state = await book.state()
    async with transaction(book.engine, book.customer) as conn:
        balances = (await conn.execute(select(ledger_balances))).all()
        stored = (await conn.execute(select(line_projection))).one()._mapping
        broken = await conn.execute(text("SELECT core.first_broken_link(:id)"), {"id": book.line_id})
        assert broken.scalar_one() is None
    written = Counter()
    for row in balances:
        written[row.account] += row.debit_cents - row.credit_cents
    assert sum(written.values()) == 0
    assert {a: c for a, c in written.items() if c} == {a: c for a, c in state.account_totals.items() if c}
    return state, stored


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_written_books_equal_the_replay_whatever_happens(engine, seed):
    random = Random(seed)
    book = await open_book(engine)
    for _ in range(STEPS):
        state = await book.state()
        acts = new_acts(book, random) + acts_about(state, random)
        command, arguments = random.choice(acts)
        await book.act(command, **arguments)
        if random.random() < 0.4:
            await book.go_to(book.at.on + timedelta(days=random.randrange(1, 9)))
        await assert_books_hold(book)
    await book.act(grant_credit, amount_cents=100, reason="goodwill")
    state, stored = await assert_books_hold(book)
    expected = projection(state)
    assert {name: stored[name] for name in expected.__dataclass_fields__} == {
        name: getattr(expected, name) for name in expected.__dataclass_fields__
    }
    assert state.statements

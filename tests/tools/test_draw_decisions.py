"""Draws that are refused to a customer leave their decision."""

from ledger_core.store.postgres import specialist, transaction
from ledger_core.underwriting import record
from tests.tools.desk import open_desk


async def kept(engine, desk):
    async with transaction(engine, specialist("spec_test")) as conn:
        made = await record.of_line(conn, desk.book.line_id)
    return [(d.outcome, d.asked_cents, d.reasons) for d in made if d.outcome == "declined"]


async def test_a_draw_refused_by_the_terms_or_by_the_rules_of_draws_is_on_record_once(engine, clock):
    desk = await open_desk(engine, clock, draw_cents=0, limit_cents=50_000)
    desk.say(amounts_cents=[90_000])
    asked = {"line_id": desk.book.line_id, "bank_account_id": desk.book.bank_account_id, "amount_cents": 90_000}
    for _ in range(2):
        refused = await desk.call("request_draw", **asked)
        assert refused.reasons[0].code == "over_limit"
    assert await kept(engine, desk) == [("declined", 90_000, ("over_limit",))]

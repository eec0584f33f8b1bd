"""Limits asked for, offered, taken up and lowered, through the commands and with their evidence."""

from datetime import date, timedelta
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from ledger_core.commands.accept_limit import accept_limit, preview_accept_limit
from ledger_core.commands.decide_limit import decide_limit
from ledger_core.commands.lock_line import lock_line
from ledger_core.commands.open_dispute import open_dispute
from ledger_core.commands.review_limit import review_limit
from ledger_core.queries import decisions as told
from ledger_core.refusals import Refused
from ledger_core.store.postgres import customer, specialist, transaction
from ledger_core.underwriting import record
from ledger_core.underwriting.assessment import ArtefactRefused
from tests.fixtures.books import open_book, seasoned_book


async def kept(book):
    async with transaction(book.engine, specialist("spec_test")) as conn:
        made = await record.of_line(conn, book.line_id)
    return tuple(decision for decision in made if decision.kind != "draw")


async def test_a_good_line_is_raised_in_the_moment_and_the_evidence_is_kept(engine):
    book = await seasoned_book(engine)
    decided = await book.act(decide_limit, limit_cents=120_000)
    assert (decided.outcome, decided.limit_cents, decided.reasons) == ("approved", 120_000, ())
    assert (await book.state()).limit_cents == 100_000, "a decision alone changes no limit"
    shown = await book.ask(preview_accept_limit, decision_id=decided.decision_id)
    assert (shown.terms["limit_cents"], shown.terms["earlier_limit_cents"]) == (120_000, 100_000)
    taken = await book.act(accept_limit, decision_id=decided.decision_id)
    assert taken.limit_cents == (await book.state()).limit_cents == 120_000
    (made,) = await kept(book)
    assert (made.path, made.model_version, made.policy_version) == ("model", "pd_v1", "lines_v1")
    assert made.grade in "ABCDEF"
    assert len(made.features_sha256) == 64
    assert made.latency_us > 0


async def test_a_key_sent_again_gets_the_first_decision(engine):
    book = await seasoned_book(engine)
    first = await book.act(decide_limit, key="ask-1", limit_cents=500_000)
    again = await book.act(decide_limit, key="ask-1", limit_cents=500_000)
    assert first == again
    assert first.outcome == "counter_offer"
    assert len(await kept(book)) == 1


async def test_a_missed_line_is_declined_told_why_and_nothing_changes(engine):
    book = await seasoned_book(engine, pays=False)
    decided = await book.act(decide_limit, limit_cents=150_000)
    assert decided.outcome == "declined"
    assert decided.reasons[0] == "past_due"
    assert (await book.act(accept_limit, decision_id=decided.decision_id)).codes == ("decision_declined",)
    english = await book.ask(told.decision, decision_id=decided.decision_id)
    spanish = await book.ask(told.decision, decision_id=decided.decision_id, language="es")
    assert english.reasons[0].why == "A payment on this line is past due."
    assert spanish.reasons[0].why != english.reasons[0].why


async def test_an_offer_lapses_and_is_taken_once(engine):
    book = await seasoned_book(engine)
    first = await book.act(decide_limit, limit_cents=120_000)
    await book.go_to(first.expires_on + timedelta(days=1))
    assert (await book.act(accept_limit, decision_id=first.decision_id)).codes == ("decision_expired",)
    second = await book.act(decide_limit, limit_cents=120_000)
    assert not isinstance(await book.act(accept_limit, decision_id=second.decision_id), Refused)
    assert (await book.act(accept_limit, decision_id=second.decision_id)).codes == ("decision_taken",)
    assert (await book.act(accept_limit, decision_id="decision_none")).codes == ("decision_unknown",)
    third = await book.act(decide_limit, limit_cents=150_000)
    assert (third.outcome, third.reasons) == ("declined", ("limit_changed_lately",))
    assert third.again_from > book.at.on


async def test_an_offer_falls_when_the_line_is_locked_meanwhile(engine):
    book = await seasoned_book(engine)
    decided = await book.act(decide_limit, limit_cents=120_000)
    await book.act(lock_line, reason="fraud")
    assert (await book.act(accept_limit, decision_id=decided.decision_id)).codes == ("line_not_open",)


@pytest.mark.parametrize(
    ("cents", "code"),
    [(0, "limit_out_of_range"), (-5, "limit_out_of_range"), (10**12, "limit_out_of_range"),
     (120_001, "limit_not_a_step"), (100_000, "limit_not_higher"), (80_000, "limit_not_higher")],
)  # fmt: skip
async def test_where_there_is_nothing_to_decide_nothing_is_recorded(engine, cents, code):
    book = await open_book(engine, limit_cents=100_000)
    assert (await book.act(decide_limit, limit_cents=cents)).codes == (code,)
    assert await kept(book) == ()


async def test_a_young_line_goes_the_conservative_path_and_it_is_recorded(engine):
    book = await open_book(engine, limit_cents=50_000)
    decided = await book.act(decide_limit, limit_cents=100_000)
    assert decided.outcome == "declined"
    assert decided.reasons[0] == "time_on_book_short"
    (made,) = await kept(book)
    assert (made.path, made.why_conservative, made.micrologits) == ("conservative", "history_short", None)


async def test_a_missing_model_decides_conservatively_and_says_so(engine, monkeypatch):
    def gone(version):
        raise ArtefactRefused(version)

    book = await seasoned_book(engine)
    monkeypatch.setattr("ledger_core.underwriting.assessment.shipped", gone)
    decided = await book.act(decide_limit, limit_cents=200_000)
    assert decided.outcome != "approved"
    (made,) = await kept(book)
    assert made.why_conservative == "model_missing"
    monkeypatch.undo()
    assert await book.ask(told.differences_when_made_again, decision_id=made.decision_id) == ()


async def test_a_slow_score_decides_conservatively_and_says_so(engine):
    book = await seasoned_book(engine)
    slow = count(0, 80_000_000).__next__
    decided = await book.act(decide_limit, limit_cents=200_000, timer=slow)
    assert decided.limit_cents <= 120_000
    (made,) = await kept(book)
    assert (made.why_conservative, made.latency_us >= 80_000) == ("model_slow", True)


async def test_a_decision_can_be_made_again_years_later(engine):
    book = await seasoned_book(engine)
    asked = await book.act(decide_limit, limit_cents=500_000)
    await book.act(accept_limit, decision_id=asked.decision_id)
    draw = next(iter((await book.state()).draws))
    await book.act(open_dispute, kind="unauthorized", about=draw, amount_cents=40_000)
    await book.close_cycle()
    await book.close_cycle()
    assert await book.ask(told.differences_when_made_again, decision_id=asked.decision_id) == ()


async def test_a_review_offers_to_the_good_and_lowers_the_bad_with_reasons(engine):
    bad = await seasoned_book(engine, pays=False)
    lowered = await bad.act(review_limit)
    assert lowered.outcome == "lowered"
    assert lowered.reasons
    state = await bad.state()
    assert state.limit_cents == lowered.limit_cents < lowered.present_cents
    assert state.principal_cents <= state.limit_cents
    (made,) = await kept(bad)
    assert (made.kind, made.outcome) == ("limit_review", "approved")
    assert await bad.ask(told.differences_when_made_again, decision_id=made.decision_id) == ()
    young = await seasoned_book(engine)
    assert (await young.act(review_limit)).outcome == "unchanged", "offers unasked come after twelve months"
    assert await kept(young) == ()


async def test_decisions_are_the_customers_own_and_stand_for_good(engine):
    book = await seasoned_book(engine)
    await book.act(decide_limit, limit_cents=120_000)
    async with transaction(engine, customer("cus_other")) as conn:
        assert await record.of_line(conn, book.line_id) == ()
        assert await record.between(conn, date(2020, 1, 1), date(2030, 1, 1)) == ()
    for change in ("UPDATE core.decisions SET outcome = 'declined'", "DELETE FROM core.decisions"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            async with transaction(engine, specialist("spec_test")) as conn:
                await conn.execute(text(change))

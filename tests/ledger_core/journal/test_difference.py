"""Corrections are the difference of two replays, posted as one balanced entry."""

from datetime import date

from ledger_core.journal.difference import REASON, entries_between, entries_of
from ledger_core.line.events import PaymentReturned
from tests.fixtures.line_book import DAY, LineBook

JAN_10 = date(2026, 1, 10)


def _legs(entry: object) -> dict[str, int]:
    return {p.account: p.signed_cents for p in entry.postings}  # type: ignore[attr-defined]


def test_a_plain_fact_needs_no_correction() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    before = line.state(JAN_10 + DAY)
    line.pay(JAN_10 + DAY, 5_000, "p", settled=False)
    after = line.state(JAN_10 + DAY)
    new_ids = [line.events[-1].event_id]
    entries = entries_of(before.entries, after.entries, new_ids=new_ids, on=JAN_10 + DAY)
    assert [e.kind for e in entries] == ["payment_received"]


def test_a_returned_payment_is_taken_out_with_the_interest_of_the_closed_cycle() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    line.pay(JAN_10 + DAY, 50_000, "p")
    issued = line.close_through(date(2026, 2, 28))
    assert issued is not None
    on = issued.cycle_end + DAY
    before = line.state(on)
    event_id = line.add(on, PaymentReturned("p", "R01"))
    after = line.state(on)
    (entry,) = entries_of(before.entries, after.entries, new_ids=[event_id], on=on)
    more_interest = after.interest_billed_cents - before.interest_billed_cents
    assert more_interest > 0
    assert (entry.kind, entry.effective_on, entry.reason) == ("correction", on, REASON)
    assert _legs(entry) == {
        "cash": -50_000,
        "principal_receivable": 50_000,
        "interest_receivable": more_interest,
        "interest_income": -more_interest,
    }


def test_equal_replays_need_no_entry() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    entries = line.state(JAN_10).entries
    assert entries_of(entries, entries, new_ids=[], on=JAN_10) == ()


def test_holds_are_corrected_apart_from_posted_money() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    entries = entries_of((), line.state(JAN_10).entries, new_ids=[], on=JAN_10)
    assert [(e.kind, e.stage) for e in entries] == [("correction", "posted")]
    held = entries_of((), line.state(JAN_10).entries[:1], new_ids=[], on=JAN_10)
    assert [(e.kind, e.stage) for e in held] == [("correction", "void")]


def test_a_new_line_starts_from_nothing() -> None:
    line = LineBook(JAN_10)
    assert entries_of((), line.state(JAN_10).entries, new_ids=["event_1"], on=JAN_10) == ()


def test_journals_are_compared_from_where_they_part() -> None:
    line = LineBook(JAN_10)
    line.draw(JAN_10, 100_000)
    before = line.state(JAN_10 + DAY).journal
    payment = line.pay(JAN_10 + DAY, 30_000, settled=False)
    after = line.state(JAN_10 + DAY).journal
    new_ids = [line.events[-1].event_id]
    assert before.shared_with(after) == len(before.entries)
    written = entries_between(before, after, new_ids=new_ids, on=JAN_10 + DAY)
    assert written == entries_of(before.entries, after.entries, new_ids=new_ids, on=JAN_10 + DAY)
    assert [e.kind for e in written] == ["payment_received"]
    line.return_payment(JAN_10 + DAY, payment)
    undone = line.state(JAN_10 + DAY).journal
    assert entries_between(after, undone, new_ids=["none"], on=JAN_10 + DAY) == entries_of(
        after.entries, undone.entries, new_ids=["none"], on=JAN_10 + DAY
    )

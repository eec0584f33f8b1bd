"""Where a value came from decides whether it may be used."""

from datetime import date

from tools.provenance import Form, Provenance, form_of, ledger_from
from tools.sources import FROM_ANYWHERE_KNOWN, FROM_OFFER, FROM_RECORD


def test_an_amount_said_by_the_customer_may_be_paid_but_is_no_record():
    ledger = ledger_from(words=[{"amounts_cents": [5_000, 7_500]}])
    assert ledger.allows(Form.CENTS, 7_500, FROM_ANYWHERE_KNOWN)
    assert not ledger.allows(Form.CENTS, 7_500, FROM_RECORD)
    assert not ledger.allows(Form.CENTS, 7_501, FROM_ANYWHERE_KNOWN)


def test_an_id_typed_by_the_customer_does_not_count_as_looked_up():
    ledger = ledger_from(words=[{"line_id": "line_1"}])
    assert not ledger.allows(Form.ID, "line_1", FROM_RECORD)
    assert ledger_from(records=[{"lines": [{"line_id": "line_1"}]}]).allows(Form.ID, "line_1", FROM_RECORD)


def test_a_day_of_the_month_said_covers_dates_on_that_day_and_no_amount():
    ledger = ledger_from(words=[{"days": [14]}])
    assert ledger.allows(Form.DATE, date(2026, 4, 14), FROM_ANYWHERE_KNOWN)
    assert not ledger.allows(Form.DATE, date(2026, 4, 15), FROM_ANYWHERE_KNOWN)
    assert ledger.allows(Form.DAY, 14, FROM_ANYWHERE_KNOWN)
    assert not ledger.allows(Form.CENTS, 14, FROM_ANYWHERE_KNOWN)


def test_words_of_memos_narratives_and_policies_are_never_read_for_values():
    record = {
        "memo": "50000",
        "nickname": "line_x",
        "narrative": "2026-04-01",
        "passages": [{"document": "fees", "effective_on": "2026-04-01", "text": "pay $500", "amount_cents": 50_000}],
    }
    assert ledger_from(records=[record]).values == {}


def test_a_quote_is_known_as_a_quote():
    quote = {"on": "2026-04-01", "good_through_on": "2026-04-01", "total_cents": 91_234}
    ledger = ledger_from(records=[quote])
    assert ledger.allows(Form.CENTS, 91_234, {Provenance.QUOTE})
    assert ledger.allows(Form.DATE, date(2026, 4, 1), {Provenance.QUOTE})


def test_a_plan_counts_only_when_it_was_offered():
    assert not ledger_from(words=[{"kind": "plan_24"}]).allows(Form.CODE, "plan_24", FROM_OFFER)
    assert ledger_from(records=[{"options": [{"kind": "plan_24"}]}]).allows(Form.CODE, "plan_24", FROM_OFFER)


def test_what_a_template_of_ours_offered_may_be_taken_up():
    assert ledger_from(templates=[{"amount_cents": 20_000}]).allows(Form.CENTS, 20_000, FROM_ANYWHERE_KNOWN)


def test_values_of_the_wrong_form_are_left_out():
    odd = {"amount_cents": True, "pay_on": "2026-13-45", "line_id": "not an id", "due_day": "14", "kind": "Two Words"}
    assert ledger_from(words=[odd], records=[odd]).values == {}


def test_the_form_of_an_argument_is_told_by_its_name_and_type():
    assert form_of("amount_cents", 14) is Form.CENTS
    assert form_of("due_day", 14) is Form.DAY
    assert form_of("pay_on", date(2026, 4, 1)) is Form.DATE
    assert form_of("about_id", "draw_1") is Form.ID
    assert form_of("kind", "relief") is Form.CODE

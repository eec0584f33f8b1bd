"""Draws looked at anew: how fast, after what, and where to."""

from datetime import date

from ledger_core.line.events import DrawRequested, DrawSettled
from ledger_core.underwriting.draw_rules import broken
from ledger_core.underwriting.policy import policy
from tests.fixtures.line_book import DAY, LineBook

TODAY = date(2026, 3, 16)
RULES = policy("lines_v1").draws


def codes(line: LineBook, cents: int = 10_000, account: str = "bank_1", on: date = TODAY) -> list[str]:
    return [r.code for r in broken(line.state(on), amount_cents=cents, bank_account_id=account, rules=RULES)]


def test_a_line_used_now_and_then_breaks_no_rule() -> None:
    line = LineBook(date(2026, 1, 5))
    line.draw(TODAY - 20 * DAY, 50_000)
    assert codes(line) == []


def test_many_draws_in_a_day_or_a_week_stop_the_next() -> None:
    line = LineBook(date(2026, 1, 5))
    for _ in range(RULES.per_day_max):
        assert codes(line) == []
        line.draw(TODAY, 5_000)
    assert codes(line) == ["draws_many_lately"]
    assert codes(line, on=TODAY + DAY) == []
    slow = LineBook(date(2026, 1, 5))
    for n in range(RULES.per_week_max):
        slow.draw(TODAY - (6 - n // 2) * DAY, 5_000)
    assert codes(slow) == ["draws_many_lately"]


def test_a_payment_just_returned_stops_draws_for_some_days() -> None:
    line = LineBook(date(2026, 1, 5))
    line.draw(date(2026, 1, 5), 50_000)
    paid = line.pay(TODAY - 3 * DAY, 5_000)
    line.return_payment(TODAY - DAY, paid)
    (reason,) = broken(line.state(TODAY), amount_cents=5_000, bank_account_id="bank_1", rules=RULES)
    assert (reason.code, reason.facts["again_on"]) == ("payment_returned_lately", TODAY + 2 * DAY)
    assert codes(line, on=TODAY + 2 * DAY) == []


def test_a_large_first_draw_to_another_account_waits_for_a_small_one() -> None:
    line = LineBook(date(2026, 1, 5))
    assert codes(line, 300_000, "bank_1") == [], "the first draw of a line may be large"
    line.draw(date(2026, 1, 10), 50_000)
    assert codes(line, 300_000, "bank_1") == []
    assert codes(line, 300_000, "bank_2") == ["account_new_for_amount"]
    assert codes(line, RULES.new_account_max_cents, "bank_2") == []
    line.add(TODAY - DAY, DrawRequested("draw_2", 50_000, "instant", "bank_2", TODAY - DAY, TODAY))
    line.add(TODAY - DAY, DrawSettled("draw_2"))
    assert codes(line, 300_000, "bank_2") == []

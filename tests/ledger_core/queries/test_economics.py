"""What lines earn and cost: tied to the ledger, to the cent, under stated assumptions."""

from __future__ import annotations

import asyncio
from datetime import date, time

import pytest
from sqlalchemy import func, select

from ledger_core.commands.charge_fee import charge_fee
from ledger_core.commands.charge_off import charge_off
from ledger_core.commands.waive_fee import waive_fee
from ledger_core.dates import Moment
from ledger_core.pricing.__main__ import main
from ledger_core.pricing.assumptions import AssumptionsUnknown, assumptions_on
from ledger_core.pricing.report import report, terminal_table
from ledger_core.queries.economics import Figures, economics, expected_loss, total
from ledger_core.store.postgres import customer, system, transaction
from ledger_core.store.tables import entries, postings
from tests.fixtures.books import open_book, seasoned_book

ON = date(2026, 7, 25)
GIVEN = assumptions_on(ON)


async def posted(engine, account: str) -> int:
    """Debits less credits over all lines, from the journal itself."""
    same = (postings.c.line_id == entries.c.line_id) & (postings.c.entry_id == entries.c.entry_id)
    signed = select(postings.c.side, func.sum(postings.c.amount_cents)).join(entries, same)
    query = signed.where(entries.c.stage == "posted", postings.c.account == account).group_by(postings.c.side)
    async with transaction(engine, system("test")) as conn:
        sums = dict((await conn.execute(query)).all())
    return int(sums.get("debit", 0) - sums.get("credit", 0))


async def asked(engine, identity=None):
    async with transaction(engine, identity or system("test")) as conn:
        return await economics(conn, Moment(ON, time(10)))


async def test_the_sum_of_all_lines_is_what_the_ledger_holds(engine):
    good, bad = await seasoned_book(engine), await seasoned_book(engine, pays=False)
    member = await open_book(engine, product_id="cash_line_membership", limit_cents=50_000)
    await member.draw(20_000)
    for book in (good, bad, member):
        await book.go_to(ON)
    fee = await bad.act(charge_fee, kind="late", amount_cents=2_500)
    await bad.act(waive_fee, fee_id=fee.fee_id, reason="courtesy")
    found = (await asked(engine)).total
    assert found.lines == 3
    assert found.interest_cents == -await posted(engine, "interest_income") > 0
    assert found.fees_cents == -await posted(engine, "fee_income") > 0
    assert found.credits_cents == await posted(engine, "credits_expense") > 0
    assert found.charged_off_cents == await posted(engine, "charge_off_loss")
    assert found.revenue_cents == found.interest_cents + found.fees_cents - found.credits_cents


async def test_cost_of_funds_is_the_principal_of_each_day_at_the_rate(engine):
    book = await open_book(engine, limit_cents=200_000)
    await book.draw(150_000)
    settled = book.at.on
    await book.go_to(ON)
    (line,) = (await asked(engine)).lines
    days = (ON - settled).days
    assert line.figures.principal_day_cents == 150_000 * days
    assert line.figures.funds_cents == round(150_000 * days * GIVEN.funds_rate_bp / 10_000 / 365)
    assert line.figures.months == len((await book.state()).statements) + 1
    assert line.figures.servicing_cents == line.figures.months * GIVEN.servicing_cents_per_month


async def test_a_line_without_a_score_takes_the_chance_that_the_assumptions_name(engine):
    seasoned, young = await seasoned_book(engine), await open_book(engine, opened_on=date(2026, 5, 5))
    for book in (seasoned, young):
        await book.go_to(ON)
    by_line = {line.line_id: line for line in (await asked(engine)).lines}
    assert by_line[seasoned.line_id].scored
    assert not by_line[young.line_id].scored
    assert by_line[young.line_id].missed_ppm == GIVEN.missed_ppm_without_score
    assert by_line[young.line_id].cohort == ("2026-05", "cash_line_flex", "C"), "2599 is the rate of grade C"
    state = await seasoned.state()
    unused = state.limit_cents - state.principal_cents
    exposure = state.owed_cents + round(unused * GIVEN.undrawn_share_bp / 10_000)
    figures = by_line[seasoned.line_id].figures
    assert abs(figures.exposure_cents - exposure) <= 1
    assert figures.expected_loss_cents == expected_loss(
        figures.exposure_cents, by_line[seasoned.line_id].missed_ppm, GIVEN
    )


async def test_a_charged_off_line_has_its_loss_booked_and_none_expected(engine):
    book = await open_book(engine, limit_cents=100_000)
    await book.draw(60_000)
    await book.go_to(date(2026, 9, 30))
    await book.act(charge_off)
    owed = (await book.state()).owed_cents
    async with transaction(engine, system("test")) as conn:
        (line,) = (await economics(conn, book.at)).lines
    assert line.status == "charged_off"
    assert line.figures.charged_off_cents == await posted(engine, "charge_off_loss") == owed
    assert (line.figures.exposure_cents, line.figures.expected_loss_cents, line.figures.ahead_cents) == (
        0,
        0,
        0,
    )
    assert line.figures.value_cents == line.figures.margin_cents - owed


def test_expected_loss_is_the_product_of_its_parts_up_to_the_cent():
    assert expected_loss(0, 500_000, GIVEN) == 0
    whole = 100_000 * 200_000 * GIVEN.charge_off_share_bp * GIVEN.loss_given_charge_off_bp
    assert expected_loss(100_000, 200_000, GIVEN) == -(-whole // 10**14)


def test_figures_add_up_field_by_field():
    one, two = (
        Figures(lines=1, interest_cents=500, funds_cents=100),
        Figures(lines=2, fees_cents=50, ahead_cents=7),
    )
    both = total([one, two])
    assert (both.lines, both.revenue_cents, both.margin_cents) == (3, 550, 450)
    assert both.projected_cents == one.projected_cents + two.projected_cents
    assert total([]) == Figures()


def test_before_the_first_version_nothing_is_assumed():
    with pytest.raises(AssumptionsUnknown):
        assumptions_on(date(2001, 1, 1))


async def test_a_customer_sees_the_economics_of_no_other_line(engine):
    book = await open_book(engine)
    await open_book(engine)
    found = await asked(engine, customer(book.customer_id))
    assert [line.line_id for line in found.lines] == [book.line_id]


async def test_an_empty_book_says_so(engine):
    found = await asked(engine)
    assert found.total == Figures()
    assert "no line yet" in report(found)
    assert terminal_table(found).row_count == 0


async def test_cohorts_add_up_to_the_book_and_both_are_shown(engine):
    book = await seasoned_book(engine)
    await open_book(engine, opened_on=date(2026, 5, 5), apr_bp=1799)
    await book.go_to(ON)
    found = await asked(engine)
    assert total(found.cohorts.values()) == found.total
    assert [cohort.grade for cohort in found.cohorts] == ["C", "A"]
    page = report(found)
    assert page.count("<svg") == 2
    assert "Assumptions and formulas" in page
    assert "<script" not in page


async def test_the_command_prints_the_table_and_writes_the_page(
    database, engine, tmp_path, monkeypatch, capsys
):
    await open_book(engine)
    monkeypatch.setenv("CASHLINE_BATCH_DATABASE_URL", database.url("cashline_batch"))
    monkeypatch.setenv("COLUMNS", "160")
    out = tmp_path / "economics.html"
    code = await asyncio.to_thread(main, ["economics", "--out", str(out)])
    assert code == 0
    assert "Unit economics on" in capsys.readouterr().out
    assert out.read_text().startswith("<!doctype html>")

"""Applications: decided at once, priced within the caps, recorded either way, and nothing odd let in."""

from dataclasses import replace

import pytest
from sqlalchemy import insert

from ledger_core.commands.context import CommandContext
from ledger_core.commands.decide_application import decide_application
from ledger_core.dates import Moment
from ledger_core.ids import new_id
from ledger_core.queries import notices
from ledger_core.store.postgres import specialist, system, transaction
from ledger_core.store.read import read_line
from ledger_core.store.tables import customers
from ledger_core.underwriting.features import Month, Observation
from ledger_core.underwriting.reasons import statement
from ledger_core.underwriting.record import of_line
from tests.fixtures.books import _TEN, OPENED_ON

STEADY = Observation(150_000, 500, tuple(Month(0, 40_000, 30_000) for _ in range(6)))
FAILING = Observation(150_000, 100, tuple(Month(6 - n, 149_000, 0) for n in range(6)))


@pytest.fixture
def applicant(engine):
    customer_id, line_id = new_id("cus"), new_id("line")

    async def apply(key="apply-1", **changed):
        terms = {
            "line_id": line_id,
            "customer_id": customer_id,
            "product_id": "cash_line_flex",
            "limit_cents": 100_000,
            "due_day": 14,
            "state_code": "TX",
            "observation": STEADY,
            # What the model may take is tried by itself; a busy machine must not decide here.
            "timer": lambda: 0,
        }
        async with transaction(engine, system("test")) as conn:
            ctx = CommandContext(key, "system:test", Moment(OPENED_ON, _TEN))
            return await decide_application(conn, ctx, **(terms | changed))

    async def known():
        async with transaction(engine, system("test")) as conn:
            person = {"customer_id": customer_id, "display_name": "Ana Ortiz", "email": "a@example.com", "phone": None}
            where = {"language": "en", "state": "TX", "timezone": "America/New_York", "military": False}
            await conn.execute(insert(customers).values(person | where))

    async def kept():
        async with transaction(engine, specialist("spec_test")) as conn:
            return await of_line(conn, line_id), await read_line(conn, line_id)

    apply.known, apply.kept = known, kept
    return apply


async def test_a_steady_payer_has_a_line_at_the_price_of_the_grade(applicant):
    await applicant.known()
    done = await applicant()
    assert (done.outcome, done.limit_cents, done.reasons) == ("approved", 100_000, ())
    (made,), line = await applicant.kept()
    assert (made.kind, made.path) == ("application", "model")
    assert line.line.limit_cents == 100_000
    assert done.apr_bp == done.opened.apr_bp
    assert await applicant() == done
    assert len((await applicant.kept())[0]) == 1


async def test_who_fails_elsewhere_is_declined_with_reasons_and_has_no_line(applicant):
    await applicant.known()
    done = await applicant(observation=FAILING)
    assert (done.outcome, done.limit_cents, done.opened) == ("declined", 0, None)
    assert 1 <= len(done.reasons) <= 4
    (made,), line = await applicant.kept()
    assert made.outcome == "declined"
    assert line is None
    assert await applicant(observation=FAILING) == done


async def test_without_history_a_small_line_is_offered_by_the_policy_alone(applicant):
    await applicant.known()
    done = await applicant(observation=None, limit_cents=300_000)
    assert (done.outcome, done.limit_cents, done.reasons) == ("counter_offer", 100_000, ("history_short",))
    assert (await applicant.kept())[0][0].why_conservative == "history_short"


async def test_a_states_cap_bounds_the_price(applicant):
    await applicant.known()
    assert (await applicant(state_code="AR")).apr_bp <= 1700


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"product_id": "cash_line_moon"}, "product_unknown"),
        ({"state_code": "XX"}, "state_unknown"),
        ({"limit_cents": 0}, "limit_out_of_range"),
        ({"limit_cents": 100_001}, "limit_not_a_step"),
        ({"due_day": 31}, "due_day_out_of_range"),
        ({"observation": replace(STEADY, months=STEADY.months[:5])}, "observation_contradictory"),
        ({"observation": replace(STEADY, limit_cents=0)}, "observation_contradictory"),
        ({"observation": replace(STEADY, months=(Month(5, 1, 1), *STEADY.months[1:]))}, "observation_contradictory"),
        ({"observation": replace(STEADY, months=(Month(-1, 1, 1), *STEADY.months[1:]))}, "observation_contradictory"),
        ({"observation": replace(STEADY, months=(Month(0, 1, -1), *STEADY.months[1:]))}, "observation_contradictory"),
    ],
)
async def test_what_cannot_be_decided_is_refused_by_name_and_not_recorded(applicant, changed, code):
    await applicant.known()
    assert (await applicant(**changed)).codes == (code,)
    assert await applicant.kept() == ((), None)


async def test_a_declined_application_keeps_what_was_asked_for_and_its_notice(applicant, engine):
    await applicant.known()
    done = await applicant(observation=FAILING)
    ((made,), _) = await applicant.kept()
    assert (made.product_id, made.state_code) == ("cash_line_flex", "TX")
    async with transaction(engine, system("test")) as conn:
        (notice,) = await notices.notices(conn, made.line_id)
    assert (notice.kind, notice.decision_id) == ("application_declined", done.decision_id)
    assert "$1,000.00" in notice.text


AGENCY = ("First Example Credit Reporting", "P.O. Box 1000, Springfield, IL 62701", "1-800-555-0100")
RIGHTS = {
    "en": ("free copy of your report", "60 days", "right to dispute", "played no part in our decision"),
    "es": ("copia gratuita de su informe", "60 días", "derecho a disputarlo", "no participó en nuestra decisión"),
}


@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_notice_that_rests_on_a_report_names_the_agency_the_rights_and_the_score(
    applicant, engine, language
):
    await applicant.known()
    await applicant(observation=FAILING)
    ((made,), _) = await applicant.kept()
    async with transaction(engine, system("test")) as conn:
        (notice,) = await notices.notices(conn, made.line_id, language)
    assert all(words in notice.text for words in (*AGENCY, *RIGHTS[language]))
    score = 1000 - (made.default_ppm + 500) // 1000
    _, told = notice.text.split("Your score" if language == "en" else "Su puntaje el")
    assert f" {score}. " in told
    assert "0" in told
    assert "1,000" in told
    factors = [statement(reason, language)[0] for reason in made.reasons]
    assert [line for line in told.splitlines() if line[:1].isdigit()] == [
        f"{n}. {factor}" for n, factor in enumerate(factors, start=1)
    ]


async def test_without_a_score_the_notice_names_the_agency_and_no_score(applicant, engine):
    await applicant.known()
    await applicant(observation=None, limit_cents=300_000)
    ((made,), _) = await applicant.kept()
    async with transaction(engine, system("test")) as conn:
        (notice,) = await notices.notices(conn, made.line_id, "en")
    assert AGENCY[0] in notice.text
    assert "credit score" not in notice.text

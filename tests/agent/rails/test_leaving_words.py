"""What may not leave: days in the wrong place, others' data, unfair words, replies without their disclosures."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from agent import figures, roles
from agent.flows.base import Receipt
from agent.rails.actions import JUDGED, OUTPUT_CHECKS, Draft
from agent.rails.disclosures import FILE, Shown, missing
from agent.rails.fairness import unfair
from agent.rails.others import strange_ids, strangers
from agent.words import render
from ledger_core.underwriting.reasons import ALL
from tools import wording
from tools.knowledge.documents import read_policies

TODAY = date(2026, 5, 1)
LINE = {
    "owed_cents": 123_456, "minimum_due_cents": 5_175, "apr_bp": 2_599, "next_due_on": "2026-05-22", "next_close_on": "2026-05-28",
    "last_statement": {"number": 7, "cycle_end": "2026-04-28", "due_on": "2026-05-22"},
}  # fmt: skip
PAYMENTS = [
    {"amount_cents": 6_000, "received_on": "2026-04-20", "settled_on": "2026-04-22", "stage": "settled"},
    {"amount_cents": 4_100, "received_on": "2026-03-20", "settled_on": "2026-03-24", "stage": "settled"},
]
RECEIPTS = [
    Receipt("call_1", "get_overview", {}, "done", {"as_of_on": "2026-05-01", "lines": [LINE]}, "turn_1"),
    Receipt("call_2", "list_payments", {}, "done", {"payments": PAYMENTS}, "turn_1"),
]


def objection(text, language="en", *, drafted=True, receipts=RECEIPTS, **more):
    JUDGED.set(Draft(text, receipts, language, drafted, TODAY, **more))
    return next((name for name, check in OUTPUT_CHECKS.items() if not check()), None)


@pytest.mark.parametrize(
    "text",
    [
        "Your payment is due on May 22, and the statement closes on May 28.",
        "It is due in 21 days, on Friday, May 22.",
        "Your payment of $60.00 was received on April 20 and settled on April 22, so you're all set there.",
        "Your two latest payments:\n- April 20: $60.00\n- March 20: $41.00",
        "Your last two payments are $60.00 on April 20 and forty-one dollars on March 20.",
        "As of today, May 1, your balance is $1,234.56.",
        "| Balance | Minimum | Due |\n|---|---|---|\n| $1,234.56 | $51.75 | May 22 |",
        "- Owed: $1,234.56\n- Rate: 25.99 %",
    ],
)
def test_true_days_and_amounts_in_their_places_leave(text):
    assert objection(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Your payment is due on May 28.",
        "Your payment is due on Thursday, May 28.",
        "The statement closes on May 22.",
        "It is due on Thursday, May 22.",
        "It is due in 27 days.",
        "Your payment of $60.00 was received on March 20.",
        "Your payment of $41.00 settled on April 22.",
        "- March 20: $60.00\n- April 20: $41.00",
        "| Date | Payment |\n|---|---|\n| March 20 | $60.00 |",
        "Your three latest payments:\n- April 20: $60.00\n- March 20: $41.00",
        "| Balance | Minimum |\n|---|---|\n| $51.75 | $1,234.56 |",
        "You have $1,234.56 available.",
        "- Part: $51.75\n= $60.00",
    ],
)
def test_a_true_figure_in_another_place_is_held_back(text):
    assert objection(text) == "output figures"


def test_a_day_in_a_templates_words_is_held_to_its_place_too():
    assert objection("Your next payment is due **May 28**.", drafted=False) == "output figures"
    assert objection("Su próximo pago vence el **28 de mayo**.", "es", drafted=False) == "output figures"
    assert objection("Your next payment is due **May 22**.", drafted=False) is None


def test_eleven_in_words_is_a_day_of_the_month():
    assert [one.text for one in figures.resolve("Vence el once de mayo.", RECEIPTS, drafted=True)[1]] == [
        "once de mayo"
    ]


@pytest.mark.parametrize(
    "text", ["I have scheduled it for you.", "He liquidado su pago.", "All set, your payment is in."]
)
def test_a_state_that_was_read_bears_out_no_deed_of_ours(text):
    scheduled = Receipt(
        "call_3", "list_payments", {}, "done", {"payments": [{"stage": "scheduled"}]}, "turn_1"
    )
    assert (
        objection(text, "es" if text.startswith("He") else "en", receipts=[scheduled])
        == "output completion claims"
    )


@pytest.mark.parametrize(
    "text", ["Hi <b>there</b>, you owe nothing.", "{{ owed }} is what you owe.", "```\nYou owe it\n```"]
)
def test_code_is_no_reply(text):
    assert objection(text) is not None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dana Reyes's balance is higher than yours.", "en"),
        ("Hi Marcus, you still owe the minimum.", "en"),
        ("That is the account of Sam Ortiz, and it is past due.", "en"),
        ("Another customer owes more than you do.", "en"),
        ("Hable con la Sra. Gómez de su saldo, por favor.", "es"),
        ("La cuenta de Luz Vega también es suya.", "es"),
        ("Otro cliente debe más que usted.", "es"),
    ],
)
def test_other_people_do_not_come_up_in_a_models_words(text, language):
    assert objection(text, language) == "output other people"


def test_a_name_that_the_customer_or_a_result_brought_up_may_be_said():
    assert strangers("Hi Marcus, thanks for waiting.", [], "hello, I'm Marcus") == []
    told = Receipt("call_4", "get_profile", {}, "done", {"display_name": "Dana Reyes"}, "turn_1")
    assert strangers("Thanks, Dana. Your line is fine.", [told], "") == []
    assert strangers("Your Cash Line balance is due in May. Thanks, Customer Service.", [], "") == []


def test_an_id_leaves_by_template_only_when_a_result_holds_it():
    told = Receipt("call_4", "record_right", {}, "done", {"reference": "case_sk2yh9th"}, "turn_1")
    assert strange_ids("Your reference is case_sk2yh9th.", [told]) == []
    assert strange_ids("Your reference is case_sk2yh9tx.", [told]) == ["case_sk2yh9tx"]
    assert objection("See line_8f3ab2cd for that.", drafted=False) == "output other people"


UNFAIR = [
    ("Act now, this rate will not stay.", "en"),
    ("This is your last chance to pay without trouble.", "en"),
    ("Pay today before it's too late!", "en"),
    ("It is a limited-time offer for you.", "en"),
    ("Drawing the rest is risk free.", "en"),
    ("You are pre-approved for more.", "en"),
    ("It costs you nothing to borrow it.", "en"),
    ("You could draw the rest to pay your minimum.", "en"),
    ("You have no choice but to pay.", "en"),
    ("Most customers pay the minimum, so it is fine.", "en"),
    ("If you wait, we can garnish your wages.", "en"),
    ("You may go to jail for not paying.", "en"),
    ("Expect legal action against you.", "en"),
    ("Not paying will ruin your credit.", "en"),
    ("Paying late won't affect your credit.", "en"),
    ("That is interest-free for you.", "en"),
    ("Aproveche ahora mismo.", "es"),
    ("Es su última oportunidad de pagar.", "es"),
    ("No espere más para pagar.", "es"),
    ("Es dinero sin riesgo para usted.", "es"),
    ("Usted ya está preaprobado.", "es"),
    ("Retire lo que queda para pagar el mínimo.", "es"),
    ("No le queda otra que pagar.", "es"),
    ("Puede ir a la cárcel si no paga.", "es"),
    ("Vamos a embargar su sueldo.", "es"),
    ("Habrá acciones legales.", "es"),
    ("Eso va a arruinar su crédito.", "es"),
    ("Pagar tarde no afecta su crédito.", "es"),
]


@pytest.mark.parametrize(("text", "language"), UNFAIR)
def test_unfair_and_misleading_words_do_not_leave(text, language):
    assert unfair(text, drafted=True)
    assert objection(text, language) is not None


def test_our_own_templates_policies_and_terms_are_fair():
    texts = [path.read_text() for path in Path("prompts/replies").rglob("*.md")]
    texts += [path.read_text() for path in Path("tools/proposal_words").glob("*.yaml")]
    texts += [section.text for document in read_policies() for section in document.sections]
    assert [unfair(text, drafted=False) for text in texts if unfair(text, drafted=False)] == []


DRAW = {
    "amount_cents": 20_000,
    "bank_last4": "4471",
    "speed": "standard",
    "settles_on": "2026-05-04",
    "fee_cents": 0,
    "apr_bp": 2_599,
}


def proposed(language, without=""):
    words = wording.of("request_draw", DRAW, language)
    label = wording.label("request_draw", without, language)
    rows = [{"label": row.label, "value": row.value} for row in words.rows if row.label != label]
    proposal = {"id": "prop_1", "terms": DRAW, "rows": rows, "summary": words.summary}
    return Receipt("call_5", "request_draw", {}, "needs_confirmation", {"proposal": proposal}, "turn_1")


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("name", ["amount_cents", "apr_bp", "fee_cents", "settles_on", "bank_last4"])
def test_a_draw_is_not_proposed_without_its_cost_and_terms(language, name):
    shown = Shown({"proposal"}, {"prop_1"})
    assert missing("", shown, [proposed(language)], language) == []
    assert missing("", shown, [proposed(language, name)], language) == [f"request_draw: {name}"]
    assert missing("", Shown(), [proposed(language, name)], language) == []


def test_a_payoff_of_nothing_owes_no_figure_and_any_other_does():
    shown, quote = Shown({"payoff"}), {"total_cents": 0, "on": "2026-05-01"}
    told = [Receipt("call_7", "get_payoff_quote", {}, "done", quote, "turn_1")]
    assert missing("You owe nothing.", shown, told, "en") == []
    told = [Receipt("call_7", "get_payoff_quote", {}, "done", {**quote, "total_cents": 5_000}, "turn_1")]
    assert missing("You owe something.", shown, told, "en") == ["payoff: total_cents", "payoff: on"]


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_limit_is_not_declined_without_each_reason(language):
    reasons = list(ALL[:2])
    decided = {"outcome": "declined", "present_cents": 200_000, "asked_cents": 300_000, "limit_cents": 200_000,
               "reasons": reasons, "again_from": "2026-11-01"}  # fmt: skip
    told = [Receipt("call_6", "request_limit_increase", {}, "done", decided, "turn_1")]
    text = render("limit_declined", {"d": decided}, language, 2026)
    shown = Shown({"limit_declined"})
    assert missing(text, shown, told, language) == []
    lacking = render("limit_declined", {"d": {**decided, "reasons": reasons[:1]}}, language, 2026)
    assert missing(lacking, shown, told, language) == [f"limit_declined: reason {reasons[1]}"]


def test_every_disclosure_names_a_tool_a_template_and_terms_that_exist():
    owed = yaml.safe_load(FILE.read_text())
    for tool, duty in owed["proposals"].items():
        assert all(wording.label(tool, name, language) for name in duty["rows"] for language in ("en", "es"))
    for template in owed["replies"]:
        assert all(Path(f"prompts/replies/{language}/{template}.md").exists() for language in ("en", "es"))


def _days_of_templates():
    """Each day that a template writes: the file, the field, and the words with it in place."""
    for path in sorted(Path("prompts/replies").rglob("*.md")):
        body = re.sub(r"\{%-?.*?-?%\}", "", path.read_text().split("\n---\n", 1)[1], flags=re.S)
        words, places = "", []
        for part in re.split(r"(\{\{[^}]*(?:\{[^}]*\}[^}]*)?\}\})", body):
            written = re.match(r"\{\{\s*([\w.\[\]]+)\s*\|\s*day", part)
            if written:
                places.append((len(words), written[1].split(".")[-1]))
            words += "May 5" if written else re.sub(r"^\{\{.*money.*\}\}$", "$5.00", part, flags=re.S)
        yield from ((path, field, words, at) for at, field in places)


def test_every_day_that_a_template_writes_is_one_that_its_place_takes():
    days = list(_days_of_templates())
    assert len(days) > 150
    for path, field, words, at in days:
        role = roles.of("date", words, at, at + len("May 5"))
        borne_out = role is None or any(role.borne_out_by.search(one) for one in (field, f"items.0.{field}"))
        assert borne_out, (path, field, role.name, words[at - 40 : at])

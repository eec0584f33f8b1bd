"""Every right, said plainly or not, in both languages, through the front door: its duty stands with its legal date."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import text

from ledger_core.store.postgres import customer, transaction
from tests.fixtures.books import open_book
from tools.rights import PROCEDURES

TODAY = date(2026, 3, 16)
DUE_ON = {
    "dispute_open": date(2026, 4, 15),
    "credit_reporting": date(2026, 4, 15),
    "complaint": date(2026, 3, 31),
    "servicemember": date(2026, 3, 23),
}
"""30 days, 30 days, 15 days, 5 business days; every other right is owed on the day it is said."""
WITHIN_THE_HOUR = {"fraud_report", "identity_theft"}
SAID = {
    ("dispute_open", "en"): ("I'd like to dispute that charge", "I never took any cash on Monday and you bill me for it"),
    ("dispute_open", "es"): ("quiero disputar un cobro", "me aparece dos veces el mismo retiro"),
    ("fraud_report", "en"): ("my account was hacked", "somebody I don't know is in my account and moved the money"),
    ("fraud_report", "es"): ("hackearon mi cuenta", "alguien entró en mi aplicación y se llevó el dinero"),
    ("identity_theft", "en"): ("I'm a victim of identity theft", "someone took a line with you in my name"),
    ("identity_theft", "es"): ("me robaron la identidad", "yo nunca abrí esta cuenta con ustedes"),
    ("hardship", "en"): ("I can't afford the payment", "the mill closed and none of us has work now"),
    ("hardship", "es"): ("no puedo pagar este mes", "cerró la fábrica y en casa no entra nada"),
    ("bankruptcy", "en"): ("I filed chapter 7", "the judge wiped out my debts in May"),
    ("bankruptcy", "es"): ("me declaré en bancarrota", "el juez suspendió mis deudas"),
    ("servicemember", "en"): ("I'm on active duty", "my unit leaves for Kuwait on Sunday"),
    ("servicemember", "es"): ("estoy en servicio activo", "mi batallón sale el domingo"),
    ("deceased", "en"): ("my husband died", "we buried my mother on Friday, this was her line"),
    ("deceased", "es"): ("mi esposo falleció", "enterramos a mi madre el viernes"),
    ("cease_contact", "en"): ("stop calling me", "lose my number, my phone never stops ringing because of you"),
    ("cease_contact", "es"): ("dejen de llamarme", "a mi trabajo no llamen, me van a echar por eso"),
    ("complaint", "en"): ("I want to file a complaint", "your agent laughed at me and hung up"),
    ("complaint", "es"): ("quiero presentar una queja", "su agente me gritó y me colgó"),
    ("credit_reporting", "en"): ("my credit report is wrong because of you", "Experian says I was late and I never was"),
    ("credit_reporting", "es"): ("mi reporte de crédito está mal", "me reportaron con atraso y no es cierto"),
    ("human", "en"): ("let me talk to a person", "I'm done with this robot"),
    ("human", "es"): ("quiero hablar con una persona", "ya me cansé de este robot"),
    ("crisis", "en"): ("I want to kill myself", "everyone would be better off without me"),
    ("crisis", "es"): ("me quiero morir", "todos estarían mejor sin mí"),
    ("attorney", "en"): ("talk to my lawyer", "legal aid took my case, go through them"),
    ("attorney", "es"): ("hable con mi abogado", "la clínica legal lleva mi caso, ellos hablan por mí"),
}


@pytest.mark.parametrize(("right", "language"), SAID)
async def test_a_right_starts_its_duty_and_its_clock(engine, talk_to, clock, right, language):
    book = await open_book(engine, due_day=28, language=language)
    await book.go_to(TODAY)
    for words in SAID[right, language]:
        talk = await talk_to(book.customer_id)
        turn = await talk.say(words)
        assert turn["status"] != "failed"
        owed = {item["right"]: item for item in turn["obligations"]}
        assert right in owed, (words, list(owed))
        async with transaction(engine, customer(book.customer_id)) as conn:
            found = await conn.execute(
                text(
                    'SELECT queue, started_on, due_on, due_at FROM servicing.duties WHERE conversation_id = :c AND "right" = :r'
                ),
                {"c": talk.conversation_id, "r": right},
            )
            duty = found.one()
        assert (duty.queue, duty.started_on) == (PROCEDURES[right].queue, TODAY)
        assert duty.due_on == DUE_ON.get(right, TODAY)
        assert (duty.due_at is not None) == (right in WITHIN_THE_HOUR)


def test_every_right_is_said_in_both_languages():
    assert set(SAID) == {(right, language) for right in PROCEDURES for language in ("en", "es")}


@pytest.mark.parametrize(
    "words",
    [
        "I am not in the military",
        "my account is not hacked, I only forgot the code",
        "no complaints, thank you",
        "no soy militar",
        "no tengo quejas, gracias",
        "my battery died, one moment",
    ],
)
async def test_what_only_sounds_like_a_right_starts_none(engine, talk_to, words):
    book = await open_book(engine, due_day=28)
    await book.go_to(TODAY)
    turn = await (await talk_to(book.customer_id)).say(words)
    assert turn["obligations"] == []

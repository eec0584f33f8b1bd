"""Every wish a customer may have, in both languages, leads somewhere: an answer, an act, one question, or a person."""

from __future__ import annotations

from datetime import date

import pytest

from agent.understanding.labels import mapping
from agent.words import render
from ledger_core.commands.charge_fee import charge_fee
from tests.fixtures.books import open_book
from tests.fixtures.reading import ease, grade

ENDS = {"answered", "done", "proposed", "asking", "handed_off", "refused"}
GRADE_MAX = 8
"""Flesch-Kincaid, of every English reply"""
EASE_MIN = 60
"""Fernández Huerta, of every Spanish reply: "normal", the plain language that most adults read with ease"""
WORDS_MAX = 130
WORDS_MAX_OF = {"hardship": 160}
"""A list of every programme with its figures, as the policy asks."""
SAID = {
    "balance": ("how much do I owe today", "¿cuánto debo hoy?"),
    "available_credit": ("how much can I still draw", "¿cuánto me queda disponible para retirar?"),
    "limit_info": ("what is my credit limit", "¿cuál es mi límite de crédito?"),
    "rate_info": ("what's my APR", "¿cuál es mi tasa?"),
    "due_date_info": ("when is my payment due", "¿qué día vence mi pago?"),
    "minimum_payment_info": ("what's my minimum payment", "¿cuál es mi pago mínimo?"),
    "payoff_quote": ("payoff amount for friday please", "¿cuánto es para liquidar todo el viernes?"),
    "statement_get": ("send me my last statement", "necesito mi último estado de cuenta"),
    "statement_explain": ("explain my statement", "explíqueme mi estado de cuenta"),
    "interest_explain": ("why is my interest so high", "¿por qué subió el interés?"),
    "fee_explain": ("what is this late fee", "¿de qué es este cargo?"),
    "transaction_explain": ("what is this transaction of 1500", "¿qué es este movimiento de 1500?"),
    "transactions_list": ("show me my recent activity", "muéstreme mis últimos movimientos"),
    "payment_make": ("pay 50 tomorrow", "quiero pagar 50 dólares mañana"),
    "payment_manage": ("cancel my scheduled payment", "cancele el pago que programé"),
    "payment_status": ("did my payment go through", "¿ya llegó mi pago?"),
    "payment_methods": ("can I pay by check", "¿puedo pagar con cheque?"),
    "payment_whatif": ("if I pay 200 a month, when am I done", "si pago 200 al mes, ¿cuándo termino?"),
    "autopay_manage": ("set up autopay for the minimum", "quiero activar el pago automático del mínimo"),
    "bank_account_manage": ("I want to add another bank account", "quiero agregar otra cuenta de banco"),
    "draw_request": ("draw 100 to my bank", "quiero retirar 100 a mi cuenta"),
    "draw_status": ("where is my draw", "¿dónde está mi retiro?"),
    "draw_cancel": ("cancel the draw I asked for", "cancele el retiro que pedí"),
    "hardship": ("I can't pay this month", "no puedo pagar este mes"),
    "plan_manage": ("how many payments are left on my plan", "¿cuántas cuotas me faltan del plan?"),
    "due_date_change": ("move my due date to the 5th", "quiero mover mi fecha de pago al día 5"),
    "fee_waiver": ("please waive the late fee", "¿me pueden quitar el cargo por atraso?"),
    "dispute_open": ("I never made that 1500 draw", "yo no hice ese retiro de 1500"),
    "dispute_manage": ("any news on my dispute", "¿cómo va mi disputa?"),
    "refund_request": ("I overpaid, send the extra back", "pagué de más, devuélvanme la diferencia"),
    "limit_increase": ("raise my limit to 3000", "¿me suben el límite a 3000?"),
    "limit_decrease": ("lower my limit to 1900", "bájenme el límite a 1900"),
    "decision_explain": ("why did you decline my request", "¿por qué rechazaron mi solicitud?"),
    "apply_new": ("how do I apply for a Cash Line", "¿cómo solicito una línea?"),
    "close_account": ("close my account", "quiero cerrar mi línea"),
    "fraud_report": ("my account was hacked", "hackearon mi cuenta"),
    "account_access": ("I can't log in", "no puedo entrar en la aplicación"),
    "profile_change": ("change my email address", "quiero cambiar mi correo electrónico"),
    "credit_reporting": ("you reported me late and I wasn't", "me reportaron con atraso y no es cierto"),
    "complaint": ("I want to file a complaint", "quiero presentar una queja"),
    "human": ("let me talk to a person", "quiero hablar con una persona"),
    "bankruptcy": ("I filed chapter 7", "me declaré en bancarrota"),
    "servicemember": ("I'm on active duty", "estoy en servicio activo"),
    "deceased": ("my husband died, it was his line", "mi esposo falleció y era su línea"),
    "cease_contact": ("stop calling me", "dejen de llamarme"),
    "crisis": ("I want to kill myself", "me quiero morir"),
    "policy_question": ("is there a grace period", "¿hay período de gracia?"),
    "smalltalk": ("hello there", "hola, buenas"),
    "out_of_scope": ("find me a dentist nearby", "búscame un dentista cerca"),
}


@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_wish_leads_somewhere(engine, talk_to, language):
    book = await open_book(engine, due_day=28, language=language)
    await book.draw(150_000)
    await book.go_to(date(2026, 2, 20))
    await book.pay(20_000, settle=True)
    await book.go_to(date(2026, 3, 16))
    statement = (await book.state()).statements[0]
    await book.act(charge_fee, kind="late", amount_cents=2_500, about=statement.statement_id)
    said_back = {}
    dead_ends = {render(name, {}, language) for name in ("unclear", "held_back", "fixable")}
    lost = []
    for wish, said in SAID.items():
        words = said[language == "es"]
        turn = await (await talk_to(book.customer_id)).say(words)
        reply = turn["reply"]["text"]
        said_back[wish] = reply
        if turn["status"] not in ENDS or not reply or reply in dead_ends or "_cents" in reply:
            lost.append((wish, words, turn["status"], reply))
    assert lost == []
    hard = {wish: (_hardness(text, language), text) for wish, text in said_back.items()}
    worst = sorted(hard.items(), key=lambda item: -item[1][0])[:3]
    assert worst[0][1][0] <= 0, worst
    lengths = {wish: len(text.split()) for wish, text in said_back.items()}
    long = {wish: n for wish, n in lengths.items() if n > WORDS_MAX_OF.get(wish, WORDS_MAX)}
    assert long == {}


def _hardness(text, language):
    """How far the text lies above the bound; not above it where this is not positive."""
    return grade(text) - GRADE_MAX if language == "en" else EASE_MIN - ease(text)


def test_no_wish_is_left_out():
    assert set(SAID) == set(mapping()["intents"])

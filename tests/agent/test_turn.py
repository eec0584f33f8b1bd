"""Whole turns through the front door of the agent, on a small book."""

from datetime import date

from tests.fixtures.books import open_book


async def with_balance(engine, **more):
    book = await open_book(engine, **more)
    await book.draw(150_000)
    await book.go_to(date(2026, 3, 16))
    return book


async def test_a_customer_hears_what_they_owe(engine, talk_to):
    book = await with_balance(engine)
    talk = await talk_to(book.customer_id)
    turn = await talk.say("how much do I owe?")
    assert turn["status"] == "answered"
    assert "$1,5" in turn["reply"]["text"]
    assert all(figure["source"]["tool"] == "get_overview" for figure in turn["figures"])
    assert turn["figures"]


async def test_a_payment_is_proposed_confirmed_and_in_the_books(engine, talk_to):
    book = await with_balance(engine)
    talk = await talk_to(book.customer_id)
    turn = await talk.say("I'd like to pay 200 dollars today")
    assert turn["status"] == "proposed"
    assert turn["proposal"]["terms"]["amount_cents"] == 20_000
    done = await talk.say("yes please")
    assert done["status"] == "done"
    state = await book.state()
    assert [p.amount_cents for p in state.payments.values()] == [20_000]

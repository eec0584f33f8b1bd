"""Whole conversations that end in a one-time code: a line closed, a bank account taken up and paid from."""

import pytest_asyncio

from tests.api.test_step_up import ask_code, code_of, confirm, dana, dana_book  # noqa: F401  fixtures
from tests.api.test_turns import TODAY, _code, embedder, front_door  # noqa: F401  fixtures
from tests.fixtures.books import open_book


async def test_a_line_is_closed_after_a_question_about_it_with_the_code(dana, dana_book):  # noqa: F811
    turn = await dana.say("I want to close my account")
    assert turn["proposal"]["needs_code"]
    turn = await dana.say("what happens if I close it?")
    assert "for good" in turn["reply"]["text"]
    proposal = turn["proposal"]
    assert _code(await confirm(dana, proposal)) == (409, "code_needed")
    assert (await dana_book.state()).status == "open"
    await ask_code(dana, proposal)
    done = (await confirm(dana, proposal, await code_of(dana))).json()
    assert done["status"] == "done", done
    assert (await dana_book.state()).status in ("closing", "closed")


@pytest_asyncio.fixture
async def newcomer(engine, front_door):  # noqa: F811
    """Owes, and has one bank account, which still waits to be taken up."""
    book = await open_book(engine, bank_status="pending")
    await book.go_to(TODAY)
    return await front_door(book.customer_id)


async def test_a_bank_account_is_taken_up_with_the_code_on_the_way_to_a_draw(newcomer):
    turn = await newcomer.say("draw 100")
    assert "4471" in turn["reply"]["text"], turn
    turn = await newcomer.say("yes")
    assert turn["proposal"]["needs_code"], turn
    proposal = turn["proposal"]
    await ask_code(newcomer, proposal)
    done = (await confirm(newcomer, proposal, await code_of(newcomer))).json()
    assert done["status"] in ("done", "proposed"), done
    turn = await newcomer.say("which bank accounts do you have?")
    assert "4471" in turn["reply"]["text"]

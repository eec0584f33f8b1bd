"""Limits in conversation: a decision at once, with exact reasons, taken up by a yes and told again later."""

from datetime import date

from tests.agent.test_conversations import say
from tests.fixtures.books import seasoned_book


async def talk_of(engine, talk_to, **more):
    """A line of six cycles, on the day the conversation is held."""
    book = await seasoned_book(engine, opened_on=date(2025, 8, 4), **more)
    await book.go_to(date(2026, 3, 16))
    return book, await talk_to(book.customer_id)


async def test_a_higher_limit_is_decided_offered_and_taken_in_three_messages(engine, talk_to):
    book, talk = await talk_of(engine, talk_to)
    await say(talk, "can i get a higher limit", "asking", has=["$1,000.00", "What limit"])
    turn = await say(talk, "1200", "proposed", has=["$1,200.00", "approved"])
    assert turn["proposal"]["terms"]["limit_cents"] == 120_000
    assert (await book.state()).limit_cents == 100_000
    await say(talk, "yes", "done", has=["limit is now", "$1,200.00"])
    assert (await book.state()).limit_cents == 120_000
    await say(talk, "why did you decide that about my limit?", has=["$1,200.00", "approved", "taken up"])


async def test_too_much_is_answered_with_what_is_possible_and_why(engine, talk_to):
    book, talk = await talk_of(engine, talk_to)
    turn = await say(talk, "please raise my credit limit to $4,000", "proposed", has=["$4,000.00", "why not more", "step"])
    assert 100_000 < turn["proposal"]["terms"]["limit_cents"] < 400_000
    await say(talk, "no", has=[])
    assert (await book.state()).limit_cents == 100_000


async def test_a_decline_says_its_reasons_and_what_would_help_in_both_languages(engine, talk_to):
    book, talk = await talk_of(engine, talk_to, pays=False)
    await say(talk, "increase my limit by 500", "refused", has=["past due", "$1,500.00", "$1,000.00"], lacks=["approved"])
    await say(talk, "why was my limit increase denied?", has=["past due", "$1,500.00"])
    spanish = await talk_to(book.customer_id)
    await say(spanish, "quiero subir mi límite a $1,500", "refused", has=["vencido"], lacks=["past due"])
    assert (await book.state()).limit_cents == 100_000


async def test_a_limit_is_lowered_by_a_yes_and_never_below_what_is_used(engine, talk_to):
    book, talk = await talk_of(engine, talk_to)
    await say(talk, "lower my credit limit to $100", "refused", has=["between"])
    await say(talk, "lower my credit limit to $600", "proposed", has=["$600.00"])
    await say(talk, "yes", "done", has=["$600.00"])
    assert (await book.state()).limit_cents == 60_000


async def test_without_a_decision_there_is_none_to_explain(engine, talk_to):
    book, talk = await talk_of(engine, talk_to)
    await say(talk, "why was my credit limit increase declined?", has=["no credit decision"])
    assert not (await book.state()).decisions


async def test_a_bare_why_after_a_decline_is_answered_with_its_reasons_in_both_languages(engine, talk_to):
    book, talk = await talk_of(engine, talk_to, pays=False)
    await say(talk, "increase my limit by 500", "refused", has=["past due"])
    await say(talk, "why?", has=["past due", "could not approve"])
    await say(talk, "But why not?", has=["past due", "could not approve"])
    spanish = await talk_to(book.customer_id)
    await say(spanish, "quiero subir mi límite a $1,500", "refused", has=["vencido"])
    await say(spanish, "¿por qué?", has=["vencido", "$1,500.00"], lacks=["past due"])
    assert (await book.state()).limit_cents == 100_000


async def test_a_bare_why_after_a_smaller_offer_is_about_the_offer_and_later_about_other_things(engine, talk_to):
    book, talk = await talk_of(engine, talk_to)
    await say(talk, "please raise my credit limit to $4,000", "proposed", has=["$4,000.00"])
    await say(talk, "why not more?", has=["$4,000.00", "was approved instead", "step"])
    await say(talk, "balance?", lacks=["was approved instead"])
    await say(talk, "why?", lacks=["was approved instead"])
    assert (await book.state()).limit_cents == 100_000

"""Sixteen clients on one line, and nights that race."""

from evals.faults import races
from evals.faults.caller import Tally


async def test_sixteen_clients_never_draw_over_the_limit(arena):
    tally = Tally()
    came = await races.race_for_the_limit(arena, tally)
    assert tally.said == []
    assert came["done"] + came["refused"] == races.CLIENTS


async def test_one_key_from_sixteen_clients_has_one_effect_and_one_answer(arena):
    tally = Tally()
    await races.race_with_one_key(arena, tally)
    assert tally.said == []


async def test_a_night_and_its_customers_do_not_lose_each_others_work(arena):
    tally = Tally()
    await races.night_against_customers(arena, tally)
    assert tally.said == []


async def test_two_nights_at_once_are_one_night(arena):
    tally = Tally()
    came = await races.two_nights_at_once(arena, tally, nights=2)
    assert tally.said == []
    assert came == {"waited": 2}

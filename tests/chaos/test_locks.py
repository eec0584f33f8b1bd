"""Deadlocks and time-outs for real: started again, or refused by name with nothing half done."""

from evals.faults import locks
from evals.faults.caller import Tally


async def test_of_two_transactions_in_a_deadlock_the_victim_starts_again_and_both_pay_once(arena):
    tally = Tally()
    came = await locks.deadlock(arena, tally)
    assert tally.said == []
    assert came["attempts"] == 2 + came["deadlocks"] == 3


async def test_a_line_that_is_held_is_tried_again_and_paid_once_or_is_busy(arena):
    tally = Tally()
    await locks.lock_held(arena, tally)
    assert tally.said == []


async def test_a_statement_out_of_time_is_named_and_leaves_nothing(arena):
    tally = Tally()
    await locks.statement_time_out(arena, tally)
    assert tally.said == []

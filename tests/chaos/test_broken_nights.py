"""A sample of `python -m evals run crash`: nights broken between two statements and run again."""

from evals.faults.caller import Tally
from evals.faults.night_faults import break_nights


async def test_a_night_broken_anywhere_and_run_again_leaves_the_same_books(arena):
    tally = Tally()
    broken = await break_nights(arena, tally, seed=1, nights=2, breaks_max=12, progress=lambda line: None)
    assert tally.said == []
    assert tally.kills == broken.total() >= 12

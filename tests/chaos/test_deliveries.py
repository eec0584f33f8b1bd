"""Messages told twice, late and out of order."""

from evals.faults.caller import Tally
from evals.faults.delivery import deliver_badly


async def test_every_message_has_one_effect_in_the_order_of_its_line_however_it_is_told(arena):
    tally = Tally()
    came = await deliver_badly(arena, tally, seed=1)
    assert (tally.said, tally.lost, tally.doubled) == ([], 0, 0)
    assert min(came["deaths"], came["repeats"]) > 0

"""What banks tell of a payment or a draw, in any order."""

import pytest

from evals.faults.caller import Tally
from evals.faults.orders import all_orders


@pytest.mark.parametrize("kind", ["payment", "draw"])
async def test_outcomes_in_any_order_end_in_the_same_books(arena, kind):
    tally = Tally()
    came = await all_orders(arena, kind, tally, seed=1, core_max=3, sampled=3)
    assert tally.said == []
    assert came["orders"] == 6

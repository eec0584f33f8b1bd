import pytest

from evals.faults.caller import Tally
from evals.faults.command_faults import break_command


@pytest.mark.parametrize("command", ["grant_promotion","place_overlay","lift_overlay","reage_line","credit_payment"])
async def test_x(arena, command):
    tally = Tally()
    trips = await break_command(arena, command, tally, ("unheard",))
    assert tally.said == []
    assert trips >= 4

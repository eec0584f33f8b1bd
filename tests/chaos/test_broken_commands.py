"""A sample of `python -m evals run crash`: commands broken between two statements and sent again."""

import pytest

from evals.faults.caller import Tally
from evals.faults.command_faults import break_command
from evals.faults.scenes import missing


def test_every_command_has_a_scene_in_which_it_is_broken():
    assert missing() == ()


@pytest.mark.parametrize("command", ["request_draw", "return_payment", "open_dispute", "place_overlay"])
async def test_a_command_broken_anywhere_and_sent_again_happens_once(arena, command):
    """By itself it is two statements or a few more; in an open transaction also its BEGIN and its COMMIT."""
    for opened, least in ((False, 2), (True, 4)):
        tally = Tally()
        trips = await break_command(arena, command, tally, ("unheard",), opened=opened)
        assert tally.said == []
        assert tally.kills == trips >= least
        assert tally.resends >= trips - 1

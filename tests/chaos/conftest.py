"""The arena of the crash suite over the server of the tests."""

import pytest

from evals.faults.arena import Arena


@pytest.fixture
def arena(server, template):
    return Arena(server, template)

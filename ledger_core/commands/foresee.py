"""What a line would be with facts that are not in the books: for terms and for what-if questions."""

from collections.abc import Sequence
from datetime import date

from ledger_core.commands.decided import World
from ledger_core.line.events import Fact, Recorded
from ledger_core.line.replay import replay
from ledger_core.line.state import LineState


def state_with(
    world: World, facts: Sequence[Fact], *, effective_on: date | None = None, as_of: date | None = None
) -> LineState:
    """The state with these facts added on `effective_on`, seen as of `as_of`; both today unless given."""
    if not facts and as_of == world.state.as_of:
        return world.state
    on = effective_on or world.at.on
    last_seq = max((r.seq for r in world.recorded), default=0)
    added = tuple(Recorded(f"event_if_{n}", last_seq + n, on, f) for n, f in enumerate(facts, start=1))
    return replay(world.product, world.recorded + added, as_of=as_of or world.at.on)


def apr_bp_with(world: World, facts: Sequence[Fact]) -> int:
    """The rate in force today with these facts."""
    return state_with(world, facts).apr_bp

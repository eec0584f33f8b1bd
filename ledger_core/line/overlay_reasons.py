"""What news about the holder forbids."""

from ledger_core.line.state import LineState
from ledger_core.refusals import Reason

CODES = {"deceased": "holder_deceased", "bankruptcy": "bankruptcy"}


def overlay_reasons(state: LineState) -> list[Reason]:
    """Why nothing new is agreed on the line: holder_deceased, bankruptcy; none without an overlay."""
    return [Reason(CODES[o.kind], {"since_on": o.since_on}) for o in state.overlays if o.lifted_on is None]

"""Tables of servicing: proposals, tool calls, duties, hand-offs, notes."""

SCHEMA = "servicing"

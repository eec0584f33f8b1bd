"""Reads a customer's message: wishes, values, rights. Pure and deterministic, with no model that can be talked to."""

import tools.knowledge  # noqa: F401  # first: it tells numpy, before numpy loads, to stay on one core
from agent.understanding.reader import understand
from agent.understanding.result import Amount, DateMention, Intent, Right, Understanding
from agent.understanding.rows import predict_rows

__all__ = ["Amount", "DateMention", "Intent", "Right", "Understanding", "predict_rows", "understand"]

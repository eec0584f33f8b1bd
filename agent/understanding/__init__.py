"""Reads a customer's message: wishes, values, rights. Pure and deterministic, with no model that can be talked to."""

from agent.understanding.reader import understand
from agent.understanding.result import Amount, DateMention, Intent, Right, Understanding

__all__ = ["Amount", "DateMention", "Intent", "Right", "Understanding", "understand"]

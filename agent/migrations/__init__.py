"""The agent's schema: conversations, turns, messages, and LangGraph's checkpoint tables."""

SCHEMA = "agent"

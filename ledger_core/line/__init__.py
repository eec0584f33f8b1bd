"""Pure: what happened to a credit line, and what follows from it."""

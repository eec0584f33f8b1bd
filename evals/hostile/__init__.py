"""A model that does its worst, customers who talk to it, and an auditor who believes neither of them."""

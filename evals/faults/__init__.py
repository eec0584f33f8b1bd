"""Faults on purpose: what breaks the books' transactions, and what the books must look like afterwards."""

"""Fills the ledger that says where a value came from: the customer's words, the customer's record, a quote.

Only typed fields count. Memos, narratives, documents and policy texts are never read for values.
"""

from __future__ import annotations

from typing import Any

from agent.state import Memory
from tools.provenance import ProvenanceLedger, ledger_from


def ledger_of(memory: Memory, turn: dict[str, Any]) -> ProvenanceLedger:
    """What this conversation supports now: all words of the customer so far, and every typed result of a tool."""
    words = [turn.get("words") or {}, *(task.slots for task in memory.agenda.live)]
    records = [
        receipt.data for receipt in memory.receipts if receipt.outcome in ("done", "needs_confirmation")
    ]
    return ledger_from(words=words, records=records)

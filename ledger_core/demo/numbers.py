"""Account numbers for people who were invented: well formed, and of no bank."""

from __future__ import annotations

import hashlib

from ledger_core.bank.numbers import AccountNumbers
from ledger_core.bank.routing import check_digit

_NO_BANK = "99"
"""no routing number in use begins so"""


def invented_numbers(bank_account_id: str, bank_name: str, last4: str, holder: str) -> AccountNumbers:
    """The same for the same account; a bank has one routing number, and the account ends as the book says."""
    eight = _NO_BANK + _digits(bank_name, 6)
    return AccountNumbers(eight + check_digit(eight), _digits(bank_account_id, 8) + last4, holder)


def _digits(of: str, count: int) -> str:
    return str(int.from_bytes(hashlib.sha256(of.encode()).digest()[:8], "big"))[-count:].rjust(count, "0")

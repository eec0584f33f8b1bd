"""Why banks send entries back, and what we do about it: data, in our own words.

Source: Nacha Operating Rules, appendix four (returns). Sixty days: the codes of a consumer who says that a debit was
not authorised, or of a cheque turned into one. No day follows from settlement where our own bank asked for the return
or agreed to it (R06, R31), and where the time runs from the day on which the receiver refused (R23). All others come
within two banking days of settlement.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from ledger_core.dates import add_business_days

Consequence = Literal["none", "account_unusable", "account_blocked", "tell_human"]
"""none: the transfer is returned, with the fee that policy charges; account_unusable: and the account is closed for
us, autopay from it stops, its payments not sent yet are cancelled; account_blocked: the same, no fee, and a human
looks at it; tell_human: returned, and a human looks at it"""


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """One reason."""

    code: str
    meaning: str
    consequence: Consequence = "none"
    days: int | None = 0
    """calendar days in which it may come; 0: two banking days; None: no day follows from settlement"""

    @property
    def bears_fee(self) -> bool:
        """Whether a payment that came back so may cost the customer the returned-payment fee.

        Not where they say that it was not authorised, and not where the fault may be ours or a bank's.
        """
        return self.consequence in ("none", "account_unusable")


_ALL = (
    ReturnCode("R01", "not enough money in the account"),
    ReturnCode("R02", "the account was closed", "account_unusable"),
    ReturnCode("R03", "no account of that number, or not this person's", "account_unusable"),
    ReturnCode("R04", "the account number cannot be one of that bank", "account_unusable"),
    ReturnCode("R05", "a debit for companies on a consumer's account, not authorised", "account_blocked", 60),
    ReturnCode("R06", "sent back because our bank asked for it", "tell_human", None),
    ReturnCode("R07", "the customer took the authorisation back", "account_blocked", 60),
    ReturnCode("R08", "the customer stopped this payment"),
    ReturnCode("R09", "money in the account that is not available yet"),
    ReturnCode("R10", "the customer says we may not debit the account", "account_blocked", 60),
    ReturnCode("R11", "the customer says the debit is not what was agreed", "account_blocked", 60),
    ReturnCode("R12", "the account went to another bank", "account_unusable"),
    ReturnCode("R13", "the bank takes no such entries", "account_unusable"),
    ReturnCode("R14", "the representative of the account holder has died", "tell_human"),
    ReturnCode("R15", "the account holder has died", "tell_human"),
    ReturnCode("R16", "the account is frozen", "account_unusable"),
    ReturnCode("R17", "a field the bank could not process", "tell_human"),
    ReturnCode("R18", "a wrong effective date", "tell_human"),
    ReturnCode("R19", "a wrong amount field", "tell_human"),
    ReturnCode("R20", "an account that allows no such entries", "account_unusable"),
    ReturnCode("R21", "a wrong company identification", "tell_human"),
    ReturnCode("R22", "a wrong identification of the person", "tell_human"),
    ReturnCode("R23", "the receiver refused the credit", "tell_human", None),
    ReturnCode("R24", "the bank thinks it is a duplicate", "tell_human"),
    ReturnCode("R25", "a wrong addenda record", "tell_human"),
    ReturnCode("R26", "a mandatory field is wrong", "tell_human"),
    ReturnCode("R27", "a wrong trace number", "tell_human"),
    ReturnCode("R28", "a wrong check digit of the routing number", "account_unusable"),
    ReturnCode("R29", "a company says the debit is not authorised", "account_blocked"),
    ReturnCode("R30", "the bank does not take part in truncated cheques", "tell_human"),
    ReturnCode("R31", "a return outside the time limits that our bank allowed", "tell_human", None),
    ReturnCode("R32", "the bank cannot settle the entry", "tell_human"),
    ReturnCode("R33", "a cheque turned into a debit, returned at the bank's discretion", "tell_human", 60),
)
RETURN_CODES = {code.code: code for code in _ALL}


def bears_fee(code: str) -> bool:
    """As `ReturnCode.bears_fee`; a code that we do not know bears none."""
    return code in RETURN_CODES and RETURN_CODES[code].bears_fee


def allowed_through(code: str, settled_on: date) -> date | None:
    """The last day on which an entry that settled then may come back with that code; None when no day follows.

    Two banking days; or the banking day after the sixtieth calendar day. A code that we do not know has none.
    """
    days = RETURN_CODES[code].days if code in RETURN_CODES else None
    if days is None:
        return None
    return add_business_days(settled_on + timedelta(days=days), 1) if days else add_business_days(settled_on, 2)


def dishonour_through(sent_back_on: date) -> date:
    """The last day on which our bank may send a late return back itself (R68): five banking days."""
    return add_business_days(sent_back_on, 5)

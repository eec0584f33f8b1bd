"""What a notification of change corrects, and where in its 29 characters the new data stands.

Source: Nacha Operating Rules, appendix five (notifications of change). Six banking days, or before the next entry,
is the time we have to use the corrected data; we use it at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ledger_core.bank.numbers import AccountNumbers
from ledger_core.bank.routing import is_routing_number

_ACCOUNT, _ROUTING, _HOLDER, _CODE = "account", "routing", "holder", "transaction_code"
_PLACES: dict[str, dict[str, slice]] = {
    "C01": {_ACCOUNT: slice(0, 17)},
    "C02": {_ROUTING: slice(0, 9)},
    "C03": {_ROUTING: slice(0, 9), _ACCOUNT: slice(12, 29)},
    "C04": {_HOLDER: slice(0, 22)},
    "C05": {_CODE: slice(0, 2)},
    "C06": {_ACCOUNT: slice(0, 17), _CODE: slice(20, 22)},
    "C07": {_ROUTING: slice(0, 9), _ACCOUNT: slice(9, 26), _CODE: slice(26, 28)},
}
NOT_ABOUT_THE_ACCOUNT = {
    "C08": "the foreign bank's number is wrong",
    "C09": "our identification of the person is wrong",
    "C13": "an addenda record of ours is malformed",
    "C14": "this notification answers an entry that may not be notified",
}
"""These correct nothing that we keep: a human looks at them."""
CORRECTING = frozenset(_PLACES)
_KINDS: dict[str, Literal["checking", "savings"]] = {"2": "checking", "3": "savings"}


def corrected(numbers: AccountNumbers, code: str, data: str) -> AccountNumbers | None:
    """The numbers with the correction of that code (one of CORRECTING); None when its data cannot be right."""
    text = data.ljust(29)
    found = {name: text[place].strip() for name, place in _PLACES[code].items()}
    account = found.get(_ACCOUNT, numbers.account)
    if not account or not all(c.isalnum() or c in " -" for c in account):
        return None
    routing = found.get(_ROUTING, numbers.routing)
    kind = _KINDS.get(found[_CODE][:1]) if _CODE in found else numbers.kind
    holder = found.get(_HOLDER, numbers.holder)
    if not is_routing_number(routing) or not holder or kind is None:
        return None
    return replace(numbers, routing=routing, account=account, holder=holder, kind=kind)

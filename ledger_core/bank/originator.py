"""Who sends the files: our bank, and our company as the bank knows it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ledger_core.bank.routing import is_routing_number

_PREFIX = "CASHLINE_BANK_"


@dataclass(frozen=True, slots=True)
class Originator:
    """What headers of a file say. The defaults are invented: no bank has a routing number that begins with 99."""

    bank_routing: str = "990000000"
    """of the bank that takes our files (the ODFI); nine digits"""
    bank_name: str = "HOUSE BANK"
    company_id: str = "1990000000"
    """given by the bank; ten characters, as a rule 1 and the tax number"""
    company_name: str = "CASH LINE"
    """what customers read on their bank's statement; up to 16 characters"""

    def __post_init__(self) -> None:
        assert is_routing_number(self.bank_routing), self.bank_routing
        assert len(self.company_id) <= 10
        assert len(self.company_name) <= 16
        assert len(self.bank_name) <= 23

    @property
    def odfi(self) -> str:
        """The first eight digits of the bank's routing number; every trace begins with them."""
        return self.bank_routing[:8]

    def to_json(self) -> dict[str, str]:
        return asdict(self)


def originator_of(environment: Mapping[str, str] = os.environ) -> Originator:
    """From CASHLINE_BANK_ROUTING, _NAME, _COMPANY_ID and _COMPANY_NAME; what is not set keeps its default."""
    plain = Originator()
    return Originator(
        bank_routing=environment.get(_PREFIX + "ROUTING", plain.bank_routing),
        bank_name=environment.get(_PREFIX + "NAME", plain.bank_name),
        company_id=environment.get(_PREFIX + "COMPANY_ID", plain.company_id),
        company_name=environment.get(_PREFIX + "COMPANY_NAME", plain.company_name),
    )

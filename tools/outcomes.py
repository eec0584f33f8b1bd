"""What a tool call can come to: a closed union of five. `kind` tells them apart; `to_json` is flat data for a
planner.

No outcome carries a confirmation token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Literal, TypeAlias

from ledger_core.refusals import Reason
from tools.proposals import Proposal

Kind: TypeAlias = Literal["done", "refused", "fixable", "needs_confirmation", "failed"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """The record of one call, as stored in `servicing.tool_calls`."""

    tool_call_id: str
    tool: str
    effect: str
    """read, propose or act"""
    outcome: Kind
    at: datetime
    fields: Mapping[str, Any]
    """the outcome as flat data: amounts `_cents`, dates ISO, rates `_bp`, counts plain integers"""


@dataclass(frozen=True, slots=True)
class Done:
    """It was looked up, or it was done and is in the books."""

    kind: ClassVar[Kind] = "done"
    result: Mapping[str, Any]
    receipt: Receipt | None = None

    def to_json(self) -> dict[str, Any]:
        return dict(self.result)


@dataclass(frozen=True, slots=True)
class Refused:
    """A lawful no. The reasons stand in the order in which they count."""

    kind: ClassVar[Kind] = "refused"
    reasons: tuple[Reason, ...]

    def to_json(self) -> dict[str, Any]:
        return {"reasons": [{"code": reason.code, "facts": _plain(reason.facts)} for reason in self.reasons]}


@dataclass(frozen=True, slots=True)
class Fixable:
    """The caller can put it right.

    `what` says how, `field` names the argument (empty: the call as a whole).
    """

    kind: ClassVar[Kind] = "fixable"
    what: str
    field: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"what": self.what, "field": self.field}


@dataclass(frozen=True, slots=True)
class NeedsConfirmation:
    """The terms are stored as a proposal, which the customer confirms or not.

    `replaces`: the one it stands for.
    """

    kind: ClassVar[Kind] = "needs_confirmation"
    proposal: Proposal
    replaces: str | None = None

    def to_json(self) -> dict[str, Any]:
        return {"proposal": self.proposal.without_token(), "replaces": self.replaces}


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be done, and nothing was. code: stable, see `tools/README.md`."""

    kind: ClassVar[Kind] = "failed"
    code: str

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code}


Outcome: TypeAlias = Done | Refused | Fixable | NeedsConfirmation | Failed


def _plain(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in facts.items()}

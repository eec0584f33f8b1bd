"""The only way in to a tool. The default is no.

authorise → validate → provenance → tx (ownership → preconditions → run → receipt) → trace. Nothing raises for
bad input: every call ends in one of the outcomes of `tools/outcomes.py`. A tool that needs a yes only stores
a proposal; `confirm` derives the terms again in the transaction that acts, and acts on them only when they
are the same.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.dates import Clock
from ledger_core.ids import new_id
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import transaction
from tools import acting, approvals, approving, checks, confirming, proposals, receipts
from tools.attempts import in_transaction
from tools.checks import Admitted
from tools.confirming import Decision
from tools.context import Caller, ToolContext
from tools.contract import Effect, Tool
from tools.outcomes import Done, Failed, Fixable, NeedsConfirmation, Outcome, Receipt, Refused
from tools.proposals import Proposal
from tools.provenance import ProvenanceLedger
from tools.receipts import FirstResult
from tools.step_up import IssuedCode

if TYPE_CHECKING:
    from tools.knowledge.embed import Embedder

__all__ = ["Caller", "Executor"]

Trace: TypeAlias = Callable[[Receipt], None]
Work: TypeAlias = Callable[[AsyncConnection], Awaitable[Outcome]]
_NOTHING_KNOWN: Final = ProvenanceLedger()


def _untraced(receipt: Receipt) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class _Call:
    """One call as it was made, checked or not."""

    caller: Caller
    tool: str
    effect: str
    call_id: str
    key: str
    hashed: bytes
    acts: bool = False
    """it may act by the call alone, although its tool can need a yes"""


class Executor:
    """Runs tools for authenticated callers. trace: told of every receipt as it is stored."""

    def __init__(
        self,
        engine: AsyncEngine,
        clock: Clock,
        tools: Iterable[Tool],
        embedder: Embedder,
        trace: Trace = _untraced,
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._tools = {tool.name: tool for tool in tools}
        self._embedder = embedder
        self._trace = trace

    async def call(
        self,
        caller: Caller,
        name: str,
        arguments: object,
        *,
        call_id: str,
        key: str,
        provenance: ProvenanceLedger,
    ) -> Outcome:
        """What the call comes to. key: a repeat of it with the same arguments gets the first answer.

        A read is never answered from before: it looks again.
        """
        tool = self._tools.get(name) if isinstance(name, str) else None
        admitted = self._admit(tool, caller, arguments, provenance)
        if isinstance(admitted, Admitted):
            hashed = receipts.arguments_hash(admitted.tool.name, admitted.plain)
            acts = admitted.tool.effect is Effect.ACT
            call = _Call(caller, admitted.tool.name, admitted.tool.call_effect, call_id, key, hashed, acts)
            work = partial(self._run, call, admitted, provenance)
        else:
            effect = tool.call_effect if tool else Effect.READ
            call = _Call(caller, tool.name if tool else "unknown", effect, call_id, key, receipts.UNCHECKED)
            work = partial(self._keep, call, admitted)
        return await in_transaction(self._engine, caller.identity, work)

    def _admit(
        self, tool: Tool | None, caller: Caller, arguments: object, provenance: ProvenanceLedger
    ) -> Admitted | Fixable | Refused:
        no = checks.authorise(tool, caller)
        if no is not None or tool is None:
            return no or Fixable("There is no tool of that name.")
        admitted = checks.validate(tool, arguments)
        if isinstance(admitted, Fixable):
            return admitted
        return checks.trace_sources(admitted, provenance, caller) or admitted

    async def confirm(
        self,
        caller: Caller,
        proposal_id: str,
        token: str | None,
        *,
        typed_yes: bool = False,
        code: str | None = None,
    ) -> Outcome:
        """Acts on the proposal, once. A repeat gets the first answer, whatever token comes with it.

        typed_yes: the customer typed nothing but assent to a reply that showed this proposal alone; it counts
        for tools that do not ask for the button. code: the one-time code, for a proposal that needs one. Terms
        that have changed void the proposal, and the new ones are proposed. Failed codes: not_found,
        confirmation_invalid, code_needed, code_invalid, code_expired, code_locked, proposal_expired,
        proposal_void, already_decided.
        """

        async def work(conn: AsyncConnection) -> Outcome:
            ctx = await self._context(conn, caller, proposal_id, _NOTHING_KNOWN)
            decision = await confirming.confirm(
                ctx, self._tools, proposal_id, token, typed_yes=typed_yes, code=code
            )
            return await self._keep_decision(conn, caller, proposal_id, decision)

        return await self._decided(caller, work)

    async def decline(self, caller: Caller, proposal_id: str) -> Outcome:
        """Drops the proposal: Done with `declined`.

        A repeat gets the same answer. Failed codes as of `confirm`.
        """

        async def work(conn: AsyncConnection) -> Outcome:
            ctx = await self._context(conn, caller, proposal_id, _NOTHING_KNOWN)
            decision = await confirming.decline(ctx, proposal_id)
            return await self._keep_decision(conn, caller, f"decline:{proposal_id}", decision)

        return await self._decided(caller, work)

    async def approve(self, caller: Caller, approval_id: str) -> Outcome:
        """Acts on what a colleague asked for, as the second person, once. A repeat gets the first answer.

        Refused with four_eyes (it is their own), not_staff, beyond_grade. Terms that have changed void it, and the
        new ones wait in its place. Failed codes: not_found, approval_expired, approval_void, already_decided.
        """

        async def work(conn: AsyncConnection) -> Outcome:
            ctx = await self._context(conn, caller, approval_id, _NOTHING_KNOWN)
            decision = await approving.approve(ctx, self._tools, approval_id)
            return await self._keep_decision(
                conn, await _about(conn, caller, approval_id), approval_id, decision
            )

        return await self._by_staff(caller, work)

    async def reject(self, caller: Caller, approval_id: str) -> Outcome:
        """Drops what a colleague asked for: Done with `rejected`. Failed codes as of `approve`."""

        async def work(conn: AsyncConnection) -> Outcome:
            ctx = await self._context(conn, caller, approval_id, _NOTHING_KNOWN)
            decision = await approving.reject(ctx, approval_id)
            key = f"reject:{approval_id}"
            return await self._keep_decision(conn, await _about(conn, caller, approval_id), key, decision)

        return await self._by_staff(caller, work)

    async def proposal(self, caller: Caller, proposal_id: str) -> Proposal | None:
        """The proposal as its customer sees it, with a new token while it is open; None when it is not theirs."""
        if caller.identity.role != "customer" or caller.subject is None:
            return None
        async with transaction(self._engine, caller.identity) as conn:
            return await proposals.with_fresh_token(conn, proposal_id, caller.subject, self._clock.now())

    async def new_code(self, caller: Caller, proposal_id: str) -> IssuedCode | Failed:
        """A one-time code for an open proposal that needs one; the caller of this sends it.

        Failed codes: not_found, proposal_expired, proposal_void, already_decided, code_not_needed, code_limited,
        no_contact.
        """
        if caller.identity.role != "customer":
            return Failed("not_found")
        async with transaction(self._engine, caller.identity) as conn:
            ctx = await self._context(conn, caller, proposal_id, _NOTHING_KNOWN)
            return await confirming.new_code(ctx, proposal_id)

    async def tool_of(self, caller: Caller, proposal_id: str) -> str:
        """The tool that acts on the proposal; empty when it is not this caller's."""
        if caller.subject is None:
            return ""
        async with transaction(self._engine, caller.identity) as conn:
            stored = await proposals.find(conn, proposal_id, caller.subject)
        return stored.shown.kind if stored else ""

    async def _run(
        self, call: _Call, admitted: Admitted, provenance: ProvenanceLedger, conn: AsyncConnection
    ) -> Outcome:
        if admitted.tool.effect is not Effect.READ:
            first = await receipts.first_result(conn, call.caller, call.key)
            if first is not None:
                return await _answer_again(conn, call, first)
        ctx = await self._context(conn, call.caller, call.key, provenance)
        return await self._keep(call, await acting.decide(ctx, admitted), conn)

    async def _decided(self, caller: Caller, work: Work) -> Outcome:
        if caller.identity.role != "customer":
            return Failed("not_found")
        return await in_transaction(self._engine, caller.identity, work)

    async def _by_staff(self, caller: Caller, work: Work) -> Outcome:
        if caller.identity.role != "specialist":
            return Failed("not_found")
        return await in_transaction(self._engine, caller.identity, work)

    async def _context(
        self, conn: AsyncConnection, caller: Caller, key: str, provenance: ProvenanceLedger
    ) -> ToolContext:
        at = await servicing_moment(conn, self._clock)
        return ToolContext(conn, at, self._clock.now(), caller, key, self._embedder, provenance)

    async def _keep_decision(
        self, conn: AsyncConnection, caller: Caller, key: str, decision: Decision
    ) -> Outcome:
        """Stores the receipt of a first yes or no; one answered before has its receipt already."""
        if decision.tool is None or decision.again:
            return decision.outcome
        hashed = receipts.arguments_hash(decision.tool, dict(decision.arguments or {}))
        call = _Call(caller, decision.tool, Effect.ACT, new_id("call"), key, hashed)
        return await self._keep(call, decision.outcome, conn)

    async def _keep(self, call: _Call, outcome: Outcome, conn: AsyncConnection) -> Outcome:
        receipt = Receipt(
            tool_call_id=call.call_id,
            tool=call.tool,
            effect=Effect.ACT if call.acts and isinstance(outcome, Done) else call.effect,
            outcome=outcome.kind,
            at=self._clock.now(),
            fields=outcome.to_json(),
        )
        await receipts.add(conn, call.caller, receipt, call.key, call.hashed)
        self._trace(receipt)
        return replace(outcome, receipt=receipt) if isinstance(outcome, Done) else outcome


async def _answer_again(conn: AsyncConnection, call: _Call, first: FirstResult) -> Outcome:
    """The answer that the key got before; Failed when it was another tool or had other arguments."""
    if first.arguments_hash != call.hashed:
        return Failed("key_reused")
    fields = first.receipt.fields
    if first.receipt.outcome == "done":
        return Done(fields, first.receipt)
    assert call.caller.subject is not None
    if approvals.is_id(fields["proposal"]["id"]):
        waiting = await approvals.find(conn, fields["proposal"]["id"])
        assert waiting is not None, "a receipt never outlives its approval"
        return NeedsConfirmation(waiting.shown, fields["replaces"])
    stored = await proposals.find(conn, fields["proposal"]["id"], call.caller.subject)
    assert stored is not None, "a receipt never outlives its proposal"
    return NeedsConfirmation(stored.shown, fields["replaces"])


async def _about(conn: AsyncConnection, caller: Caller, approval_id: str) -> Caller:
    """The caller, for the customer whom the approval is about: so that its receipt is theirs too."""
    stored = await approvals.find(conn, approval_id)
    if stored is None:
        return caller
    return replace(caller, customer_id=stored.customer_id, conversation_id=stored.conversation_id)

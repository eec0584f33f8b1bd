"""What must happen whatever the planner thinks: the acts that a recognised right starts. Pure.

Rights are recognised by deterministic code (agent/understanding) and become obligations here. The calls below are
made before the planner is asked anything, so a model can neither skip nor delay them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agent.agenda import Agenda, Obligation
from agent.flows.base import Call, World


@dataclass(frozen=True)
class Procedure:
    """What a right starts at once. queue: the team that gets a summary; lock: stop money going out first."""

    queue: str | None = None
    lock: bool = False


PROCEDURES: dict[str, Procedure] = {
    "crisis": Procedure(queue="care"),
    "fraud_report": Procedure(queue="fraud", lock=True),
    "identity_theft": Procedure(queue="fraud", lock=True),
    "deceased": Procedure(queue="estates"),
    "bankruptcy": Procedure(queue="bankruptcy"),
    "attorney": Procedure(queue="legal"),
    "servicemember": Procedure(queue="servicemember"),
    "credit_reporting": Procedure(queue="credit_reporting"),
    "complaint": Procedure(queue="complaints"),
    "cease_contact": Procedure(queue="contact_preferences"),
    "human": Procedure(queue="general"),
    "dispute_open": Procedure(),
    "hardship": Procedure(),
}
"""In the order they are served: a life before money, money before paper."""


VOICED_ANEW = frozenset({"human", "crisis"})
"""Owed again each time they are voiced; the others once in a conversation."""


def with_obligations(
    agenda: Agenda, rights: Iterable[tuple[str, str]], turn_id: str, *, sure: bool = True
) -> Agenda:
    """The agenda with an obligation for each (right, evidence) not yet owed in this conversation.

    A wish for a person or a crisis counts anew in each message that voices it. sure: said in so many words; a right
    that only the classifier saw is recorded and handed over all the same, but locks nothing.
    """
    known = {item.right for item in agenda.obligations}
    fresh: list[Obligation] = []
    for right, evidence in sorted(rights, key=lambda pair: list(PROCEDURES).index(pair[0])):
        if right in known and (
            right not in VOICED_ANEW
            or any(o.id == f"{turn_id}.{right}" for o in (*agenda.obligations, *fresh))
        ):
            continue
        known.add(right)
        fresh.append(Obligation(id=f"{turn_id}.{right}", right=right, evidence=evidence, sure=sure))
    return replace(agenda, obligations=(*agenda.obligations, *fresh))


OVER = frozenset({"closed", "charged_off"})
"""Lines that no money can go out of any more."""


def duty_calls(agenda: Agenda, world: World) -> list[Call]:
    """The calls that open obligations still need now; empty when all are discharged or under way."""
    calls: list[Call] = []
    for obligation in agenda.obligations:
        if obligation.discharged_by is not None:
            continue
        for call in _calls_for(obligation, world):
            if world.receipt(call) is None and call not in calls:
                calls.append(call)
    return calls


def _calls_for(obligation: Obligation, world: World) -> list[Call]:
    procedure = PROCEDURES[obligation.right]
    calls = [Call("record_right", {"right": obligation.right})]
    overview = Call("get_overview", {})
    if procedure.lock and obligation.sure:
        known = world.done(overview)
        if known is None:
            return [*calls, overview]
        calls += [
            Call("lock_line", {"line_id": line["line_id"], "reason": "fraud"})
            for line in known["lines"]
            if line["status"] not in OVER
        ]
    if procedure.queue is not None:
        calls.append(Call("hand_off", {"queue": procedure.queue, "reason": obligation.right}))
    return calls


def discharge(agenda: Agenda, world: World) -> Agenda:
    """Obligations whose calls have all been answered are discharged by the receipt of the last of them."""
    settled: list[Obligation] = []
    for obligation in agenda.obligations:
        answers = [world.receipt(call) for call in _calls_for(obligation, world)]
        if obligation.discharged_by is None and all(a is not None and a.outcome == "done" for a in answers):
            recorded = answers[0]
            assert recorded is not None
            last = answers[-1]
            assert last is not None
            obligation = replace(
                obligation,
                discharged_by=last.call_id,
                duty_id=recorded.data.get("duty_id"),
                due_on=recorded.data.get("due_on"),
            )
        settled.append(obligation)
    return replace(agenda, obligations=tuple(settled))

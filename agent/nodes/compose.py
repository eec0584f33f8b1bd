"""The reply: words by template or the model's draft, every figure and claim resolved, output rails, then the wire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog
from jinja2 import UndefinedError
from langgraph.runtime import Runtime

from agent import compose as writing
from agent import figures, flows
from agent.agenda import Agenda, Pending, Task
from agent.events import step
from agent.flows import rights
from agent.flows.base import Receipt, Say, World
from agent.rails.disclosures import Shown
from agent.state import Memory, TurnContext, TurnState
from agent.wire import reply_wire
from tools.registry import by_name

LOG = structlog.get_logger(__name__)
STRICT_OUTCOMES = frozenset({"needs_confirmation", "refused"})
OWN_WORDS = frozenset(
    """balance available_credit limit_info rate_info due_date_info minimum_payment_info payoff_quote statement_explain
    interest_explain fee_explain statement_get transactions_list transaction_explain payment_status draw_status
    dispute_status plan_status policy_question payment_methods apply_new handoff_status
    payment_whatif smalltalk out_of_scope unclear""".split()
)
"""wishes to know something: a model may answer them in its own words. What acts, asks or refuses has a template"""


@dataclass(frozen=True)
class Spoken:
    """What this turn will say, and the tasks as they stand after it."""

    reply: writing.Reply
    says: tuple[tuple[Task, Say], ...]
    by_model: bool = False


async def compose(state: TurnState, runtime: Runtime[TurnContext]) -> dict[str, Any]:
    """Leaves `memory.last`: the finished reply. Asks for one more plan round when a model's draft may not leave."""
    context = runtime.context
    memory, turn = Memory.of(state), dict(state["turn"])
    await context.emit(step("checking", started=True))
    world = memory.world(turn["turn_id"], context.today)
    says = _says(memory, turn, world)
    if turn["planner"] == "model":
        spoken = await _with_draft(memory, turn, says, context)
        if spoken is None:
            turn.update(
                planner="builtin", draft=None, redo=True, rounds=0, fallback=turn.get("fallback") or "draft"
            )
            return {"turn": turn}
    else:
        if says is None:
            LOG.error("task_cannot_speak", rounds=turn.get("rounds"), turn_id=turn["turn_id"])
            tasks = flows.speaking(memory.agenda, turn["turn_id"])
            says = _held_back([(task, Say("held_back")) for task in tasks])
        spoken = await _by_template(memory, turn, says, context)
    await context.emit(step("checking", started=False))
    memory = _remember(memory, turn, spoken)
    return {"memory": memory.to_json(), "turn": {**turn, "redo": False}}


def _says(memory: Memory, turn: dict[str, Any], world: World) -> tuple[tuple[Task, Say], ...] | None:
    """What each task can say now; None while one of them still wants a tool."""
    if turn.get("blocked"):
        return ((Task(id="blocked", intent="blocked"), Say("blocked", {})),)
    said: list[tuple[Task, Say]] = []
    for task in flows.speaking(memory.agenda, turn["turn_id"]):
        found = flows.next_step(task, world)
        if not isinstance(found, Say):
            return None
        said.append((task, found))
    return rights.in_few_words(said, memory.agenda, turn["turn_id"], memory.language)


async def _with_draft(
    memory: Memory, turn: dict[str, Any], says: tuple[tuple[Task, Say], ...] | None, context: TurnContext
) -> Spoken | None:
    """The model's own words where they may stand: nothing strict in the turn, and all checks passed.

    None: they may not, and the built-in planner finishes the turn.
    """
    strict = _strict(memory.receipts_of(turn["turn_id"]), memory.agenda, turn["turn_id"])
    tasks = flows.speaking(memory.agenda, turn["turn_id"])
    if strict or any(task.intent not in OWN_WORDS for task in tasks):
        return None if says is None else await _by_template(memory, turn, says, context)
    draft = turn.get("draft") or ""
    verdict = await context.platform.rails.check_output(
        draft,
        memory.receipts,
        memory.language,
        drafted=True,
        today=context.today,
        said=_said(memory, turn),
    )
    if verdict.rail is not None:
        context.platform.tracer.event("draft_held_back", {"rail": verdict.rail, "why": verdict.why})
        turn["fallback"] = verdict.rail
        return None
    # the words are the model's, so nothing that a template would have asked or offered was said
    done = tuple((task, Say("draft", {}, state="done")) for task in tasks)
    return Spoken(writing.Reply.of_text(draft), done, by_model=True)


def _said(memory: Memory, turn: dict[str, Any]) -> str:
    earlier = (one["text"] for one in memory.history if one["role"] == "customer")
    return " ".join((*earlier, turn.get("text") or ""))


def _strict(receipts: Sequence[Receipt], agenda: Agenda, turn_id: str) -> bool:
    """Money acts, refusals and rights speak by template only."""
    acts = any(r.outcome in STRICT_OUTCOMES or _acts(r) for r in receipts)
    return acts or any(item.id.startswith(turn_id) for item in agenda.obligations)


def _acts(receipt: Receipt) -> bool:
    return _is_act(receipt) and receipt.outcome == "done"


def _is_act(receipt: Receipt) -> bool:
    tool = by_name(receipt.tool)
    return tool is not None and tool.effect.value == "act"


async def _by_template(
    memory: Memory, turn: dict[str, Any], says: Sequence[tuple[Task, Say]], context: TurnContext
) -> Spoken:
    try:
        reply = writing.reply(says, memory.language, context.today.year)
    except UndefinedError as lacking:
        # a template that lacks a field is ours to mend; the customer gets an honest sentence meanwhile
        LOG.error("template_lacks_field", templates=[say.template for _, say in says], why=str(lacking))
        says = _held_back(says)
        reply = writing.reply(says, memory.language, context.today.year)
    verdict = await context.platform.rails.check_output(
        reply.text,
        _supports(memory, turn, reply),
        memory.language,
        drafted=False,
        shown=Shown(
            {say.template for _, say in says}, {say.proposal_id for _, say in says if say.proposal_id}
        ),
    )
    if verdict.rail is not None:
        context.platform.tracer.event("reply_held_back", {"rail": verdict.rail, "why": verdict.why})
        templates = [say.template for _, say in says]
        LOG.warning("reply_held_back", rail=verdict.rail, why=verdict.why, templates=templates)
        says = _held_back(says)
        reply = writing.reply(says, memory.language, context.today.year)
    return Spoken(reply, tuple(says))


def _held_back(says: Sequence[tuple[Task, Say]]) -> tuple[tuple[Task, Say], ...]:
    """The tasks with words that say nothing of the account; a proposal that was not shown is not pending."""
    return tuple((task, Say("held_back", state="done")) for task, _ in says)


def _supports(memory: Memory, turn: dict[str, Any], reply: writing.Reply) -> tuple[Receipt, ...]:
    """What a template's figures may come from: receipts, the customer's own words, and facts the template declares.

    A flow looks up in this turn what it says, or tells of an earlier act. An older look-up would only support a slip.
    """
    words = Receipt("words", "customer", {}, "done", turn.get("words") or {}, turn["turn_id"])
    terms = Receipt("terms", "terms", {}, "done", dict(reply.facts), turn["turn_id"])
    told = [receipt for receipt in memory.receipts if receipt.turn_id == turn["turn_id"] or _is_act(receipt)]
    return (words, terms, *told)


def _remember(memory: Memory, turn: dict[str, Any], spoken: Spoken) -> Memory:
    agenda = memory.agenda
    for task, say in spoken.says:
        if task.id == "blocked":
            continue
        agenda = agenda.put(
            replace(
                task.with_slots(**say.slots),
                state=say.state,
                question=say.question,
                asked=task.asked + (say.question is not None),
                proposal_id=say.proposal_id or task.proposal_id,
                spoke=turn["turn_id"],
            )
        )
    pending = _pending(spoken, memory.receipts)
    found, _ = figures.resolve(
        spoken.reply.text, _supports(memory, turn, spoken.reply), drafted=spoken.by_model
    )
    wire = reply_wire(memory, turn, spoken, agenda, found)
    history = memory.history
    if turn.get("text"):
        history = (*history, {"role": "customer", "text": turn["text"]})
    history = (*history, {"role": "assistant", "text": spoken.reply.text})
    return replace(
        memory,
        agenda=agenda,
        pending=pending,
        history=history,
        last={"turn_id": turn["turn_id"], "wire": wire},
    )


def _pending(spoken: Spoken, receipts: Sequence[Receipt]) -> Pending | None:
    """The proposal a plain yes would mean: the only one shown, by template, with nothing else asked."""
    shown = [
        say.proposal_id for _, say in spoken.says if say.proposal_id is not None and say.state == "proposed"
    ]
    if not shown:
        return None
    asked = any(say.question is not None for _, say in spoken.says)
    tool = next(
        (r.tool for r in reversed(receipts) if r.data.get("proposal", {}).get("id") == shown[-1]), None
    )
    declared = by_name(tool) if tool else None
    proposed = next(
        (r.data["proposal"] for r in receipts if r.data.get("proposal", {}).get("id") == shown[-1]), {}
    )
    typed_yes = (
        len(shown) == 1
        and not asked
        and not spoken.by_model
        and declared is not None
        and declared.takes_typed_yes
        and not proposed.get("needs_code")
    )
    return Pending(shown[-1], typed_yes)

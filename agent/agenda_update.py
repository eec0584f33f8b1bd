"""What a new message does to the agenda. Pure.

In this order: a yes or no to the shown proposal; an answer to what was asked; a change of mind; new wishes. What the
message does not touch stays as it was, so a question in between loses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Any, Literal

from agent import follow_ups, left_open
from agent.agenda import OFFER, OFFERED, THEN, Agenda, Pending, Question, Task
from agent.left_open import named
from agent.understanding import Intent, Understanding

ORDER = (
    "crisis",
    "fraud_report",
    "identity_theft",
    "deceased",
    "bankruptcy",
    "attorney",
    "cease_contact",
    "servicemember",
    "human",
    "dispute_open",
    "credit_reporting",
    "complaint",
    "hardship",
    "autopay_manage",
    "payment_cancel",
    "payment_change",
    "payment_manage",
    "payment_make",
)
"""Rights and safety first; then what stops money; then what pays, before what it may unblock. The rest as said."""
RIGHTS = frozenset(ORDER[: ORDER.index("hardship") + 1])

GRAVE = RIGHTS - {"dispute_open", "credit_reporting", "hardship"}
GRAVE_SURE = 600
"""Permille from which an intent alone, unheard by the layer and rules for rights, counts as a grave right."""

CANCEL_WISHES = frozenset(
    {"payment_cancel", "draw_cancel", "plan_cancel", "dispute_withdraw", "autopay_manage"}
)
_OBJECT = re.compile(r"\b(?:payment|draw|plan|autopay|dispute|pago|retiro|disputa)\b", re.I)
SMALL = frozenset({"smalltalk", "out_of_scope"})
REFINES = {"fee_waiver": "fee_explain", "payment_change": "payment_cancel", "plan_change": "plan_cancel"}
"""A wish that takes the place of another about the same thing, while that one waits for its yes."""
CONFIDENT = 400
CLARIFICATIONS_MAX = 2
LONG = 500
"""Characters from which a message is a story: it opens at most WISHES_MAX tasks, the weightiest."""
WISHES_MAX = 2
_RATHER = re.compile(r"\b(?:no,? wait|make (?:it|that)|i mean|rather|mejor)\b", re.I)
"""The customer corrects themselves within the message: the last amount counts."""
_ASKS = re.compile(
    r"\?|\bwait\b|\bhow (?:much|long|many)\b|\bwhat(?:'s|s| is| would| happens)\b|\bcuánto|\bqué pasa", re.I
)
_DRAW_TOLD = re.compile(r"\b(?:asked for|requested|wanted)\b.{0,40}\b(?:got|received|gave|sent)\b", re.I)
_ENTRY = re.compile(
    r"\b(?:draws?|charges?|payments?|transfers?|withdrawals?|retiros?|cargos?|pagos?)\b", re.I
)
_YES_BUT = re.compile(
    r"^\W*(?:yes|yeah|yep|sure|ok(?:ay)?|fine|great|please|sí|si|claro|bueno|vale|dale)\b", re.I
)
_CHEAPEST = re.compile(
    r"\b(?:cheapest|least (?:interest|expensive)|lowest cost|más barat\w+|menos interés)\b", re.I
)
PROGRAMMES = frozenset({"extension", "skip", "relief", "plan_12", "plan_24"})
SHORT = 80
"""Characters up to which a message may take up an offer in its own words."""
_NEW_TOPIC = re.compile(r"\balso\b|\band (?:can|could|what)\b|\btambién\b", re.I)


@dataclass(frozen=True)
class Decision:
    """The customer's answer to the one proposal shown."""

    decision: Literal["confirm", "decline"]
    proposal_id: str


def update(
    agenda: Agenda, said: Understanding, *, turn_id: str, pending: Pending | None
) -> tuple[Agenda, Decision | None]:
    """The agenda after the message, and the decision it holds on the pending proposal, if any."""
    agenda = _without_pointers(agenda)
    shown = pending and next((t for t in agenda.tasks if t.proposal_id == pending.proposal_id), None)
    assent = "yes" if shown and left_open.names_the_act(shown, said.text) else said.assent
    left = left_open.proposal(agenda)
    if pending is not None and (assent is not None or said.cancels):
        if assent == "yes" and not pending.typed_yes:
            return agenda.put(
                Task(id=f"{turn_id}.0", intent="use_the_button", proposal_id=pending.proposal_id)
            ), None
        return agenda, Decision("confirm" if assent == "yes" else "decline", pending.proposal_id)
    if left is not None and left_open.keeps(said.text):
        return agenda, Decision("decline", left.proposal_id or "")
    idle = all(intent.name in SMALL for intent in said.intents)
    if said.cancels and (agenda.live or idle) and not said.rights and not _names_what(said):
        return _cancelled(agenda, turn_id), None
    if pending is None and said.assent is not None and left_open.question(agenda) is None and left:
        if said.assent == "no":
            return agenda, Decision("decline", left.proposal_id or "")
        return agenda.put(replace(left, state="open")), None
    if left_open.goes_on(said.text) and (waiting := left_open.newest(agenda)):
        return _without_offers(agenda).put(replace(waiting, state="open", question=None)), None
    if (other := _other_choice(agenda, said) or left_open.back_to(agenda, said)) is not None:
        return _without_offers(agenda).put(other), None
    agenda, answered = _answer(agenda, said, turn_id)
    agenda = _without_offers(agenda)
    wishes = _wishes(said, answered=answered is not None)
    for n, (name, slots) in enumerate(wishes):
        name = _unclear(agenda) if name == "unclear" else name
        slots = {**follow_ups.carried(agenda, name, said), **slots}
        agenda = _wish(agenda, name, slots, said, f"{turn_id}.{n}", answered)
    if not wishes and answered is None:
        agenda = agenda.put(Task(id=f"{turn_id}.0", intent=_unclear(agenda), said=said.text[:400]))
    if [name for name, _ in wishes] in (["unclear"], []) and answered is None:
        agenda = _beside_what_waits(agenda, turn_id)
    return replace(agenda, tasks=_in_order(agenda.tasks)), None


def _without_pointers(agenda: Agenda) -> Agenda:
    """ "Press the button" was said for the last message only."""
    for task in [task for task in agenda.tasks if task.intent == "use_the_button"]:
        agenda = agenda.put(replace(task, state="done"))
    return agenda


def _unclear(agenda: Agenda) -> str:
    """Asked back twice in a row, the third time a person takes over."""
    newest = sorted(agenda.tasks, key=lambda task: task.id, reverse=True)
    asked = sum(1 for _ in takewhile(lambda task: task.intent == "unclear", newest))
    return "unclear_handoff" if asked >= CLARIFICATIONS_MAX else "unclear"


def _names_what(said: Understanding) -> bool:
    """ "Never mind, cancel that payment" asks for something; a bare "never mind" drops what is open."""
    return any(i.name in CANCEL_WISHES and i.confidence >= CONFIDENT for i in said.intents) and bool(
        _OBJECT.search(said.text)
    )


def _beside_what_waits(agenda: Agenda, turn_id: str) -> Agenda:
    """Words that were not understood while something waits: what waits is put once more beside the question back."""
    unclear = next(task for task in agenda.tasks if task.id == f"{turn_id}.0")
    waiting = left_open.newest(agenda)
    if unclear.intent != "unclear" or waiting is None:
        return agenda
    agenda = agenda.put(unclear.with_slots(waiting=True))
    return agenda.put(replace(waiting, state="open", question=None))


def _other_choice(agenda: Agenda, said: Understanding) -> Task | None:
    """The proposing task with another of its options: "no, the 12 payments instead", "what about the first one"."""
    task = left_open.newest(agenda)
    if task is None or not task.slots.get(OFFERED) or said.assent is not None or len(said.text) > LONG:
        return None
    if task.question is not None and task.question.kind == "choice":
        return None
    if len(said.text) > left_open.SHORT and any(
        i.confidence >= 900 and i.name not in ("hardship", "plan_change", "plan_manage") for i in said.intents
    ):
        return None
    value = _choice(task.slots[OFFERED], said)
    if value is None:
        return None
    kept = {
        name: slot for name, slot in task.slots.items() if name not in ("plan_kind", "take_it", "looking_at")
    }
    chosen = "looking_at" if _ASKS.search(said.text) else "plan_kind"
    return replace(task, state="open", slots={**kept, chosen: value}, question=None)


def _cancelled(agenda: Agenda, turn_id: str) -> Agenda:
    tasks = tuple(
        replace(task, state="cancelled", question=None) if task.live else task for task in agenda.tasks
    )
    return replace(agenda, tasks=(*tasks, Task(id=f"{turn_id}.0", intent="never_mind")))


def _without_offers(agenda: Agenda) -> Agenda:
    """An offer that was not taken up lapses with the next message."""
    for task in [task for task in agenda.tasks if _offers(task)]:
        state = "done" if task.live else task.state
        agenda = agenda.put(replace(task, state=state, question=None))
    return agenda


def _offers(task: Task) -> bool:
    return task.question is not None and task.question.slot == OFFER


def _answer(agenda: Agenda, said: Understanding, turn_id: str) -> tuple[Agenda, Task | None]:
    """Fills the slot that the newest question asked for, when the message holds a value for it."""
    asked = left_open.question(agenda)
    if asked is None:
        return agenda, None
    assert asked.question is not None
    if asked.question.slot == OFFER:
        taken = _takes_up(asked, said)
        return (agenda, None) if taken is None else _take_up(agenda, asked, turn_id, said, yes=taken)
    value = answer_to(asked.question, said, sums=asked.intent in ("payment_make", "payment_whatif"))
    if value is None:
        return agenda, None
    slots = {asked.question.slot: value}
    if asked.question.kind == "choice" and _ASKS.search(said.text):
        slots = {"looking_at": value}
    if asked.question.kind != "amount" and said.amounts:
        slots["amount_cents"] = said.amounts[0].cents
    answered = replace(asked.with_slots(**slots), state="open", question=None)
    return agenda.put(answered), answered


def _takes_up(asked: Task, said: Understanding) -> bool | None:
    """Whether the offer is taken: by a yes, by a yes with another day or amount, or by "set it up"."""
    if said.assent is not None:
        return said.assent == "yes"
    if len(said.text) > SHORT or said.rights or said.cancels or _NEW_TOPIC.search(said.text):
        return None
    offered = asked.slots[OFFER]["intent"]
    if _YES_BUT.search(said.text) and (said.amounts or said.dates or said.days_of_month):
        return True
    return (
        True
        if offered in ("payment_make", "autopay_manage") and follow_ups.PAY_IT.search(said.text)
        else None
    )


def _take_up(
    agenda: Agenda, asked: Task, turn_id: str, said: Understanding, *, yes: bool
) -> tuple[Agenda, Task]:
    """The offered wish as a task of its own, and what was to follow it; after a no, a word that all is as it was."""
    agenda = agenda.put(replace(asked, state="done", question=None))
    if not yes:
        taken = Task(id=f"{turn_id}.0", intent="never_mind")
        return agenda.put(taken), taken
    offered = asked.slots[OFFER]
    changed = {} if said.assent is not None else _slots_near(None, said)
    slots = {**offered["slots"], **changed}
    if "amount_kind" in changed and "amount_cents" not in changed:
        slots.pop("amount_cents", None)
    taken = Task(id=f"{turn_id}.0", intent=offered["intent"], slots=slots)
    agenda = agenda.put(taken)
    if then := offered.get(THEN):
        agenda = agenda.put(Task(id=f"{turn_id}.1", intent=then["intent"], slots=then["slots"]))
    return agenda, taken


def answer_to(question: Question, said: Understanding, *, sums: bool = True) -> Any:
    """The value the message gives for the question, or None. sums: whether "the minimum" names an amount here."""
    match question.kind:
        case "yes_no":
            return {"yes": True, "no": False, None: None}[said.assent]
        case "amount":
            return (
                said.amounts[0].cents
                if said.amounts
                else named(("minimum", "statement_balance", "full"), said.text)
                if sums
                else None
            )
        case "date":
            return said.dates[0].on.isoformat() if said.dates else None
        case "day":
            return (
                said.days_of_month[0]
                if said.days_of_month
                else (said.dates[0].on.day if said.dates else None)
            )
        case "choice":
            return _choice(question.choices, said)
        case kind:
            assert kind == "text"
            return said.text if said.assent is None else None


def _choice(choices: Sequence[str], said: Understanding) -> str | None:
    for ordinal in said.ordinals:
        place = ordinal - 1 if ordinal > 0 else len(choices) + ordinal
        if 0 <= place < len(choices):
            return choices[place]
    if len(choices) == 1 and said.assent == "yes":
        return choices[0]
    if choices and set(choices) & PROGRAMMES and _CHEAPEST.search(said.text):
        return choices[0]  # they are listed cheapest first
    return named(choices, said.text)


def _wishes(said: Understanding, *, answered: bool) -> list[tuple[str, dict[str, Any]]]:
    """Intents the message voices, with the values said near each. Rights count whatever the classifier thinks."""
    heard = {right.name for right in said.rights}
    intents = [
        intent
        for intent in said.intents
        if intent.name not in said.negated
        and (intent.name not in GRAVE or intent.name in heard or intent.confidence >= GRAVE_SURE)
    ]
    if answered:
        # an answer carries its own words ("the second one"); only a clear further wish opens more
        intents = [
            i for i in intents if i.confidence >= 700 and i.name not in SMALL and _NEW_TOPIC.search(said.text)
        ]
    real = [intent for intent in intents if intent.name not in SMALL]
    kept = [intent for intent in real if intent.confidence >= CONFIDENT] or real[:1] or intents[:1]
    wishes: dict[str, dict[str, Any]] = {}
    for right in said.rights:
        wishes.setdefault(right.name, _slots_near(None, said))
    for intent in kept:
        if said.assent is not None and intent.name in SMALL and answered:
            continue
        wishes.setdefault(intent.name, _slots_near(intent if len(kept) > 1 else None, said))
    if said.rights and len(said.text) > LONG:
        wishes = {name: slots for name, slots in wishes.items() if name in RIGHTS}
    elif said.rights:
        wishes = {
            name: slots for name, slots in wishes.items() if name in ORDER or _is_clear(name, kept, said)
        }
    if wishes.keys() & {"fraud_report", "identity_theft"} and not _names_an_entry(said):
        wishes.pop("dispute_open", None)  # which entry it is, the words for fraud ask
    if "dispute_open" in wishes:
        for name in ("dispute_manage", "dispute_status"):
            wishes.pop(name, None)  # how disputes stand is no second wish beside a new one
    if "dispute_open" in wishes and _DRAW_TOLD.search(said.text):
        # "I asked for 100 and only got 80" tells of a draw; it asks for none
        wishes.pop("draw_request", None)
    in_order = sorted(
        wishes.items(), key=lambda wish: ORDER.index(wish[0]) if wish[0] in ORDER else len(ORDER)
    )
    return in_order[:WISHES_MAX] if len(said.text) > LONG else list(wishes.items())


def _names_an_entry(said: Understanding) -> bool:
    return bool(said.amounts or said.dates or said.days_of_month or _ENTRY.search(said.text))


def _is_clear(name: str, intents: Sequence[Intent], said: Understanding) -> bool:
    """Beside a right only a plain wish counts: a long story touches many things that nobody asked for."""
    sure = max((intent.confidence for intent in intents if intent.name == name), default=0)
    return name not in SMALL and len(said.text) <= LONG and sure >= CONFIDENT


def _slots_near(intent: Intent | None, said: Understanding) -> dict[str, Any]:
    def near(span: tuple[int, int]) -> bool:
        return intent is None or (intent.span[0] <= span[0] and span[1] <= intent.span[1])

    slots: dict[str, Any] = {}
    amounts = [amount.cents for amount in said.amounts if near(amount.span)]
    dates = [mention.on.isoformat() for mention in said.dates if near(mention.span)]
    if amounts:
        slots["amount_cents"] = amounts[-1] if _RATHER.search(said.text) else amounts[0]
    if dates:
        slots["on"] = dates[0]
    if len(amounts) > 1:
        slots["amounts_cents"] = amounts
    if said.days_of_month and (intent is None or intent.name == "due_date_change"):
        slots["day_of_month"] = said.days_of_month[0]
    kind = named(("minimum", "statement_balance", "full"), said.text)
    if kind is not None:
        slots["amount_kind"] = kind
    return slots


def _wish(
    agenda: Agenda, name: str, slots: dict[str, Any], said: Understanding, task_id: str, answered: Task | None
) -> Agenda:
    live = next((task for task in agenda.live if task.intent == name), None)
    if live is None and name in REFINES:
        live = next((t for t in agenda.live if t.intent == REFINES[name] and t.state == "proposed"), None)
    if live is None and said.correction and slots:
        live = left_open.proposal(agenda)
        name = live.intent if live is not None else name
    if live is None:
        return agenda.put(Task(id=task_id, intent=name, slots=slots, said=said.text[:400]))
    if answered is not None and live.id == answered.id:
        return agenda
    said_now = said.text[:400]
    return agenda.put(
        replace(live.with_slots(**slots), intent=name, state="open", question=None, said=said_now)
    )


def _in_order(tasks: Sequence[Task]) -> tuple[Task, ...]:
    ranked = {name: place for place, name in enumerate(ORDER)}
    ranked["unclear"] = -1  # that something was not understood is said before what it stands beside
    return tuple(sorted(tasks, key=lambda task: ranked.get(task.intent, len(ORDER)) if task.live else -2))

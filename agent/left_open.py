"""Coming back to what waits for an answer: shown again, changed in one value, agreed to in its own words, let go. Pure.

A proposal or question stays open while the talk goes elsewhere. Words that hold nothing but a day, an amount or a
place in a list belong to it, whatever a reading of the message alone would make of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.agenda import OFFER, OFFERED, Agenda, Task
from agent.follow_ups import PASSING, TOPICS
from agent.understanding import Understanding

SHORT = 60
"""Characters up to which a message may be nothing but a change of one value."""
CHOICE_WORDS: Mapping[str, str] = {
    "extension": r"extension|extend|move (?:the|this|my) (?:due )?date|prórroga|mover la fecha",
    "skip": r"\bskip|defer|saltar|omitir",
    "relief": r"relief|half|three months|3 months|short[- ]term|alivio|mitad|tres meses",
    "plan_12": r"\b12\b|twelve|doce|one year|a year",
    "plan_24": r"\b24\b|twenty[- ]four|veinticuatro|two years",
    "minimum": r"minimum|mínimo|past due|what'?s (?:due|late)|lo (?:vencido|atrasado)",
    "statement_balance": r"statement balance|full statement|saldo del estado|estado completo",
    "full": r"\bfull\b(?! statement)|everything|all of it|payoff|pay off|\bpay(?:ing)? (?:it |this "
    r"|that )?all\b|\bpay (?:it|this|that) off\b"
    r"|\b(?:whole|entire|todo)\b|what(?:ever)? i owe|lo que debo",
}
_GO_ON = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|yes|all ?right|fine|thanks|sí|si|vale|bueno|gracias|so|and|y)[\s,.]+)*"
    r"(?:go on|go ahead|continue|carry on|go back|back to (?:it|that|the \w+)|where were we|sig[ae](?:mos)?"
    r"|continú[ae]|continuemos|adelante|volvamos(?: a eso)?|regresemos(?: a eso)?"
    r"|(?:en )?dónde (?:estábamos|íbamos|quedamos)"
    r"|again|once more|(?:show|tell) (?:it )?(?:to )?me again|say (?:it|that) again|repeat (?:it|that)?"
    r"|come again|otra vez"
    r"|repítalo|repita|repítame(?:lo)?|de nuevo)"
    r"(?:[\s,]+(?:please|then|por favor))?\W*$",
    re.I,
)
"""Back to what was left open: it is shown again, and nothing is confirmed by it."""
_ABOUT_IT = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|wait|hmm+|and|so|but|but wait|y|pero|espere?|a ver)[\s,.]+)*"
    r"(?:what (?:happens|would happen|changes)(?: (?:now|next|then|after(?: that)?|if .*))?|what(?:'s"
    r"| is) next|and then|now what"
    r"|what(?:'?s| does| would| do) (?:that|this|it|you) (?:mean|do|change)|(?:can|will|do"
    r"|would) i get (?:it|that|one|(?:my|the) money) back|what do you mean|i don'?t (?:get"
    r"|understand)(?: it| that| this)?"
    r"|how (?:long|soon)(?: (?:will|does|would|is|until)\b.{0,24})?|when (?:does|will|would|do) (?:it"
    r"|that|this|i|they|you|the money)\b(?:(?!due).){0,24}|explain (?:it|that|this)(?: to me)?"
    r"|what (?:terms|are the terms)|is (?:that|it|this) (?:safe|final|permanent|free)|(?:does"
    r"|will) (?:it|that|this) cost\b.{0,20}"
    r"|qué (?:pasa|pasará|sigue|sucede|cambia)(?: (?:ahora|después|entonces|luego|si .*))?"
    r"|qué (?:significa|quiere decir)(?: eso)?"
    r"|no (?:lo )?entiendo(?: bien)?|cuánto tarda\b.{0,30}|cuándo (?:llega|sería)(?: eso| el dinero)?"
    r"|explíque(?:me)?lo|y (?:luego|después))"
    r"\W*$",
    re.I,
)
"""A question about the thing shown, without a word of anything else."""
_KEEP = re.compile(
    r"^\W*(?:(?:ok(?:ay)?|no|nah|fine|actually|hmm+|wait|please|then|so|just|let'?s|i'?ll|i(?:'d"
    r"| would) rather|better|well|mejor"
    r"|bueno|entonces|sí|pues|por favor)[\s,.]+)*"
    r"(?:keep (?:it|that|them|the \w+|my \w+)|leave (?:it|that|things|the \w+|my \w+)"
    r"|(?:lo |la )?(?:dej[oa]|quedo|mant(?:engo|enga)|conserv[oa])(?:mos)?(?: (?:como|así).*)?"
    r"|déj[ae](?:lo|la)(?: (?:como|así).*)?"
    r"|me (?:lo|la) quedo|manténga(?:lo|la)|consérve(?:lo|la))(?: (?:please|then|for now|por favor|on"
    r"|open|alone|there|as (?:it )?is|abierta))*\W*$",
    re.I,
)
"""Things stay as they are."""
_ACTS: Mapping[str, str] = {
    "fee": (
        r"(?:take|remove|waive|refund) (?:it|that|the fee|that fee)(?: off)?|quíte(?:me)?lo|quítalo"
        r"|devuélvamelo"
    ),
    "payment_cancel": r"(?:cancel|stop) (?:it|that|the payment)|cancél[ae]lo|anúl[ae]lo",
    "draw_cancel": r"(?:cancel|stop) (?:it|that|the draw)|cancél[ae]lo|anúl[ae]lo",
    "plan_cancel": r"(?:cancel|end|stop) (?:it|that|the plan|my plan)|cancél[ae]lo|termín[ae]lo",
    "dispute_withdraw": r"(?:withdraw|drop|cancel) (?:it|that|the dispute)|retíre(?:la)|cancél[ae]la",
    "dispute": r"(?:open|file|dispute) (?:it|that|the dispute|a dispute)|ábr[ae]la",
    "payment_make": (
        r"(?:pay|schedule|send|make) (?:it|that|the payment)|set (?:it|that) up|págu?[ae]lo"
        r"|prográm[ae]lo|hág?a(?:lo)"
    ),
    "payment_change": r"(?:move|change) (?:it|that)|muév[ae]lo|cámbi[ae]lo",
    "plan": r"(?:start|set) (?:it|that)(?: up)?|sign me up|enroll me|inscríba(?:me|nme)",
    "due_day": r"(?:move|change) (?:it|that)|muév[ae]la|cámbi[ae]la",
}
_FIRST = (
    r"^\W*(?:(?:yes|yeah|ok(?:ay)?|fine|sure|please|then|great|good|alright|all right|just|go ahead and"
    r"|sí|si|bueno|vale|por favor|entonces|claro)[\s,.!]+)*"
)
_LAST = r"(?:[\s,]+(?:please|then|now|thanks|thank you|for me|por favor|gracias|ahora))*\W*$"
_BLANKS = re.compile(
    r"\b(?:no|nope|yes|yeah|ok|okay|but|and|actually|wait|hm+|um+|oh|make|set|do|it|that|this|to|for|on"
    r"|by|at|the|an?|instead|please"
    r"|pls|then|rather|i|i'd|i'll|i'm|mean|meant|said|say|want|like|its?|it's|lets?|let's|how|what"
    r"|about|can|could|you|we|us|of|in|next"
    r"|sorry|oops|just|only|dollars?|bucks|usd|move|change|try|more|maybe|better|day|days?|month|my"
    r"|payments?|amount|date|up|down"
    r"|instead|mejor|sí|si|pero|que|sean?|el|la|los|las|para|al|del?|por|favor|quise|quería|decir|digo"
    r"|perdón|entonces|en|vez|lugar|hazlo"
    r"|hágalo|póngalo|cámbielo|muévalo|bueno|y|qué|tal|dólares|un|una|uno|día|son|eran?|es|me|equivoqué"
    r"|quiero|monto|fecha|pago"
    r"|minimum|balance|full|statement|whole|everything|mínimo|saldo|estado|cuenta|todo|completo)\b",
    re.I,
)
"""Words beside a value that say nothing of their own."""


def named(choices: Any, text: str) -> str | None:
    """The one of the choices that the words name; None for none or several."""
    found = [slug for slug in choices if slug in CHOICE_WORDS and re.search(CHOICE_WORDS[slug], text, re.I)]
    return found[0] if len(found) == 1 else None


def proposal(agenda: Agenda) -> Task | None:
    """The newest proposal still without an answer, and about nothing that was decided since."""
    waiting = [task for task in agenda.tasks if task.state == "proposed" and not _overtaken(task, agenda)]
    return max(waiting, key=lambda task: (task.spoke, task.id), default=None)


def _overtaken(task: Task, agenda: Agenda) -> bool:
    about = TOPICS.get(task.intent)
    return about is not None and any(
        TOPICS.get(other.intent) == about and "decision" in other.slots and other.spoke > task.spoke
        for other in agenda.tasks
    )


def question(agenda: Agenda) -> Task | None:
    """The task that asked last."""
    asking = [task for task in reversed(agenda.tasks) if task.question and (task.live or _offers(task))]
    return max(asking, key=lambda task: task.spoke, default=None)


def _offers(task: Task) -> bool:
    return task.question is not None and task.question.slot == OFFER


def newest(agenda: Agenda) -> Task | None:
    """The proposal or question that was put last; an offer is none, it lapses by itself."""
    waiting = [
        task for task in (proposal(agenda), question(agenda)) if task is not None and not _offers(task)
    ]
    return max(waiting, key=lambda task: task.spoke, default=None)


def names_the_act(task: Task, text: str) -> bool:
    """ "Cancel it", "take it off": the words of the act that was shown, and no others. They are a yes to it."""
    acts = _ACTS.get(task.intent) or _ACTS.get(TOPICS.get(task.intent, ""))
    return acts is not None and bool(re.search(rf"{_FIRST}(?:{acts}){_LAST}", text, re.I))


def keeps(text: str) -> bool:
    """ "Keep it", "leave it on": a no to what was shown."""
    return bool(_KEEP.search(text))


def goes_on(text: str) -> bool:
    """ "Go on", "show me again"."""
    return bool(_GO_ON.search(text))


def back_to(agenda: Agenda, said: Understanding) -> Task | None:
    """What was left open, opened again: to be shown once more, or with the one value that the words change."""
    left = newest(agenda)
    if left is None or said.rights or len(said.text) > SHORT:
        return None
    if (changed := adjusted(left, said)) is not None:
        return changed
    if _ABOUT_IT.search(said.text) and left.state == "proposed" and _spoke_last(left, agenda):
        return replace(left.with_slots(explain=True), state="open")
    if left.state == "proposed" and said.ordinals and not left.slots.get(OFFERED) and _only_values(said):
        return replace(left, state="open")
    return None


def _spoke_last(task: Task, agenda: Agenda) -> bool:
    return all(other.spoke <= task.spoke for other in agenda.tasks if other.intent not in PASSING)


def adjusted(task: Task, said: Understanding) -> Task | None:
    """The task with the day, amount or part that a message of nothing else names; None for any other message."""
    if not _only_values(said) or task.intent not in _ADJUSTS:
        return None
    slots = {name: value for name, value in _values(said).items() if name in _ADJUSTS[task.intent]}
    if task.question is not None and task.question.slot not in ("amount_cents", "new_on", "day_of_month"):
        return None
    if not slots or (task.question is not None and not _beside_the_question(task, slots)):
        return None
    kept = dict(task.slots)
    if "amount_cents" in slots or "amount_kind" in slots:
        for name in ("amount_cents", "amount_kind", "mode"):
            kept.pop(name, None)
    if task.intent in ("payment_change", "payment_manage") and "on" in slots:
        slots["new_on"] = slots.pop("on")
    if task.intent == "due_date_change" and "on" in slots:
        slots.setdefault("day_of_month", int(slots.pop("on")[-2:]))
        slots.pop("on", None)
    return replace(task, state="open", question=None, slots={**kept, **slots})


def _beside_the_question(task: Task, slots: Mapping[str, Any]) -> bool:
    """A value that is no answer to the question, such as another day while the amount is asked."""
    assert task.question is not None
    return task.question.slot == "amount_cents" and slots.keys() <= {"on"}


_ADJUSTS: Mapping[str, frozenset[str]] = {
    "payment_make": frozenset({"on", "amount_cents", "amount_kind"}),
    "payment_change": frozenset({"on", "amount_cents"}),
    "payment_manage": frozenset({"on", "amount_cents"}),
    "draw_request": frozenset({"amount_cents"}),
    "autopay_manage": frozenset({"amount_cents", "amount_kind"}),
    "limit_increase": frozenset({"amount_cents"}),
    "limit_decrease": frozenset({"amount_cents"}),
    "due_date_change": frozenset({"on", "day_of_month"}),
}
"""Wishes whose terms hang on a value, and the values that may be changed by saying nothing else."""


def _values(said: Understanding) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if said.amounts:
        values["amount_cents"] = said.amounts[-1].cents
    if said.dates:
        values["on"] = said.dates[-1].on.isoformat()
    if said.days_of_month:
        values["day_of_month"] = said.days_of_month[-1]
    kind = named(("minimum", "statement_balance", "full"), said.text)
    if kind is not None and not said.amounts:
        values["amount_kind"] = kind
    return values


def _only_values(said: Understanding) -> bool:
    """Whether nothing is left of the message without its values and the words that go with them."""
    text = said.text
    spans = [part.span for part in (*said.amounts, *said.dates)]
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    if said.ordinals:
        text = re.sub(
            r"\b(?:first|second|third|fourth|fifth|last|final|one|option|choice|number|primer[oa]?"
            r"|segund[oa]|tercer[oa]?|cuart[oa]"
            r"|últim[oa]|opción|número)\b|#", " ", text, flags=re.I,
        )  # fmt: skip
    text = re.sub(r"\b\d{1,2}(?:st|nd|rd|th)?\b", " ", text) if said.days_of_month else text
    return not re.search(r"\w", _BLANKS.sub(" ", text)) and bool(spans or said.ordinals or _values(said))

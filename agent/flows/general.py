"""Everything that is not about the numbers of the line: greetings, policies, what we do not do, and hand-offs."""

from __future__ import annotations

import re

from agent.agenda import Task
from agent.flows.base import Flow, Say, World, offer
from agent.flows.cards import names_a_card
from agent.flows.outcomes import of_act
from agent.follow_ups import ASKS_WHO

SENTENCES_MAX = 3
WORDS_SHARED_MIN = 2
"""Words that an answer and a question must share; for the passage that the search puts first, one is enough."""
_COMMON = frozenset(
    """what when where which does doesn didn have with that this from about your just will would there they
    them then than after before could should can't back give happens happen need want know tell please much
    many some still make made like into over being been were only also very really
    the and you your for can how why are our was any all get got has had his her its not but out own too who
    way let did one may per use por los las una con para del cómo como qué puedo hasta desde cuándo cuando dónde donde
    cuánto cuanto cuál hay son ser está puede pueden tengo tiene este esta ese esa sus más muy sin sobre""".split()
)
_PLAINLY = (
    (
        re.compile(
            r"\b(?:pay(?:ing)?|paid) late\b|\bmiss(?:ed|ing)? (?:a|my|the) payment\b|\bpag\w+ tarde\b", re.I
        ),
        "late fee from which day past due when a payment is late",
    ),
    (
        re.compile(r"\bmy (?:credit|score)\b|\bmi (?:crédito|puntaje)\b", re.I),
        "does asking for help hurt my credit, will a payment plan show on my credit report",
    ),
)
"""Everyday questions in the words of the policy that answers them."""
_INVESTS = re.compile(r"\b(bitcoin|crypto\w*|stocks?|invest\w*|401k|etf|acciones|invertir|cripto\w*)\b", re.I)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z$\d])")
_WORD = re.compile(r"[a-záéíóúñ]{3,}")
_LOCKED = re.compile(r"\b(?:un)?lock\w*|\bfrozen|\b(?:des)?bloque\w+", re.I)
_LOCK_IT = re.compile(
    r"\b(?:lock|freeze|block)\b.{0,12}\b(?:my|the|this) (?:\w+ )?(?:line|account)\b"
    r"|\b(?:bloque(?:e|en|ar?)|congel(?:e|en|ar?))\b.{0,12}\b(?:mi|la|esta) (?:línea|linea|cuenta)\b",
    re.I,
)
_IS_LOCKED = re.compile(r"^\W*(?:is|why|está|por qué)\b.*\b(?:locked|frozen|bloquead\w+)", re.I)
_THANKS = re.compile(
    r"\b(thanks?|thank you|thx|cheers|gracias|bye|adiós|that's (?:all|it)|perfect|great|perfecto)\b", re.I
)
_WHAT_I_DO = re.compile(
    r"\b(?:what (?:can|do) you do|what else|can you help|help me|how (?:can|do) you help"
    r"|qué (?:puede[ns]?|sabe) hacer"
    r"|en qué (?:me )?puede ayudar|ayúdeme|me puede ayudar)\b|^\W*(?:help|ayuda)\W*$",
    re.I,
)
_HELLO = re.compile(
    r"\b(?:hi|hello|hey|good (?:morning|evening|afternoon)|how are you|hola|buen[oa]s|qué tal"
    r"|cómo está)\b",
    re.I,
)
_BARE_YES = re.compile(r"^\W*(?:yes|yeah|yep|sure|ok(?:ay)?|please|do it|sí|si|claro|dale)\b.{0,12}$", re.I)
_BARE_NO = re.compile(r"^\W*(?:no|nope|nah|not now)\b.{0,20}$", re.I)


def smalltalk(task: Task, world: World) -> Say:
    """A greeting, thanks, or a yes or no to nothing that was asked."""
    if _BARE_YES.search(task.said):
        return Say("nothing_pending")
    if _BARE_NO.search(task.said):
        return Say("no_more")
    if ASKS_WHO.search(task.said):
        return Say("who_i_am")
    if _WHAT_I_DO.search(task.said):
        return Say("capabilities")
    if _THANKS.search(task.said):
        return Say("welcome")
    return Say("hello" if _HELLO.search(task.said) else "no_more")


def out_of_scope(task: Task, world: World) -> Say:
    """What we don't do; to a question of where money is better put, what paying off would do."""
    if _INVESTS.search(task.said):
        return offer("no_investment_advice", {}, "payoff_quote", {})
    return Say("no_card" if names_a_card(task.said) else "out_of_scope")


def unclear(task: Task, world: World) -> Say:
    return Say("unclear_waiting" if task.slots.get("waiting") else "unclear")


def unclear_handoff(task: Task, world: World) -> Say:
    return hand_off("general", "not_understood", "unclear_handoff", world)


def hand_off(queue: str, reason: str, template: str, world: World) -> Say:
    """Passes the conversation to a team, and says so."""
    given = world.look("hand_off", queue=queue, reason=reason)
    return Say(template, {"hours": given["hours"]}, state="handed_off")


def to_specialist(queue: str, reason: str) -> Flow:
    """A flow for what a colleague does, in the words of that wish."""

    def flow(task: Task, world: World) -> Say:
        given = world.look("hand_off", queue=queue, reason=reason)
        return Say("to_specialist", {"topic": reason, "hours": given["hours"]}, state="handed_off")

    return flow


def handoff_status(task: Task, world: World) -> Say:
    """When a person answers: the hours of the team that has it, and no wait that nobody knows."""
    given = next(
        (r.data for r in reversed(world.receipts) if r.tool == "hand_off" and r.outcome == "done"), None
    )
    return Say("handoff_status", {"hours": given["hours"]}) if given else Say("unclear")


def policy(task: Task, world: World) -> Say:
    """The sentences of the best passage that bear on the question, with the citation; or an honest 'not written'."""
    question = next((clear for words, clear in _PLAINLY if words.search(task.said)), task.said[:300])
    passages = world.look("search_policies", query=question)["passages"]
    if not passages:
        return Say("policy_none")
    words = f"{question} {task.said[:300]}"  # a passage in Spanish shares words with what was said, not with its search
    asked = _content(words)
    found = [(*excerpt(passage["text"], words), passage) for passage in passages]
    scores = [
        shared + len(asked & _content(passage["heading"])) - rank
        for rank, (shared, _, passage) in enumerate(found)
    ]
    place = scores.index(max(scores))
    shared, answer, best = found[place]
    if shared < (1 if place == 0 else WORDS_SHARED_MIN):
        return Say("policy_none")
    return Say("policy", {"passage": best, "answer": answer})


def excerpt(text: str, question: str) -> tuple[int, str]:
    """Up to SENTENCES_MAX neighbouring sentences that share most words with the question, and how many they share."""
    sentences = [s.strip() for s in _SENTENCE.split(" ".join(text.split())) if s.strip()]
    asked = _content(question)
    windows = [sentences[n : n + SENTENCES_MAX] for n in range(max(1, len(sentences) - SENTENCES_MAX + 1))]
    scored = [(len(asked & _content(" ".join(window))), -n) for n, window in enumerate(windows)]
    shared, place = max(scored)
    return shared, " ".join(windows[-place])


def _content(text: str) -> set[str]:
    """Words that carry meaning, by their stems of five letters, so that "payments" meets "payment"."""
    return {word[:5] for word in _WORD.findall(text.lower()) if word not in _COMMON}


def account_access(task: Task, world: World) -> Say:
    """A locked line says that it is locked, and who unlocks it; any other way in is a specialist's."""
    line = world.line()
    if line["locked"] and _LOCKED.search(task.said):
        given = world.look("hand_off", queue="general", reason="unlock")
        return Say("locked", {"hours": given["hours"]}, state="handed_off")
    if not line["locked"] and _LOCK_IT.search(task.said) and not _IS_LOCKED.search(task.said):
        return of_act(world.act("lock_line", line_id=line["line_id"], reason="customer"), task)
    if _IS_LOCKED.search(task.said):
        return Say("not_locked", {"line": line})
    return to_specialist("general", "account_access")(task, world)


def never_mind(task: Task, world: World) -> Say:
    return Say("never_mind")


def use_the_button(task: Task, world: World) -> Say:
    return Say("use_the_button", state="proposed", proposal_id=task.proposal_id)


FLOWS: dict[str, Flow] = {
    "smalltalk": smalltalk,
    "out_of_scope": out_of_scope,
    "unclear": unclear,
    "unclear_handoff": unclear_handoff,
    "never_mind": never_mind,
    "handoff_status": handoff_status,
    "use_the_button": use_the_button,
    "policy_question": policy,
    "payment_methods": policy,
    "apply_new": policy,
    "account_access": account_access,
}

"""What a short message means in the light of the conversation. Pure.

"Cancel it" is about the payment just set up, "and on December 20?" asks the last question again, "any news on my
dispute" reports no new error. The understanding reads a message alone; here it is read as the next line of a talk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from agent import follow_ups
from agent.agenda import Agenda, Task
from agent.flows.cards import about_a_card_alone
from agent.flows.profile import preferences
from agent.left_open import keeps
from agent.understanding import Amount, Intent, Right, Understanding

UNSURE = frozenset({"out_of_scope", "smalltalk"})
SURE = 900
_READ_AS_IDLE: Mapping[str, int] = {"out_of_scope": 900, "smalltalk": 800}
"""Permille from which a message is about what we do not do, or about nothing; under it, it was not understood."""
_READ_OF_A_CARD = frozenset(
    {
        "fraud_report",
        "account_access",
        "payment_status",
        "draw_status",
        "policy_question",
        "bank_account_manage",
    }
)
"""What a message about a card is read as for want of anything nearer."""
_GUESS = 300
"""Permille under which a short message is asked about rather than acted on."""
_FEW_WORDS = 4
_FEW = 30
"""characters of a message that holds one wish, however it was cut"""
SHORT = 80
"""Characters up to which a message may lean on what was said before."""

_CANCEL_IT = re.compile(
    r"\b(?:cancel|cancle|cancell|cansel|stop|undo|drop|call off|withdraw)\s+(?:it|that|this|that one"
    r"|this one)\b"
    r"|\b(?:cancél[ae]lo|cancel[ae]r?lo|anúl[ae]lo|anular?lo|deténgalo|retír[ae]la)\b",
    re.I,
)
_MOVE_IT = re.compile(
    r"\b(?:move|change|push|extend|switch|reschedule|make|set)\s+(?:it|that|this|that one)\b"
    r"|\b(?:muéval[oa]|muével[oa]|cámbiel[oa]|cámbial[oa]|páselo|pásalo|moverlo|cambiarlo)\b",
    re.I,
)
_CANCELS: Mapping[str, str] = {"payment": "payment_cancel", "draw": "draw_cancel", "dispute": "dispute_withdraw",
                               "plan": "plan_cancel", "autopay": "autopay_manage"}  # fmt: skip
_SUBJECTS: Mapping[str, str] = {
    "payment_make": "payment",
    "payment_change": "payment",
    "payment_manage": "payment",
    "payment_cancel": "payment",
    "payment_status": "payment",
    "due_date_info": "due",
    "draw_request": "draw",
    "draw_status": "draw",
    "draw_cancel": "draw",
    "dispute_open": "dispute",
    "dispute_status": "dispute",
    "dispute_manage": "dispute",
    "dispute_withdraw": "dispute",
    "hardship": "plan",
    "plan_status": "plan",
    "plan_manage": "plan",
    "plan_change": "plan",
    "plan_cancel": "plan",
    "autopay_manage": "autopay",
}
_BARE_FIGURE = re.compile(r"(?<![\d.,])\d{1,5}(?![\d.,]*\d)(?!\w)")
_AGAIN = re.compile(r"^\W*(?:and|what about|how about|or|y|¿?y si|¿?qué tal)\b", re.I)
_REPEATABLE = frozenset(
    {"payoff_quote", "payment_whatif", "transactions_list", "payment_status", "draw_status"}
)
_NOUNS: tuple[tuple[str, str], ...] = (
    (r"pay ?-?off", "payoff_quote"),
    (r"balance|saldo", "balance"),
    (r"minimum|mínimo|(?:have|need) to pay|must pay|tengo que pagar", "minimum_payment_info"),
    (r"due(?: date)?|vence", "due_date_info"),
    (r"available|disponible", "available_credit"),
    (r"limit|límite", "limit_info"),
    (r"apr|rate|tasa", "rate_info"),
    (r"statement|estado de cuenta", "statement_explain"),
    (r"interest|interés", "interest_explain"),
    (r"fee|cargo", "fee_explain"),
)
_PAY_MINIMUM = re.compile(
    r"^\W*(?:(?:please|ok(?:ay)?|yes|and|then|just|i(?:'d| would)? ?(?:want|like|need) to|i'?ll"
    r"|let'?s|let me|can i|"
    r"can you|go ahead and|quiero|quisiera|por favor)\s+)*(?:pay|make|pagar?"
    r"|pague)\b(?!.*\bsee\b).*\b(?:minimum|mínimo)",
    re.I,
)
_CAME_BACK = re.compile(
    r"\b(?:why|what)\b.{0,30}\b(?:come back|came back|returned?|bounced?|rejected|fail(?:ed)?)\b"
    r"|\bpor qué\b.{0,30}"
    r"\b(?:devolvi\w+|rechaz\w+)\b",
    re.I,
)
_BARE_WHY = re.compile(
    r"^\W*(?:(?:but|and|ok(?:ay)?|pero|y)\W+)*(?:why(?: (?:not|is that|was that|not more|so|though))?|how come"
    r"|por qu[ée](?: (?:no|no más|eso))?|(?:y )?eso por qu[ée])\W*$",
    re.I,
)
"""Why, and nothing else: about the decision just told."""
_DECIDED = frozenset({"limit_increase", "decision_explain"})
_CANNOT = re.compile(r"\b(?:can'?t|cannot|unable|lost|no puedo|perdí)\b", re.I)
_CONTACT = re.compile(
    r"\b(?:call\w*|text\w*|e?mail\w*|contact\w*|messag\w*|letters?|writ\w*|llam\w*|mensajes?)\b", re.I
)
_ASKED_ABOUT = frozenset({"hardship", "credit_reporting", "complaint", "dispute_open"})
"""Rights that a question about the rules does not invoke."""
_PLAN_ASKED = re.compile(r"\b(?:when|how|what|which|cuándo|cómo|cuánto)\b.*\bplan\b", re.I)
_NEXT_PAYMENT = re.compile(r"^\W*(?:my |the |mi |el )?(?:next|upcoming|próximo) (?:payment|pago)\W*$", re.I)
_SWITCH = re.compile(r"\b(?:turn|switch|put)\b.{0,12}\b(?:on|off|back)\b|\b(?:des)?act[ií]v\w+", re.I)
_MUST_PAY = re.compile(r"^\W*(?:do|must|should) i (?:have to |need to |really )*pay\b", re.I)
_WHAT_NEXT = re.compile(
    r"\b(?:what (?:should|do|can) i do|send|bring|documents?|papers?|happens? next|next steps?"
    r"|mandar|enviar|documentos?)\b",
    re.I,
)
_WISH = re.compile(
    r"\b(?:mov\w+|chang\w+|switch\w*|push\w*|different|another|later|earlier|cancel\w*|stop\w*|undo"
    r"|reverse|pull"
    r"|call off|make it|set it|don'?t|cambi\w+|muev\w+|otr[oa]|anul\w+|deten\w+|detén\w*|pas[ae]\w*)\b",
    re.I,
)
_MILD: Mapping[str, str] = {"due_date_change": "due_date_info", "draw_cancel": "draw_status"}
_AM_I_LATE = re.compile(
    r"^\W*(?:is|am|are|estoy|está)\b.{0,30}\b(?:late|past due|behind|overdue|atrasad\w+|vencid\w+)\b", re.I
)
_PAYS = re.compile(r"^\W*(?:please |i want to |can you )?(?:pay|send|pag\w+)\b", re.I)
_MEMO = re.compile(r"\b(?:memo|the note on)\b", re.I)
_MOVED = r"(?:draws?|payments?|charges?|fees?|cash|money|retiros?|pagos?|cargos?)"
_TWICE = re.compile(
    r"\b(?:sent|took|charged|drew|paid|went out|counted|posted|came|cobraron|mandaron|enviaron|salió)\b.{0,60}"
    r"\b(?:twice|two times|double|dos veces|doble)\b",
    re.I,
)
_RULES_OF = re.compile(
    r"^\W*(?:what happens (?:if|when)|qué pasa (?:si|cuando)|how (?:long|soon|fast|many days) (?:do"
    r"|does|will) (?:you|it|a|the"
    r" bank)|do you (?:report|charge|tell)|(?:are|will|would) you (?:going to |gonna )?report|"
    r"(?:does|will|would) (?:it|this|that|asking|a)(?: \w+){0,3} (?:hurt|affect|lower|show)|"
    r"when do you (?:report|charge)|what(?:'s| is) (?:the|your) (?:policy|rule|cut-?off)|"
    r"how (?:often|many times) can i|how (?:are|is) (?:\w+ ){1,3}(?:applied|calculated|computed|counted)|"
    r"cuánto (?:tiempo )?(?:tardan|tienen))\b",
    re.I,
)
_HEAR_BACK = re.compile(
    r"\b(?:hear (?:back|from (?:you|someone|them))|get back to me|call(?:s|ed)? me back|(?:someone"
    r"|anyone|they|will you) (?:call|contact|write))\b"
    r"|\b(?:me (?:llaman|contactan|responden|avisan|van? a (?:llamar|contactar|responder|avisar|escribir)))\b",
    re.I,
)
_STANDS = re.compile(
    r"\b(?:news|status|update|stands?|standing|how (?:is|does|long)|decided|resolved|decision"
    r"|what (?:happened|came|became)|outcome|result"
    r"|what(?:'?s| is) (?:going|happening|up)|up with|progress"
    r"|withdraw|drop|cancel|close|novedad(?:es)?|cómo va|estado|retirar?)\b",
    re.I,
)
_OPEN_DISPUTE = re.compile(r"\b(?:my|the|mi|la) (?:dispute|claim|case|disputa|reclamación)\b", re.I)
_QUESTION = re.compile(
    r"\?|^\W*(?:when|what|why|how|who|where|can|is|are|do|does|cuándo|qué|cómo|por qué|quién)\b", re.I
)
_GREETS = re.compile(
    r"\b(?:hi|hello|hey|good (?:morning|evening|afternoon)|thanks?|thank you|thx|bye|how are you"
    r"|are you (?:a |an )?"
    r"(?:bot|robot|human|real|ai|there)|who are you|what can you do|can you help|help|hola|gracias"
    r"|buen[oa]s|adiós|"
    r"quién eres|eres un|quién es usted|qué puede hacer|cool|nice|great|awesome|got it|i see|understood"
    r"|good to know|sorry|no problem|haha\w*|lol|perfect|perfecto|entendido|entiendo|muy bien|genial|listo"
    r"|excelente|ya veo|disculpe)\b",
    re.I,
)


_EMPTY = re.compile(
    r"^\W*(?:(?:and|so|but|well|then|y|pero|pues|what|about|how|why|it|that|this|these|those|one|qué|cómo|por|entonces"
    r"|eso|esto|ese|este|hay|de|con)\W+)*(?:then|what|how|why|it|that|this|one|so|entonces|qué|cómo|eso|esto|ese|este)\W*$",
    re.I,
)
"""Words that point at something and name nothing."""


def in_context(agenda: Agenda, said: Understanding) -> Understanding:
    """The same message with its wishes, rights and figures as this conversation makes them plain."""
    if _EMPTY.search(said.text):
        heard = tuple(right for right in said.rights if right.source != "classifier")
        said = replace(said, rights=heard, intents=(Intent("smalltalk", 0, (0, len(said.text))),))
    said = replace(said, rights=_rights(agenda, said), amounts=said.amounts or _corrected(agenda, said))
    if said.assent is not None:
        return said
    said = replace(said, intents=tuple(_without_wish(intent, said.text) for intent in said.intents))
    if "dispute_open" in _names(said.rights) and len(said.intents) == 1 and said.intents[0].confidence < SURE:
        return replace(said, intents=(Intent("dispute_open", 1000, said.intents[0].span),))
    name = _meant(agenda, said)
    if name is None:
        return said
    return replace(said, intents=(Intent(name, 1000, (0, len(said.text))),), cancels=False)


def _corrected(agenda: Agenda, said: Understanding) -> tuple[Amount, ...]:
    """A bare figure that corrects the amount of what was just proposed ("no, I meant 80")."""
    shown = any(task.state == "proposed" and "amount_cents" in task.slots for task in agenda.tasks)
    figures = list(_BARE_FIGURE.finditer(said.text))
    if not (shown and said.correction and len(figures) == 1 and not said.dates and not said.ordinals):
        return ()
    [figure] = figures
    return (Amount(int(figure.group()) * 100, figure.group(), figure.span()),)


def _without_wish(intent: Intent, text: str) -> Intent:
    """A wish to change or cancel that is not sure needs a word that says so; else it is a question about the thing."""
    mild = _MILD.get(intent.name)
    if mild is None or intent.confidence >= SURE or _WISH.search(text):
        return intent
    return replace(intent, name=mild)


def _meant(agenda: Agenda, said: Understanding) -> str | None:
    """The wish that the words and the talk so far make plain; None leaves what was understood."""
    text, top = said.text, said.intents[0] if said.intents else None
    talked_of = _last(agenda)
    if talked_of is not None and talked_of.intent in _DECIDED and _BARE_WHY.search(text) and not said.rights:
        return "decision_explain"
    if said.rights or top is None:
        return None
    if {intent.name for intent in said.intents} <= _READ_OF_A_CARD | UNSURE and about_a_card_alone(text):
        return "out_of_scope"
    if len(text) > SHORT or (len(said.intents) > 1 and len(text) > _FEW):
        return None
    subject = _subject(agenda)
    last_act = talked_of.intent if talked_of is not None else None
    if subject in _CANCELS and _CANCEL_IT.search(text) and not _awaits_yes(agenda):
        return _CANCELS[subject]
    if subject == "payment" and _MOVE_IT.search(text) and not _awaits_yes(agenda) and said.dates:
        return "payment_change"
    if last_act == "payment_cancel" and _MOVE_IT.search(text):
        return "payment_change"
    if subject == "due" and _MOVE_IT.search(text) and not said.dates and not said.days_of_month:
        return "hardship"
    if (wish := follow_ups.wished(agenda, said)) is not None:
        return wish
    last = _last(agenda)
    if subject == "payment" and _CAME_BACK.search(text):
        return "payment_status"
    if subject == "autopay" and _SWITCH.search(text):
        return "autopay_manage"
    if _PLAN_ASKED.search(text) and top.name in ("plan_cancel", "plan_manage", "plan_change"):
        return "plan_status"
    if _NEXT_PAYMENT.search(text):
        return "due_date_info"
    points = said.dates or said.amounts or said.days_of_month
    if (
        last is not None
        and last.intent in ("fraud_report", "identity_theft")
        and points
        and top.name in UNSURE
    ):
        return "dispute_open"
    if _PAYS.search(text) and said.amounts and top.name in ("payment_change", "payment_manage"):
        return "payment_make"
    if _MUST_PAY.search(text) or _AM_I_LATE.search(text):
        return "due_date_info"
    if _MEMO.search(text):
        return "transaction_explain"
    if _PAY_MINIMUM.search(text) and top.name in ("minimum_payment_info", "payment_make", *UNSURE):
        return "payment_make"
    if _RULES_OF.search(text) and not said.amounts and top.name not in ("crisis", "human"):
        return "policy_question"
    waits = any(task.state == "handed_off" for task in agenda.tasks)
    if _HEAR_BACK.search(text) or (waits and top.name in UNSURE and _WHAT_NEXT.search(text)):
        return "handoff_status"
    if top.name in (*UNSURE, "cease_contact", "statement_get") and preferences(text):
        return "profile_change"
    if follow_ups.ASKS_WHO.search(text) and len(text) <= _FEW:
        return "smalltalk"
    if top.name in UNSURE and follow_ups.asks_for_money(text):
        return "draw_request"
    if follow_ups.asks_about_credit(text):
        return "policy_question"
    if top.name in UNSURE or top.confidence < SURE:
        return _elliptic(agenda, said, top) or ("unclear" if _is_a_guess(said, top) else None)
    return None


def _is_a_guess(said: Understanding, top: Intent) -> bool:
    """A reading too weak to act on, of words that do not by themselves drop or correct what is open."""
    return top.confidence < _GUESS and not (said.cancels or said.correction or keeps(said.text))


def _elliptic(agenda: Agenda, said: Understanding, top: Intent) -> str | None:
    """A question cut short: the last one with another day or amount, or a bare noun of the line."""
    last = _last(agenda)
    if _AGAIN.search(said.text) and (said.dates or said.amounts):
        named = _noun(said.text)
        if named is not None or (last is not None and last.intent in _REPEATABLE):
            return named or (last.intent if last is not None else None)
    if top.name not in UNSURE:
        return None
    named = _noun(said.text) if len(said.text.split()) <= 8 else None
    idles = said.cancels or said.correction or keeps(said.text) or _GREETS.search(said.text)
    if named is None and top.name == "smalltalk" and not idles:
        return "unclear"
    return named or ("unclear" if _says_nothing(said, top) else None)


def _says_nothing(said: Understanding, top: Intent) -> bool:
    """Words that were read as idle for want of anything better: they count as not understood."""
    if said.cancels or said.correction or _GREETS.search(said.text) or len(said.text.split()) > _FEW_WORDS:
        return False
    return top.confidence < _READ_AS_IDLE[top.name]


def _noun(text: str) -> str | None:
    return next((name for words, name in _NOUNS if re.search(rf"\b(?:{words})\b", text, re.I)), None)


def _rights(agenda: Agenda, said: Understanding) -> tuple[Right, ...]:
    """Rights as the talk makes them plain: a question about a right that runs already is no new one, and "you sent me
    the same draw twice" is a notice of error in whatever words."""
    rights = said.rights
    if (
        _TWICE.search(said.text)
        and re.search(_MOVED, said.text, re.I)
        and "dispute_open" not in _names(rights)
    ):
        rights = (*rights, Right("dispute_open", said.text[:400], "rule"))
    if about_a_card_alone(said.text):
        rights = tuple(right for right in rights if right.name != "fraud_report" or right.source == "rule")
    if _HEAR_BACK.search(said.text) and any(task.state == "handed_off" for task in agenda.tasks):
        rights = tuple(right for right in rights if right.name != "human")
    if _RULES_OF.search(said.text) and len(said.text) <= SHORT and not _CANNOT.search(said.text):
        rights = tuple(right for right in rights if right.name not in _ASKED_ABOUT)
    if _AM_I_LATE.search(said.text) and len(said.text) <= SHORT:
        rights = tuple(right for right in rights if right.name != "hardship")
    if any(preferences(said.text).get(channel) for channel in ("texts", "emails", "calls")):
        rights = tuple(right for right in rights if right.name != "cease_contact")  # "text me instead"
    if follow_ups.ASKS_WHO.search(said.text) and len(said.text) <= _FEW:
        rights = tuple(right for right in rights if right.name != "human")
    if follow_ups.asks_about_credit(said.text) and len(said.text) <= SHORT:
        rights = tuple(right for right in rights if right.name != "credit_reporting")
    if _subject(agenda) and _CANCEL_IT.search(said.text) and not _CONTACT.search(said.text):
        rights = tuple(right for right in rights if right.name != "cease_contact")
    asks_only = {intent.name for intent in said.intents} <= {
        "dispute_status",
        "dispute_withdraw",
        "dispute_manage",
    }
    sure = all(intent.confidence >= SURE for intent in said.intents) and _OPEN_DISPUTE.search(said.text)
    if not (asks_only and said.intents and (sure or _STANDS.search(said.text))):
        return rights
    return tuple(right for right in rights if right.name != "dispute_open" or right.source != "rule")


def _names(rights: tuple[Right, ...]) -> set[str]:
    return {right.name for right in rights}


def _last(agenda: Agenda) -> Task | None:
    return follow_ups.last_talked_of(agenda)


def _subject(agenda: Agenda) -> str | None:
    """What "it" is: the thing that was last talked of."""
    talked = [task for task in agenda.tasks if task.intent in _SUBJECTS]
    last = max(talked, key=lambda task: (task.spoke, task.id), default=None)
    return _SUBJECTS[last.intent] if last is not None else None


def _awaits_yes(agenda: Agenda) -> bool:
    return any(task.state == "proposed" and task.intent != "use_the_button" for task in agenda.tasks)

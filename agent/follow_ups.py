"""What a short message wishes for, given what was last talked of. Pure.

"Take it off" after a fee is a waiver, "take 50" after the free credit is a draw, "how long will it take" after a
dispute asks how the dispute stands. One row each: the topics it may follow, the words, the wish they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from agent.agenda import Agenda, Task
from agent.understanding import Understanding

PASSING = frozenset(
    {"smalltalk", "unclear", "unclear_handoff", "never_mind", "out_of_scope", "use_the_button"}
)
"""Wishes that leave the topic as it was."""
TOPICS: Mapping[str, str] = {
    "payment_make": "payment",
    "payment_change": "payment",
    "payment_manage": "payment",
    "payment_cancel": "payment",
    "payment_status": "payment",
    "due_date_info": "due",
    "minimum_payment_info": "due",
    "balance": "owed",
    "payoff_quote": "owed",
    "statement_explain": "owed",
    "statement_get": "owed",
    "payment_whatif": "owed",
    "available_credit": "credit",
    "limit_info": "credit",
    "draw_request": "draw",
    "draw_status": "draw",
    "draw_cancel": "draw",
    "rate_info": "rate",
    "fee_explain": "fee",
    "fee_waiver": "fee",
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
    "refund_request": "refund",
    "refund_status": "refund",
    "limit_increase": "limit",
    "limit_decrease": "limit",
    "decision_explain": "limit",
    "due_date_change": "due_day",
    "bank_account_manage": "bank",
    "close_account": "closing",
}
_LEAD = (
    r"^\W*(?:(?:ok(?:ay)?|yes|yeah|sure|fine|please|pls|then|so|and|but|just|well|hmm+|no|great|good"
    r"|can (?:you|i|we)"
    r"|could (?:you|i)|will you|i(?:'d like| want| wanna| need|'?ll| would like) ?(?:to)?|let'?s|let me"
    r"|go ahead and"
    r"|sí|si|bueno|vale|entonces|pues|y|pero|por favor|quiero|quisiera|puede[ns]?|podría|claro"
    r"|está bien)\b[\s,.!¿?]*)*"
)
PAY_IT = re.compile(
    _LEAD + r"(?:(?:pay|set|make|schedule|send|do|prepare|put|get)\b.{0,12}\b(?:it|that|this|that one|them)\b"
    r"|(?:lo |la )?(?:p[aá]g(?:ar|u?e|ué|o)|program(?:ar|e|é)|prográme|hág?a|hacer|envi(?:ar|é))(?:lo|la|los|las)\b"
    r"|(?:lo|la) (?:pago|hago|programo)\b)",
    re.I,
)
"""Pay what was just named, set up what was just offered."""
_TAKES = re.compile(
    _LEAD + r"(?:take|get|give me|send me|draw|withdraw|borrow|transfer|deme|dame|saca(?:r|me)|saque"
    r"|retir(?:ar|e|o)"
    r"|mánd[ae](?:n)?me|envíe(?:n)?me|tomar|tomo)\b",
    re.I,
)
_TIME = re.compile(
    r"\b(?:how (?:long|soon|fast)|when|cuánto (?:tiempo|tarda\w*)|cuándo)\b.{0,30}"
    r"\b(?:take|get|gets|arrive|come|land|hear|know|decide|done|there|here|resolved|finished|over"
    r"|through|out|clear"
    r"|settle|happen|see it|fixed|solved|arregl\w+|tarda\w*|toma|lleg\w+|sab\w+|respond\w+|resuelv\w+"
    r"|listo|termin\w+)\b"
    r"|^\W*(?:how long|cuánto tarda\w*|cuándo llega)\W*$",
    re.I,
)
"""How long the thing under way will take."""
_TAKE_OFF = (
    r"\b(?:take|get|remove|waive|refund|reverse|drop|forgive|delete|erase)\b.{0,14}\b(?:it|that|this"
    r"|them|off|fee|charge|both)\b"
    r"|\b(?:quít|devuélv|perdón|quit(?:ar|e)|devolv|perdon)\w*"
)
_EVIDENCE = (
    r"\b(?:evidence|proof|prove|receipts?|documents?|screenshots?|also know|prueba|recibos?|documentos?"
    r"|comprobantes?"
    r"|i was (?:in|at|out)|yo estaba)\b"
)
_ROWS: tuple[tuple[frozenset[str], re.Pattern[str], str], ...] = tuple(
    (frozenset(topics.split()), re.compile(words, re.I), wish)
    for topics, words, wish in (
        ("fee", _TAKE_OFF, "fee_waiver"),
        (
            "autopay",
            r"\b(?:change|switch|make|set|turn|put)\b.{0,12}\b(?:it|that)\b|\b(?:minimum|full|statement"
            r"|fixed)\b.*\binstead\b"
            r"|\b(?:cámbielo|póngalo|hágalo|actívelo|desactívelo|quítelo|páselo)\b",
            "autopay_manage",
        ),
        (
            "bank",
            r"\b(?:remove|delete|unlink|get rid of|take)\b.{0,14}\b(?:it|that|one|account)\b|\b(?:quit|quít"
            r"|elimin|elimín|b[oó]rr)\w+",
            "bank_account_manage",
        ),
        (
            "due owed",
            r"\bcuándo me (?:cobra|debita|toca)\w*|\bwhen (?:do|will|does) (?:you|it"
            r"|they)\b.{0,10}\b(?:charge|take|pull|debit)\b",
            "due_date_info",
        ),
        (
            "dispute",
            r"\b(?:have to|need to|must|should i|tengo que|debo)\b.{0,10}\bpa(?:y"
            r"|gar)\w*",
            "dispute_status",
        ),
        (
            "fee",
            r"\b(?:both|all of (?:it|them)|the other(?: one)?|los dos|las dos|ambos|ambas"
            r"|el otro)\b",
            "fee_waiver",
        ),
        (
            "fee",
            r"\b(?:i|we)(?:'ve| have| had)? (?:already |always )?(?:paid|sent)\b|\bon time\b"
            r"|\b(?:wasn'?t|not) late\b"
            r"|\bpagué\b|\ba tiempo\b",
            "fee_explain",
        ),
        ("credit draw", _TAKES.pattern + r".*\d", "draw_request"),
        ("draw", r"^\W*(?:but |and |pero |y )?(?:why|por qué)\b.{0,24}$", "available_credit"),
        (
            "draw credit",
            r"\bhow much\b.{0,30}\bpay\b.{0,30}\b(?:get|draw|take|have|borrow)\b"
            r"|\bcuánto\b.{0,30}\bpagar\b.{0,30}\b(?:sacar|retirar|tener)\b",
            "draw_request",
        ),
        (
            "owed due",
            r"\b(?:more|higher) than i (?:thought|expected|remember\w*)|\bthat'?s (?:a lot|so much"
            r"|too much)\b|\bwhy (?:is (?:it|that) )?so"
            r" (?:much|high)\b|\bmás de lo que (?:pensaba|creía|esperaba)\b|\bes mucho\b"
            r"|\bpor qué (?:es )?tanto\b",
            "statement_explain",
        ),
        (
            "rate",
            r"\b(?:lower|reduce|better|drop|cut|less|bajar\w*|baj[ae]\w*|reduc\w+|mejor)\b",
            "rate_info",
        ),
        ("dispute", _EVIDENCE, "dispute_manage"),
        ("dispute", _TIME.pattern, "dispute_status"),
        ("draw", _TIME.pattern, "draw_status"),
        ("payment", _TIME.pattern, "payment_status"),
        ("refund", _TIME.pattern, "refund_status"),
        ("due owed", PAY_IT.pattern, "payment_make"),
        (
            "plan",
            r"\b(?:what|qué)\b.{0,16}\b(?:if|si)\b.{0,24}\b(?:miss|late|can'?t|skip|no (?:pago|puedo)"
            r"|atras\w+|tarde|falto)",
            "plan_status",
        ),
        (
            "plan",
            r"\b(?:smaller|lower|cheaper|less (?:a|per) month|longer|different plan|another plan"
            r"|(?:change|switch) (?:it|the plan"
            r"|my plan|plans?)|más (?:pequeñ|chic|baj)\w+|otro plan|cambiar (?:el|de|mi) plan|cambiarlo)\b",
            "plan_change",
        ),
    )
)
_ALWAYS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(words, re.I), wish)
    for words, wish in (
        (
            r"\b(?:declin|den[iy]|refus|reject|turn(?:ed)? down|rechaz|neg)\w*\b.{0,24}\b(?:draw|retiro)\b",
            "available_credit",
        ),
        (
            r"\b(?:why|how come|por qué)\b.{0,14}\b(?:can'?t|cannot|won'?t|not|couldn'?t|no (?:puedo"
            r"|me deja))\b.{0,24}"
            r"\b(?:draw|take|get|withdraw|borrow|use|sacar|retirar|usar)\b.{0,24}(?:money|cash|funds"
            r"|line|out|dinero|línea|\W*$)",
            "available_credit",
        ),
        (
            r"\bsettle\b.{0,24}\b(?:less|debt|part|for)\b|\bsettlement\b|\bpay (?:only )?(?:part"
            r"|less) (?:of|than) what i owe\b"
            r"|\b(?:llegar a un acuerdo|liquidar por menos|pagar menos de lo que debo|quita)\b",
            "hardship",
        ),
        (
            _LEAD + r"pay (?:off )?(?:what(?:ever)? i owe|what'?s (?:due|owed|late|past due)"
            r"|(?:the )?past due(?: amount)?)\W*$"
            r"|" + _LEAD + r"pag(?:ar|ue|o) (?:todo )?(?:lo que debo|lo (?:vencido|atrasado))\W*$",
            "payment_make",
        ),
        (
            r"\b(?:worr\w+|afraid|scared|might have|may have|think i|did i|preocup\w+|creo que|miedo)\b.{0,30}"
            r"\b(?:miss(?:ed)?|forg[eo]t(?:ten)?|late|olvid\w+|atras\w+|se me pasó)\b",
            "due_date_info",
        ),
    )
)
_GET_MONEY = re.compile(
    r"\b(?:get|need|want|borrow|access|take out)\b.{0,12}\b(?:money|cash|funds)\b"
    r"|\b(?:sacar|necesito|obtener|conseguir)\b.{0,12}\b(?:dinero|efectivo|plata)\b",
    re.I,
)
_MY_CREDIT = re.compile(
    r"\b(?:what happens to|will|does|do|is|did|would|hurt|affect|damage|ruin\w*|qué pasa con|afecta\w*"
    r"|daña\w*)\b.{0,40}"
    r"\b(?:my |mi )?(?:credit|score|crédito|puntaje)\b|\bmy (?:credit|score)\b.{0,12}\b(?:ruined|hurt"
    r"|affected|go down|drop)\b",
    re.I,
)
_WRONG = re.compile(
    r"\b(?:wrong|incorrect|error|mistake|inaccurate|false|dispute|fix|remove|shows?|reported|report says"
    r"|equivocad\w+|incorrect\w+|falso|correg\w+|aparece|limit|line of credit|límite|línea)\b",
    re.I,
)


_NO_FEE = re.compile(
    r"\b(?:auto ?pay\w*|automátic\w+|cuenta|account|plan|disput\w+|line|línea|limit|límite|draw|retiro"
    r"|payments?|pagos?)\b",
    re.I,
)


def last_talked_of(agenda: Agenda) -> Task | None:
    """The task that the last words were about; greetings and questions back leave it as it was."""
    talked = [task for task in agenda.tasks if task.intent not in PASSING]
    return max(talked, key=lambda task: (task.spoke, task.id), default=None)


def topic(agenda: Agenda) -> str | None:
    """What the talk is about; None when nothing of the line is."""
    last = last_talked_of(agenda)
    return TOPICS.get(last.intent) if last is not None else None


def wished(agenda: Agenda, said: Understanding) -> str | None:
    """The wish that the words are after what was last talked of; None when no row fits."""
    about = topic(agenda)
    for topics, words, wish in _ROWS:
        if about in topics and words.search(said.text) and _makes_sense(agenda, wish, said.text):
            return wish
    for words, wish in _ALWAYS:
        if words.search(said.text):
            return wish
    return None


def _makes_sense(agenda: Agenda, wish: str, text: str) -> bool:
    """A dispute that only waits for a yes has no standing yet; and "take off" of another thing is no fee."""
    if wish == "fee_waiver" and _NO_FEE.search(text):
        return False
    last = last_talked_of(agenda)
    waits = last is not None and last.state in ("proposed", "asking")
    return not (waits and wish in ("dispute_manage", "dispute_status", "refund_status"))


ASKS_WHO = re.compile(
    r"\b(?:are you|is this|am i (?:talking|speaking|chatting) (?:to|with)|eres|es usted|hablo con)\b.{0,14}"
    r"\b(?:bot|robot|human|real|ai|person|machine|humano|persona|máquina)\b|\bwho are you\b"
    r"|\bquién (?:eres|es usted)\b",
    re.I,
)
"""Whether a person or a program answers here."""


def asks_for_money(text: str) -> bool:
    """Words that want cash without saying "draw"."""
    return bool(_GET_MONEY.search(text))


def asks_about_credit(text: str) -> bool:
    """A worry about one's credit, which disputes nothing that we report."""
    return bool(_MY_CREDIT.search(text)) and not _WRONG.search(text)


def carried(agenda: Agenda, wish: str, said: Understanding) -> dict[str, Any]:
    """What "it" is worth in "pay it": the amount by the name of what was last told."""
    last = last_talked_of(agenda)
    if wish != "payment_make" or said.amounts or last is None or not PAY_IT.search(said.text):
        return {}
    match last.intent:
        case "due_date_info" | "minimum_payment_info" | "plan_status":
            return {"amount_kind": "minimum"}
        case "balance" | "payoff_quote":
            return {"amount_kind": "full"}
        case "statement_explain" | "statement_get":
            return {"amount_kind": "statement_balance"}
        case "payment_whatif" if isinstance(last.slots.get("amount_cents"), int):
            return {"amount_cents": last.slots["amount_cents"]}
    return {}

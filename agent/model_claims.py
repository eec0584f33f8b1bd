"""What a model may not say of itself: that something was done, or is no longer owed, in whatever words.

Acts speak by template, so a model that answers a question has nothing to report but what it looked up. `claims` knows
the verbs of our tools and what bears each out. Here it is the other way round: "I" or "we" with any verb of the past
but looking, or a thing called done, changed or off, is held back unless a receipt bears it out. That costs little: the
template of the same answer leaves instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from agent import claims
from agent.flows.base import Receipt

_LOOKING = (
    r"looked|checked|found|reviewed|compared|counted|noticed|understood|listed|included|needed?|saw|seen|heard"
    r"|read|pulled|searched|gathered|asked|worked|calculated|added up|explained|mentioned|indeed|feed"
)
_IRREGULAR = (
    r"sent|paid|made|put|set|took|taken|did|done|got|gave|given|went|gone|told|wrote|written|undid|undone|cut|shut|froze"
    r"|frozen|withdrew|withdrawn|split|let|spoke|spoken|kept|began|begun"
)
_EN_ADVERBS = r"(?: (?:now|just|already|also|all|both|since|successfully|went ahead and|gone ahead and))*"
_EN_STATE = (
    r"locked|unlocked|scheduled|rescheduled|moved|changed|updated|cancell?ed|stopped|paid(?: off)?|submitted|sent"
    r"|raised|increased|lowered|reduced|waived|refunded|credited|reversed|removed|opened|filed|enrolled|set up"
    r"|signed up|recorded|noted|withdrawn|closed|replaced|deleted|erased|forgiven|confirmed|made|approved|processed"
    r"|completed?|done|fixed|arranged|settled|posted|activated|deactivated|enabled|disabled|linked|verified|added|corrected|resolved|told"
    r"|notified|informed|reported|(?:off|on)(?= now| for|\W*$|[.!,])|in place"
    r"|on (?:its|the) way|taken care of|gone through|received"
)
_THING = (
    r"(?:\b(?:your|the|this|that|a|an|our|my|any) (?:[\w-]+ ){1,6}?"
    r"|\b(?<!what )(?<!much )(?:autopay|everything|all|it|that|this|you)(?: |(?='|’)))"
)
_EN = (
    rf"\b(?:i|we)(?:'ve|’ve| have| had)?{_EN_ADVERBS} (?!(?:{_LOOKING})\b)(?:\w+ed|{_IRREGULAR})\b",
    rf"{_THING}(?:is|are|was|were|has|have|['’](?:s|re|ve))(?: been)?{_EN_ADVERBS} (?:{_EN_STATE})\b",
    r"\b(?:payment|draw|request|dispute|plan|transfer|change|refund|cancellation) "
    r"(?:confirmed|completed?|approved|sent|submitted|processed|cancell?ed|done)\b",
    r"\bconsider (?:it|that|this)\b|\ball (?:done|set|fixed|sorted)\b|(?:^|[.!?]\s+)done\b",
    r"\b(?:i|we|specialist|colleague|someone|somebody|manager)(?:'ll|’ll| (?:will|is going to)) (?:\w+ )?"
    r"(?:call|phone|contact|reach|write|pay|refund|waive|credit|raise|cancel|send)\b",
    r"\byou (?:do not|don't|don’t|no longer|needn't|need not)(?: have to| need to)? (?:pay|owe)\b",
)
_ES_LOOKING = (
    r"qué|porqué|sé|té|café|así|aquí|allí|ahí|sí|mí|ti|encontré|miré|revisé|busqué|consulté|comprobé|leí|vi|entendí|noté"
    r"|calculé|comparé|conté"
)
_ES_LOOKED = (
    r"revisado|mirado|encontrado|visto|consultado|buscado|comprobado|leído|entendido|comparado|calculado"
)
_ES_PLAIN = r"vencid|atrasad|incluid|basad|calculad|permitid|relacionad|previst|sujet|dispuest|obligad|limitad|terminad"
_ES_PLAIN += r"|distint|alt[oa]|cort[oa]|exact|correct|ciert|junt|just"
_PARTICIPLE = r"\w+(?:ad[oa]s?|[ií]d[oa]s?|t[oa]s?|ch[oa]s?)"
_ES = (
    # the first person of the past; "pagaré" is to come
    rf"\b(?!(?:{_ES_LOOKING})\b)(?!\w+[aei]ré\b)\w{{2,}}[éí]\b",
    rf"\b(?:he|hemos|se ha|se han) (?:ya )?(?!(?:{_ES_LOOKED})\b){_PARTICIPLE}\b",
    r"(?:^|[.!?¡:,]\s*)(?:ya )?(?:le |lo |la |les )?(?:envia|elimina|cancela|paga|cambia|bloquea|cerra|registra"
    r"|programa|aumenta|quita|actualiza|arregla|abona|perdona|reembolsa|abri|devolvi|inscribi|subi|reduji|hici)mos\b",
    r"\b(?:está|están|fue|fueron|qued[óa]|quedaron|ha sido|han sido|ha quedado) (?:ya |todo )?"
    rf"(?!(?:{_ES_PLAIN})\w+){_PARTICIPLE}\b",
    r"\bse (?:realizó|hizo|envió|procesó|pagó|canceló|cambió|cerró|registró|aprobó|completó|acreditó|programó)\b",
    r"(?:^|[.!?¡]\s*)(?:listo|hecho)\b|\btodo (?:listo|hecho|arreglado)\b",
    r"\b(?:ya )?no (?:tiene|tendrá) que pagar\b|\bya no debe\b",
)
_CLAIMED = re.compile("|".join(f"(?:{one})" for one in (*_EN, *_ES)), re.I | re.M)
_CONDITION = re.compile(rf"\b(?:{'|'.join(claims.NOT_YET_WORDS)})\s*$", re.I)
_BEFORE = 12
_IDIOM = re.compile(r"(?i)\W*all (?:done|set)")


def unsupported(text: str, receipts: Iterable[Receipt]) -> list[str]:
    """What a model's words claim was done, or is owed no more, and no receipt bears out; as it stands in the text.

    A condition or a question ("once that is paid", "shall I set up") claims nothing. Both languages are
    looked for at once: a claim in the other one is no better.
    """
    borne_out = claims.Record.of(receipts)
    known = claims.spans_borne_out(text, borne_out)
    return [
        match.group().strip()
        for match in _CLAIMED.finditer(text)
        if not _CONDITION.search(text[max(0, match.start() - _BEFORE) : match.start()])
        and not any(start < match.end() and match.start() < end for start, end in known)
        and not borne_out.reads(match.group().strip(), of_same=True)
        and not (_IDIOM.fullmatch(match.group()) and _told_before(text, match.start(), borne_out))
    ]


def _told_before(text: str, at: int, record: claims.Record) -> bool:
    """Whether the same sentence has told before of a state that was read: "it has settled, so you're all set"."""
    begun = max(text.rfind(mark, 0, at) for mark in (". ", "! ", "? ", "\n"))
    return not record.states.isdisjoint(text[begun + 1 : at].lower().split())

"""What is said of a card: the line has none, so it is the customer's bank's, unless the words touch the line too."""

from __future__ import annotations

import re

_CARD = re.compile(r"\b(?:cards?|tarjetas?)\b", re.I)
_OF_THE_LINE = re.compile(
    r"\b(?:lines?|draws?|accounts?|money|cash|funds|statements?|transactions?|charge[ds]?|fees?|interest|debt|payments?"
    r"|pay(?:ing)?|paid|debits?(?! cards?)|withdraw\w*|hack\w*|fraud\w*|scam\w*|identity|used?|using|recogni[sz]e\w*"
    r"|authori[sz]\w*|unauthori[sz]ed|somebody|someone|twice|refund\w*|limit|app|log ?in|password|top\w*|add|link"
    r"|l[ií]neas?|retiros?|cuenta|dinero|efectivo|cargos?|cobr\w+|pag\w+|us[aóo]\w*|alguien|fraude|autori\w+"
    r"|reconozco)\b",
    re.I,
)


def names_a_card(text: str) -> bool:
    """Whether the words are about a card."""
    return _CARD.search(text) is not None


def about_a_card_alone(text: str) -> bool:
    """Whether the words are about a card and touch neither the line nor money, so that no duty of ours begins."""
    return names_a_card(text) and _OF_THE_LINE.search(text) is None

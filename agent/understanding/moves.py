"""Moves in a conversation that are no wish of their own: yes, no, never mind, "no, I meant". Also ordinals."""

from __future__ import annotations

import re
from typing import Literal

_FILL = (
    r"(?:please|pls|plz|thanks|thank you|thx|ty|sure|then|that|it|this|ma'?am|sir|now|definitely|absolutely|let'?s|lets"
    r"|do|go|for|and|of course|por favor|gracias|muchas|muy bien|claro|pues|bueno|eso|lo|ahora|hazlo|hágalo|haga)"
)
_YES = (
    r"(?:yes+|yea+h*|yep+|yup+|ya|yess+|y|si+|sí+|ok(?:ay|ey|ie)?|k|kk|sure(?: thing)?|fine|alright|all right|agreed|"
    r"correct|right|confirm(?:ed)?|i confirm|i agree|sounds (?:good|great|fine)|looks (?:good|right)|perfect|great|"
    r"go ahead|go for it|do it|do that|please do|let'?s do (?:it|that|this)|make it so|works(?: for me)?|"
    r"that works|that'?s (?:fine|right|correct|good|ok|okay)|of course|absolutely|definitely|yes i do|i do|"
    r"claro(?: que sí)?|de acuerdo|está bien|esta bien|dale|adelante|vale|hágalo|hazlo|correcto|confirmo|"
    r"acepto|sip|👍|looks good to me|go on(?: then)?|perfecto|por supuesto|así es|proceda|procede|i accept|proceed|submit it|send it|book it)"
)
_NO = (
    r"(?:no+|nope+|nah+|no way|no thank(?:s| you)|not (?:right now|now|today|yet|really|interested)|don'?t|do not|please don'?t|"
    r"don'?t do (?:it|that)|i(?:'d| would) rather not|never|no gracias|mejor no|no quiero|todavía no|ahora no|"
    r"no lo haga[ns]?|no estoy de acuerdo|negative|i decline|decline|reject|rechazo)"
)
_ASSENT = re.compile(rf"{_YES}(?:[\s,.!;]+(?:{_YES}|{_FILL}))*[\s,.!]*\Z", re.I)
_REFUSAL = re.compile(
    rf"{_NO}(?:[\s,.!;]+(?:{_NO}|please|thanks|thank you|thx|ty|that'?s (?:ok|okay|fine|all)|i'?m good|gracias|por favor"
    r"|for now|por ahora|it'?s ok(?:ay)?|i changed my mind|así está bien))*[\s,.!]*\Z",
    re.I,
)
_CANCELS = re.compile(
    r"\b(?:never ?mind|nvm|forget (?:it|that|about it|what i (?:said|asked))|scrap that|changed my mind|"
    r"don'?t bother|drop it|leave it(?: as it is)?|cancel (?:that|this|it|everything|my request)|"
    r"olv[ií]d(?:a|e|alo|elo|ese)(?: lo)?|d[ée]j(?:alo|elo)(?: así)?|ya no (?:quiero|hace falta|importa)|no importa|"
    r"cambié de (?:idea|opinión)|cancela(?:r|lo|do)? (?:eso|todo))\b"
    r"|\A\W*(?:stop|cancel|cancela|cancelar|alto|basta|wait stop|stop stop)\W*\Z",
    re.I,
)
_STOP_IS_A_WISH = re.compile(
    r"\bcancel (?:it|that|this)\b.*\b(?:payment|draw|plan|autopay|line|account|dispute)\b", re.I
)
_CORRECTION = re.compile(
    r"\b(?:i meant?|i mean|meant to say|actually|correction|scratch that|make (?:it|that)|rather than|instead|"
    r"not \$?\d[\d.,]*,? (?:but )?\$?\d|sorry,? (?:i )?(?:meant|mean)|my mistake|i said \w+|wrong (?:number|amount|date)|"
    r"quise decir|quería decir|me equivoqué|mejor (?:que sean|el|la|por)|en realidad|perdón,? (?:quise|son|eran)|"
    r"on second thought|let me (?:change|fix) (?:that|it)|(?:oops|whoops|my bad|sorry|perdón|perdon)\W+(?:the |el )?\$?\d[\d.,]*|"
    r"wait\W+(?:no|make|do)|espera\W+(?:no|que|mejor)|en vez de|en lugar de|no,? (?:son|eran|era|es) (?:el|la|los)?\s*\$?\d)\b"
    r"|\A\W*no\b,?\s+(?:the\s+)?\$?\d",
    re.I,
)
_ORDINALS: tuple[tuple[str, int], ...] = (
    (r"next[- ]to[- ]last|second[- ]to[- ]last|penúltim[oa]|penultim[oa]", -2),
    (r"first|1st|primer[oa]?|number one|número uno|top", 1),
    (r"second|2nd|segund[oa]|number two|número dos", 2),
    (r"third|3rd|tercer[oa]?|number three|número tres", 3),
    (r"fourth|4th|cuart[oa]|number four|número cuatro", 4),
    (r"fifth|5th|quint[oa]|number five|número cinco", 5),
    (r"last|final|bottom|últim[oa]|ultim[oa]", -1),
)
_ONE = r"(?:one|option|choice|plan|of them|of those|offer|entry|item|posting|opción|de ellos|de ellas)"
_ORDINAL = re.compile(
    r"\b(?:the\s+|el\s+|la\s+|lo\s+)(?P<en>"
    + "|".join(words for words, _ in _ORDINALS)
    + rf")(?:\s+{_ONE}\b|\s+opción|(?=\s*(?:\Z|[.,!?;]|please|por favor)))"
    rf"|\b(?P<opt>opción|option|choice|number|número|num|no\.|#)\s*(?P<n>[1-9])\b(?!\d)"
    r"|\A\W*(?P<bare>[1-9])\W*\Z|\A\W*(?:no\W+|ok\W+)?(?P<word>"
    + "|".join(words for words, _ in _ORDINALS)
    + rf")(?:\s+{_ONE})?(?:\W+(?:please|pls|then|por favor))?\W*\Z",
    re.I,
)
_RULED_OUT = re.compile(r"\bnot\s+\Z", re.I)
_DAY_OF_MONTH = re.compile(r"\b[1-5](?:st|nd|rd|th)\Z", re.I)
"""A figure with no "one" or "option" after it is a day ("the 4th")."""


def assent(text: str) -> Literal["yes", "no"] | None:
    """Yes or no when the message holds nothing else; None for "yes, but …" and anything longer."""
    bare = text.strip().replace("’", "'").strip("\"' .!,¡")
    if not bare or "?" in bare:
        return None
    if _REFUSAL.match(bare):
        return "no"
    return "yes" if _ASSENT.match(bare) else None


def cancels(text: str) -> bool:
    """Whether the customer drops what is under way ("never mind"), rather than ordering a cancellation."""
    plain = text.replace("’", "'")
    return bool(_CANCELS.search(plain)) and not _STOP_IS_A_WISH.search(plain)


def correction(text: str) -> bool:
    """Whether the message takes back or replaces something said before ("no, I meant 200")."""
    return bool(_CORRECTION.search(text.replace("’", "'")))


def ordinals(text: str) -> tuple[int, ...]:
    """Places in a list, counted from 1; -1 is the last ("the second one", "la última", "option 2")."""
    found: list[int] = []
    for match in _ORDINAL.finditer(text):
        if _DAY_OF_MONTH.search(match.group()) or _RULED_OUT.search(text[: match.start()]):
            continue
        digit = match.group("n") or match.group("bare")
        word = match.group("en") or match.group("word")
        place = int(digit) if digit else next(n for words, n in _ORDINALS if re.fullmatch(words, word, re.I))
        if place not in found:
            found.append(place)
    return tuple(found)

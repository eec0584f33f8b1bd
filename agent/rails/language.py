"""Whether words are in the language they should be in, by the little words that every sentence needs. Pure."""

from __future__ import annotations

import re
import unicodedata

LITTLE: dict[str, frozenset[str]] = {
    "en": frozenset(
        """the a an of to in on for with my i you your we our it its is are was be been have has had do does did can
        will would what when why how where who this that these there and or but not no yes if by at as from so
        please thanks here out up any all now then than more about before after balance limit available due minimum rate
        payment value total per day days date amount interest fee owe payoff dollars
        january february march april may june july august september october november december jan feb mar apr jun jul
        aug sept sep oct nov dec""".split()
    ),
    "es": frozenset(
        """el la los las un una de del al que qué en por para con sin mi su sus le les lo se es son está están fue
        hay tiene puede como cómo cuando cuándo cuánto donde dónde porque pero también ya muy más este esta esto
        ese esa eso no sí si y o u hasta desde entre nos ha han usted gracias hoy aquí saldo límite disponible vence
        mínimo tasa pago fecha monto intereses cargo período capital día días dólares
        enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre""".split()
    ),
}
OTHERS = frozenset(
    """le les et vous votre vos est sont dans pour avec sur une des du au aux je nous pas der die das und ist nicht sie
    ihr ihre ein eine mit von zu auf für den dem o os as uma um não você seu sua são com na da do il lo gli che di
    della per è una non""".split()
)
WORDS_MIN = 4
"""fewer words tell nothing: "$50.00 on May 3" is said in any language"""
FEW_WORDS = 12
"""a list of amounts and days has hardly a little word"""
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_TURNED = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CODE = re.compile(r"<[/!?]?[A-Za-z][^<>]*>|\{[{%#]|[#%}]\}|\$\{|&(?:#\d+|[a-z]+);|```")
"""tags, template marks and fences of code"""
_OWN = OTHERS - LITTLE["en"] - LITTLE["es"]


def speaks(text: str, language: str) -> bool:
    """True when the text is in the language ("en" or "es"), or too short to tell."""
    words = [word.lower() for word in _WORD.findall(text)]
    if any(not _latin(word) for word in words):
        return False
    if len(words) < WORDS_MIN:
        return True
    other = "es" if language == "en" else "en"
    expected = sum(word.split("'")[0].split("’")[0] in LITTLE[language] for word in words)
    strange = max(
        sum(word in _OWN for word in words), sum(word in LITTLE[other] - LITTLE[language] for word in words)
    )
    return expected > strange and (expected * 7 >= len(words) or len(words) < FEW_WORDS)


def says_something(text: str) -> bool:
    """True for two words or more, no code among them, without marks that turn letters around: "NULL" is no reply."""
    return len(_WORD.findall(text)) >= 2 and _TURNED.search(text) is None and _CODE.search(text) is None


def _latin(word: str) -> bool:
    return all(
        unicodedata.name(letter, "").startswith(("LATIN", "APOSTROPHE", "RIGHT SINGLE")) for letter in word
    )

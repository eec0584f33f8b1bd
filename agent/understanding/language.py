"""English or Spanish, from function words, servicing words and spelling."""

from __future__ import annotations

import re

from agent.understanding.result import Language

_SPANISH = frozenset(
    """el la los las un una unos unas de del al que qué en por para con sin mi mis me te se le les lo su sus yo
    usted ustedes es son está están estoy fue ser hay tengo tiene tienen quiero quisiera puedo puede pueden
    necesito hacer hice hizo cómo como cuándo cuando cuánto cuanto cuánta cuántas dónde donde porque pero
    también tambien ya muy más mas este esta esto ese esa eso no sí si hola gracias buenas buenos días dias
    favor pago pagar cuenta dinero deuda debo línea linea saldo límite limite tarjeta cargo cargos cobraron
    retiro fecha mes semana año hoy mañana ayer ahora dólares dolares interés interes intereses ayuda
    persona alguien nunca nada todo cuota plan trabajo perdí perdi vale claro bueno adelante gracias
    cancelar cancela cancelen quítenme segunda primera última tercera opción número cambiar mover sacar
    porfa oye oiga ahorita grax dejen deje enviar mándenme necesitamos murió falleció hablar""".split()
)
_ENGLISH = frozenset(
    """the a an of to in on for with my me i you your we it is are was were be have has had do does did can
    could would will what when why how where who this that these those and or but not no yes please thanks
    thank hi hello pay payment account line draw balance due date fee interest limit money owe today
    tomorrow yesterday now need want help person someone never nothing all ok okay sure go ahead cancel stop
    move change get make last next second first im i'm dont don't can't cant didnt didn't charge charged
    card bank thx ty tysm plz pls u ur lol idk omg btw asap wanna gonna gotta lemme yo yeah yep nah nope sup""".split()
)
_SHARED = _SPANISH & _ENGLISH
WORDS = _SPANISH | _ENGLISH
_WORD = re.compile(r"[a-záéíóúüñ']+")
_SPELLING = re.compile(r"[ñ¿¡áéíóú]")


def detect(text: str, hint: str | None = None) -> Language:
    """The language of the text; where nothing tells (figures, "ok"), the hint, else English."""
    lowered = text.lower().replace("’", "'")
    words = _WORD.findall(lowered)
    spanish = sum(word in _SPANISH and word not in _SHARED for word in words)
    english = sum(word in _ENGLISH and word not in _SHARED for word in words)
    spanish += min(2, len(_SPELLING.findall(lowered)))
    if spanish == english:
        return "es" if hint is not None and hint.startswith("es") else "en"
    return "es" if spanish > english else "en"

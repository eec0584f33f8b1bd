"""Which way money goes by the words: from the customer's bank to us, or from the line to the customer's bank.

No outside set tells a payment from a draw of this product, and the two share their verbs ("take 80 from my account",
"take 80 from my line"): where the words name the way, it decides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agent.understanding.numbers import plain

Way = Literal["to_us", "to_customer"]
_ACTS: Mapping[Way, tuple[str, str]] = {
    "to_us": ("payment_make", "draw_request"),
    "to_customer": ("draw_request", "payment_make"),
}
"""The act that moves money this way, and the one that moves it back."""
_NEVER = -50.0
"""Log-odds of the other."""

_LINE = r"(?:cash ?line|credit line|line of credit|credit|line|limit|linea de credito|linea|credito|limite|lo disponible)"
_OWED = r"(?:balance|debt|bill|loan|tab|cash ?line|credit line|line of credit|line|what i owe|minimum|payment|deuda|saldo|factura|prestamo|linea|minimo|pago)"
_BANK = r"(?:(?:\w+ ){0,2}?(?:bank|checking|chequing|savings|debit card)(?: (?:account|acct))?|banco|cuenta (?:de |del |en el )?(?:banco|cheques|ahorros|bancaria)|cuenta corriente)"
_ACCOUNT = rf"(?:{_BANK}|account|acct|cuenta)"

_FROM_LINE = rf"\b(?:from|off|out of|of|on) (?:my|the|our) (?:\w+ )?{_LINE}\b|\bde (?:mi|la) {_LINE}\b"
_TO_OWED = (
    rf"\b(?:toward|towards|onto|to|against|into) (?:my|the|this|our) (?:\w+ )?{_OWED}\b"
    rf"|\b(?:put|pay|apply|throw|knock|drop|send|give|charge|do|make|take|pull|withdraw|get|use)\b.{{0,40}}\b(?:for|off) (?:my|the|this|our) (?:\w+ )?{_OWED}\b"
    rf"|\b(?:put|pay|apply|throw|drop|give)\b.{{0,40}}\b(?:on|at|down on) (?:my|the|this|our) (?:\w+ )?{_OWED}\b"
    rf"|\b(?:toward|towards) (?:it|this|that|what)\b|\b(?:a|para|en|hacia) (?:mi|la|el) {_OWED}\b"
)
_FROM_BANK = rf"\b(?:from|out of|off) (?:my|the|our) {_BANK}\b|\b(?:de|desde) (?:mi|el|la) {_BANK}\b"
_FROM_ACCOUNT = r"\b(?:from|out of|off) (?:my|our) (?:acct|account)\b|\bde mi cuenta\b"
_TO_BANK = rf"\b(?:to|into|in|onto|at) (?:my|the|our) {_BANK}\b|\b(?:a|en|al) (?:mi |el |la )?{_BANK}\b"
_TO_ACCOUNT = rf"\b(?:to|into|in|onto|at) (?:my|our) {_ACCOUNT}\b|\b(?:a|en|al) (?:mi |el |la )?{_ACCOUNT}\b"
_CHARGES = rf"\b(?:charge|debit|draft|bill) (?:my|our) {_ACCOUNT}\b|\b(?:carg|debit|cobr)\w*(?:me|se|nme)? (?:a |de )mi {_ACCOUNT}\b"
_TAKES = r"\b(?:take|get|pull|draft|debit|charge|grab|collect|use|bill|pay|saqu\w+|saca\w*|tom[ea]\w*|cobr\w+|descuent\w+|debit\w+|us[ea]\w*|pag\w+|abon\w+|quit\w+)\b"
_GIVES = (
    r"\b(?:send|give|pay|owe) (?:you|yall|y'all|you guys|u)\b"
    r"|\b(?:les|le) (?:mando|mandare|pago|pagare|doy|dare|abono|envio|deposito)\b"
)
_GETS = (
    r"\b(?:send|give|lend|loan|spot|advance|front|wire|get|pass|hand|hit|cash) me\b|\b(?:lend|loan|spot|advance) (?:us|my)\b|\bborrow\b"
    r"|\b(?:mand|envi|deposit|transfier|pas|prest|adelant|da|de|dep)\w*(?:me|nme)\b|\bme (?:manda\w*|envia\w*|deposita\w*|presta\w*|pasa\w*|da|dan|puede\w* (?:mandar|enviar|depositar|prestar|pasar|dar))\b"
)
_PAYS = (
    r"\A\W*(?:(?:hi|hello|hey|ok|so|yes|please|can you|could you|can i|i want to|i wanna|i would like to|id like to|i'd like to"
    r"|let me|just|go ahead and|let's|lets|i will|i'll|im going to|i'm going to|hola|por favor|quiero|quisiera|voy a|puedo),? )*"
    r"(?:pay|pague|pagar|paga|paguen|abonar|abone|abona|abonen)\b(?! (?:my|the|mi|la|el) (?:rent|phone|light|electric|water|gas|car|renta|luz|agua|telefono|carro))"
)


def way(clause: str) -> Way | None:
    """Which way the clause says that money goes; None where it does not say, or says both."""
    flat = plain(clause).replace("’", "'")

    def says(pattern: str) -> bool:
        return re.search(pattern, flat) is not None

    line, bank = says(_FROM_LINE) and not says(_TO_OWED), says(_FROM_BANK) or says(_CHARGES)
    from_account = bank or (says(_FROM_ACCOUNT) and says(_TAKES))
    to_us = from_account or says(_TO_OWED) or says(_GIVES) or says(_PAYS)
    to_customer = line or says(_GETS) or says(_TO_BANK) or (says(_TO_ACCOUNT) and not bank)
    if to_us == to_customer:
        return None
    return "to_us" if to_us else "to_customer"


def turned(clause: str, names: Sequence[str], *scores: NDArray[np.float32]) -> None:
    """Where the clause says which way money goes, the act that moves it the other way passes its score on, in place."""
    said = way(clause)
    if said is None:
        return
    meant, other = (names.index(name) for name in _ACTS[said])
    for score in scores:
        score[meant] = max(score[meant], score[other])
        score[other] = _NEVER

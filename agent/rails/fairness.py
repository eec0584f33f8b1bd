"""Words that are unfair, deceptive or abusive in servicing, English and Spanish (12 USC 5531, 5536; 15 USC 1692e).

False urgency, "guaranteed" and "risk free", pressure to borrow or pay, and consequences told wrongly. For words that
leave; what a customer says is never judged by them. Statements that our own templates make from the books ("asking
does not affect your credit") are reviewed with the template, so credit is a model's slice alone.
"""

from __future__ import annotations

import re

UNFAIR = {
    "false urgency": (
        r"\b(?:act|pay|draw|borrow|apply|decide|confirm|hurry)\b[^.!?\n]{0,30}\b(?:now|today|immediately)\b[^.!?\n]{0,20}"
        r"\b(?:before it(?:'|’)?s too late|or (?:else|lose|you(?:'ll| will) lose)|while (?:it|the offer) lasts)\b",
        r"\b(?:act|hurry|move) (?:now|fast|quickly)\b|\bhurry\b[!,]|\bdon(?:'|’)t (?:wait|delay|miss out|miss this)\b",
        r"\b(?:last|final|only) chance\b|\blimited[- ]time\b|\btime is running out\b|\bbefore it(?:'|’)?s too late\b",
        r"\b(?:offer|deal|rate) (?:ends|expires|is gone) (?:soon|tonight|at midnight)\b|\bonce[- ]in[- ]a[- ]lifetime\b",
        r"\b(?:actúe|apúrese|aproveche|dese prisa)\b(?:[^.!?\n]{0,12}\b(?:ya|ahora|hoy|pronto)\b)?[^.!?\n]{0,20}[!.]",
        r"\b(?:última|única) oportunidad\b|\bpor tiempo limitado\b|\bantes de que sea (?:demasiado )?tarde\b"
        r"|\bno (?:espere|deje pasar|pierda)\b[^.!?\n]{0,24}\b(?:más|oportunidad|oferta)\b",
    ),
    "no risk, no cost": (
        r"\brisk[- ]free\b|\bno risk\b|\bwithout (?:any )?risk\b|\bfree money\b|\bnothing to lose\b|\bcan(?:'|’)t lose\b",
        r"\b(?:for free|costs? (?:you )?nothing|at no cost)\b(?=[^.!?\n]{0,20}\b(?:to borrow|to draw|credit|cash|loan)\b)",
        r"\b(?:100|one hundred) ?(?:%|percent) (?:safe|approved|approval|sure)\b|\b(?:pre-?approved|instant approval)\b",
        r"\b(?:garantizad[oa]s?|pre-?aprobad[oa]s?)\b|\bsin (?:ningún )?riesgos?\b|\bdinero gratis\b|\bnada que perder\b"
        r"|\baprobación (?:inmediata|segura)\b",
    ),
    "pressure": (
        r"\byou (?:have no choice|really (?:should|ought to|need to) (?:draw|borrow))\b|\bwhy not (?:draw|borrow)\b",
        r"\b(?:borrow|draw|take|use)\b[^.!?\n]{0,30}\b(?:to|and) (?:pay|make) (?:your|the|this) (?:minimum|payment|bill)\b",
        r"\b(?:skip|put off|instead of) (?:your |paying )?(?:rent|groceries|food|medicine|utilities)\b",
        r"\b(?:everyone|most (?:people|customers)|smart (?:people|customers)) (?:does|do|pays?|draws?|borrows?)\b",
        r"\b(?:you should be ashamed|shame on you|irresponsible|deadbeat|it(?:'|’)s your own fault)\b",
        r"\bno le queda (?:otra|más remedio|opción)\b|\b(?:es su culpa|irresponsable|qué vergüenza|moroso)\b"
        r"|\b(?:retire|saque|pida)\b[^.!?\n]{0,30}\bpara pagar (?:el mínimo|su pago|la cuota)\b",
    ),
    "consequences told wrongly": (
        r"\b(?:jail|prison|arrest(?:ed)?|police|criminal|warrant|deport\w*|immigration)\b",
        r"\b(?:seize|take|repossess|garnish|lien on|freeze)\b[^.!?\n]{0,20}\b(?:your|his|her|their) "
        r"(?:wages?|salary|paycheck|house|home|car|property|benefits|bank accounts?|tax refund)\b",
        r"\b(?:legal action|lawsuit|collections? (?:agency|lawyers?)|our (?:lawyers?|attorneys?)|court)\b(?=[^.!?\n]{0,40}"
        r"\b(?:against you|if you (?:do not|don(?:'|’)t)|unless|will|next)\b)",
        r"\b(?:ruin|destroy|wreck|kill|tank|fix|repair|boost|clean)s? (?:up )?your credit\b",
        r"\b(?:cárcel|prisión|arrest\w+|policía|deport\w+|inmigración)\b|\bacci(?:ón|ones) legal(?:es)?\b"
        r"|\b(?:embarg\w+|quitarle?)\b[^.!?\n]{0,20}\b(?:sueldo|salario|casa|carro|coche|bienes|cuentas?)\b"
        r"|\b(?:arruin|destru|destroz|repar|limpi|mejor)\w* su (?:historial|crédito)\b|\bnuestros abogados\b",
    ),
}
CREDIT = (
    r"\b(?:won(?:'|’)t|will not|doesn(?:'|’)t|does not|can(?:'|’)t|cannot|never)\b[^.!?\n]{0,24}"
    r"\b(?:affect|hurt|harm|damage|impact|lower|show (?:up )?on|reported?(?: to)?)\b"
    r"[^.!?\n]{0,24}\b(?:credit|score|bureaus?)\b",
    r"\bno\b[^.!?\n]{0,8}\b(?:impact|effect|harm|damage)\b[^.!?\n]{0,10}\b(?:to|on)\b[^.!?\n]{0,8}\bcredit\b",
    r"\b(?:no|nunca)\b[^.!?\n]{0,12}\b(?:afecta\w*|daña\w*|perjudica\w*|reporta\w*|baja\w*)\b[^.!?\n]{0,24}"
    r"\b(?:crédito|puntaje|historial|burós?)\b",
    r"\b(?:will|going to|va a)\b[^.!?\n]{0,10}\b(?:raise|improve|increase|lower|drop|hurt|subir|mejorar|bajar)\b"
    r"[^.!?\n]{0,16}\b(?:credit score|puntaje)\b",
    r"\b(?:interest|fees?) (?:will|would) (?:never|not) (?:be )?(?:charged|apply|accrue)\b|\binterest[- ]free\b"
    r"|\bsin intereses\b|\bnunca (?:le )?cobra(?:mos|rán|remos)\b",
)
"""what becomes of a credit file, and of interest, in a model's words: nothing it was shown says so"""
_ALWAYS = {kind: re.compile("|".join(ways), re.I) for kind, ways in UNFAIR.items()}
_OF_MODELS = re.compile("|".join(CREDIT), re.I)


def unfair(text: str, *, drafted: bool) -> list[str]:
    """What in the words is unfair or misleading, as it stands there. drafted: the words are a model's."""
    patterns = [*_ALWAYS.values(), *([_OF_MODELS] if drafted else [])]
    return [match.group() for pattern in patterns for match in pattern.finditer(text)]

"""Reads one message: language, wishes clause by clause, values, rights, and the moves of conversation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from agent.understanding import (
    accounts,
    amounts,
    classifier,
    clauses,
    dates,
    direction,
    gloss,
    language,
    lexicon,
    moves,
    negation,
    rights,
    vocabulary,
)
from agent.understanding.classifier import Asked, Classifier
from agent.understanding.labels import REJECTS
from agent.understanding.once import Once
from agent.understanding.result import Intent, Language, Span, Understanding
from tools.knowledge.embed import Embedder

Guess = tuple[str, int, Span]

_CLAUSES_MAX = 4
"""Clauses embedded of one message; of a longer one those that name servicing matters most."""
_CLAUSE_CHARS_MAX = 160
_LONG = 600
_LONG_CLAUSES_MAX = 3
_LONG_CLAUSE_CHARS_MAX = 120
"""Of a story longer than _LONG characters less is embedded, so that it is read in the time of a short message."""
_ALONE_CHARS_MAX = 400
_WHOLE_CHARS_MAX = 400
_WHOLE_SHARE = 0.5
"""What the whole message weighs beside a clause of it: a clause alone loses what "it" is. A whole that is cut short by
_WHOLE_CHARS_MAX says little and is left out."""
_NEVER = np.float32(-50)
"""What is added to the log-odds of a wish that the words rule out."""
_NOT_UNDERSTOOD = 200
"""Permille of a message in which nobody knows a word."""
_FURTHER_WISH = 350
"""Permille from which a clause is a wish beside the message's main one."""


def understand(
    text: str,
    *,
    today: date,
    embedder: Embedder,
    language_hint: str | None = None,
    layer: Classifier | None = None,
    once: Once | None = None,
) -> Understanding:
    """What the message says. Deterministic; reads nothing but its arguments and the shipped artefact.

    `today` is the servicing date that relative days count from. `language_hint` decides where the words do not. For
    measuring, `layer` stands in for the shipped classifier and `once` keeps what was encoded before.
    """
    spoken = language.detect(text, language_hint)
    mentions, days_of_month = dates.find(text, today, month_first=spoken != "es")
    spans = clauses.split(text) or ((0, len(text)),)
    once = once or Once(embedder)
    chosen = _chosen(text, spans)
    guesses = _guesses(text, chosen, spoken, layer or classifier.load(), once)
    negated = negation.find(text, guesses)
    assent = moves.assent(text)
    whole = [] if _alone(text, chosen) else [(0, len(text))]
    found = rights.find(text, spans, [*whole, *_cut(text, chosen)], spoken, once)
    if vocabulary.load().says_nothing(vocabulary.load().mended(text)):
        guesses, found = (
            (("out_of_scope", _NOT_UNDERSTOOD, (0, len(text))),),
            tuple(right for right in found if right.source != "classifier"),
        )
    return Understanding(
        text=text,
        language=spoken,
        intents=_intents(text, guesses, assent is not None),
        amounts=amounts.find(text, tuple(mention.span for mention in mentions)),
        dates=mentions,
        ordinals=moves.ordinals(text),
        days_of_month=days_of_month,
        rights=found,
        assent=assent,
        negated=negated,
        cancels=moves.cancels(text),
        correction=moves.correction(text),
    )


def texts_to_encode(text: str, language_hint: str | None = None) -> list[str]:
    """What of the message the layers will be asked about."""
    spans = clauses.split(text) or ((0, len(text)),)
    return [one.english for one in _asked(text, _chosen(text, spans), language.detect(text, language_hint))]


def _cut(text: str, chosen: Sequence[Span]) -> list[Span]:
    """The chosen clauses as far as they are encoded."""
    width = _LONG_CLAUSE_CHARS_MAX if len(text) > _LONG else _CLAUSE_CHARS_MAX
    width = _ALONE_CHARS_MAX if len(chosen) == 1 else width
    return [(start, min(end, start + width)) for start, end in chosen]


def _alone(text: str, chosen: Sequence[Span]) -> bool:
    """Whether the clauses are read without the whole message beside them."""
    return len(chosen) == 1 or len(text) > _WHOLE_CHARS_MAX


def _asked(text: str, chosen: Sequence[Span], spoken: Language) -> list[Asked]:
    """The whole message, unless the clauses are read without it, then the clauses."""
    parts = [text[slice(*span)] for span in _cut(text, chosen)]
    texts = parts if _alone(text, chosen) else [text, *parts]
    mended = [vocabulary.load().mended(one) for one in texts]
    return [Asked(gloss.to_english(one) if spoken == "es" else one, one) for one in mended]


def _guesses(
    text: str, chosen: Sequence[Span], spoken: Language, layer: Classifier, once: Once
) -> tuple[Guess, ...]:
    """Per clause its likeliest intent, permille, and span, in order."""
    parts = [text[slice(*span)] for span in _cut(text, chosen)]
    logits = layer.logits(_asked(text, chosen, spoken), once)
    if not _alone(text, chosen):
        logits = (1 - _WHOLE_SHARE) * logits[1:] + _WHOLE_SHARE * logits[0]
    serves, chances = layer.chances(logits)
    added = lexicon.bonus(parts, spoken, layer.names)
    ruled_out = rights.ruled_out(text)
    added[:, [name in ruled_out for name in layer.names]] = _NEVER
    serves, chances = classifier.log_odds(serves) + added, classifier.log_odds(chances) + added
    for row, part in enumerate(parts):
        direction.turned(part, layer.names, serves[row], chances[row])
        accounts.ours(part, layer.names, serves[row], chances[row])
    best = serves.argmax(axis=1)
    sure = 1 / (1 + np.exp(-chances))
    return tuple(
        (lexicon.finer(layer.names[top], part), int(row[top] * 1000), span)
        for top, row, part, span in zip(best.tolist(), sure, parts, chosen, strict=True)
    )


def _chosen(text: str, spans: Sequence[Span]) -> list[Span]:
    """The clauses worth embedding, in order; those with most servicing words win."""
    most = _LONG_CLAUSES_MAX if len(text) > _LONG else _CLAUSES_MAX
    if len(spans) <= most:
        return list(spans)
    weights = [lexicon.weight(text[start:end]) for start, end in spans]
    best = sorted(range(len(spans)), key=lambda n: (-weights[n], n))[:most]
    return [spans[n] for n in sorted(best)]


def _intents(text: str, guesses: Sequence[Guess], assents: bool) -> tuple[Intent, ...]:
    """The wishes in order, each once with its surest clause; small talk only when there is nothing else."""
    if assents:
        return (Intent("smalltalk", 1000, (0, len(text))),)
    top = max(
        guesses, key=lambda guess: guess[1] + 1000 * (guess[0] not in REJECTS and guess[1] >= _FURTHER_WISH)
    )
    kept: dict[str, Intent] = {}
    for guess in guesses:
        name, permille, span = guess
        if guess is not top and (name in REJECTS or permille < _FURTHER_WISH):
            continue
        known = kept.get(name)
        if known is None:
            kept[name] = Intent(name, permille, span)
        else:
            kept[name] = Intent(name, max(permille, known.confidence), (known.span[0], span[1]))
    return tuple(kept.values())

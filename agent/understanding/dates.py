"""Days in the customer's words, resolved against the servicing date. A payday or "soon" stays unresolved."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from agent.understanding import day_joins, day_pieces
from agent.understanding.calendar_words import flat
from agent.understanding.day_joins import month_shift
from agent.understanding.day_meanings import Found, candidates
from agent.understanding.day_pieces import Piece
from agent.understanding.result import DateMention, Span

_PAST = re.compile(
    r"\b(?:was|were|did|didn'?t|made|had|got|paid|sent|charged|posted|took|lost|drew|withdrew|received|happened|since|ago|"
    r"last|from|never (?:made|did|took|got|asked)|went|came|hit|credited|shows?|there'?s|it says|fue|hice|pague|cobraron|"
    r"sacaron|llego|desde|perdi|hubo|mande|envie|reconozco|been|statement|bill)\b"
)
_AHEAD = re.compile(
    r"\b(?:will|no way|due date|due day|going to|gonna|can'?t|cannot|can i|could i|won'?t|schedule|move|change|set|until|till|by|due|pay on|pay it|"
    r"next|want|would like|i'?d like|plan to|expect|deploys?|start|make the|before|hasta|quiero|puedo|voy a|programar|"
    r"mover|pagar|vence|cambiar|not gonna|unable)\b"
)
_SINCE = re.compile(r"\b(?:since|from|desde)\s+(?:the\s+)?\Z")
_NEXT = re.compile(r"\b(?:next|coming|proximo)\s+\Z")
_LIST = re.compile(r"\s*(?:,|and|or|y|o|&)\s*(?:the\s+|el\s+)?")
_RECENT = timedelta(days=60)


def find(
    text: str, today: date, *, month_first: bool = True
) -> tuple[tuple[DateMention, ...], tuple[int, ...]]:
    """Days named, in order of mention, and bare days of the month ("the 14th" -> 14).

    `month_first`: whether 3/4 is the fourth of March, as the United States write it, or the third of April.
    """
    plain = flat(text)
    pieces = _listed(plain, day_joins.join(plain, day_pieces.find(plain, today, month_first=month_first)))
    mentions: list[DateMention] = []
    days: list[int] = []
    at = 0
    while at < len(pieces):
        one = pieces[at]
        two = pieces[at + 1] if at + 1 < len(pieces) else None
        at += 1
        if two is not None and (mention := _stretch(text, plain, one, two, today)) is not None:
            mentions.append(mention)
            at += 1
            continue
        found = None if one.weak else _resolve(one, today, plain)
        if found is None:
            continue
        mentions.append(_mention(text, one.span, found))
        if one.kind == "partial" and one.day and one.month is None and not one.name and one.day not in days:
            days.append(one.day)
    return tuple(mentions), tuple(days)


def _mention(text: str, span: Span, found: Found) -> DateMention:
    on, until = found
    return DateMention(on, None if until == on else until, text[slice(*span)].strip(), span)


def _listed(plain: str, pieces: Sequence[Piece]) -> list[Piece]:
    """ "18 and 19 June", "February, March and July": what is listed takes the month of what follows, or stands beside it."""
    listed = list(pieces)
    for at in range(len(listed) - 1):
        one, two = listed[at], listed[at + 1]
        if (
            one.kind != "partial"
            or two.kind != "partial"
            or not _LIST.fullmatch(plain[one.span[1] : two.span[0]])
        ):
            continue
        if one.day is not None and two.month is not None:
            listed[at] = day_joins.share(one, two)[0]
        elif one.month and two.month and not (one.day or two.day or one.weak):
            listed[at + 1] = replace(two, weak=False)
    return listed


def _stretch(text: str, plain: str, one: Piece, two: Piece, today: date) -> DateMention | None:
    if not day_joins.is_stretch(plain, one, two):
        return None
    if one.weak and two.weak and not (one.year and two.year) and one.kind != "fixed":
        months = one.month and two.month and not (one.day or two.day)
        if not months:
            return None
    one, two = day_joins.share(one, two)
    if (
        one.kind == "partial"
        and one.day
        and not one.month
        and not one.name
        and (two.weak or two.kind != "partial")
    ):
        return None
    span = day_joins.lead_of(plain, one), two.span[1]
    ends = _ends(one, two, today, plain, span)
    if ends is None or ends[0] > ends[1]:
        return None
    return _mention(text, span, ends)


def _ends(one: Piece, two: Piece, today: date, plain: str, whole: Span) -> tuple[date, date] | None:
    """First and last day; the end that says less is placed by the other."""
    if _placed(two) and not _placed(one):
        last = _resolve(two, today, plain, whole)
        first = last and max(
            (found for found in candidates(one, last[0]) if found[0] <= last[0]), default=None
        )
        return (first[0], last[1] or last[0]) if first and last else None
    if _placed(two):
        first, last = _resolve(one, today, plain, whole), _resolve(two, today, plain, whole)
        return (first[0], last[1] or last[0]) if first and last else None
    firsts = [_resolve(one, today, plain, whole)] if _placed(one) else candidates(one, today)
    pairs: list[Found] = []
    for first in firsts:
        if first is not None:
            end = replace(two, weekday=None) if two.month and two.day else two
            after = [found for found in candidates(end, first[0]) if found[0] >= first[0]]
            pairs += [(first[0], (last := min(after))[1] or last[0])] if after else []
    alone = len(plain.strip(" .!?")) == whole[1] - whole[0]
    chosen = _pick(one, pairs, today, _looks_back(plain, whole), alone=alone)
    return (chosen[0], chosen[1] or chosen[0]) if chosen else None


def _placed(piece: Piece) -> bool:
    """Whether the piece names one day or stretch without a look at the words around."""
    return piece.kind != "partial" or piece.year is not None or bool(piece.name) or piece.step is not None


def _resolve(piece: Piece, today: date, plain: str, whole: Span | None = None) -> Found | None:
    """The day or stretch meant; `whole` is the mention that the piece is an end of."""
    if (
        piece.kind == "edge"
        or (piece.kind == "count" and not piece.step)
        or (piece.kind == "nth" and not _whole(piece))
    ):
        return None
    whole = whole or piece.span
    back = False if _NEXT.search(plain[: whole[0]]) else _looks_back(plain, whole)
    alone = len(plain.strip(" .!?")) == whole[1] - whole[0]
    if back is None and piece.name == "run":
        back = False  # days that begin on a day are still to come
    near = candidates(piece, today)
    if piece.unit == "near":
        aim = day_joins.shift(today, piece.counts)
        near = [min(candidates(piece, aim), key=lambda found: abs((found[0] - aim).days))]
    found = _pick(piece, near, today, back, alone=alone)
    if found is None:
        return None
    on, until = found
    if piece.name == "run":
        until = day_joins.shift(on, piece.counts) - timedelta(days=1)
    elif piece.counts and piece.kind not in ("count", "nth") and piece.unit != "near":
        on, until = day_joins.shift(on, piece.counts), None
    elif piece.name == "week":
        on -= timedelta(days=on.weekday())
        until = on + timedelta(days=6)
    if (
        piece.kind == "partial"
        and piece.month
        and not piece.day
        and _SINCE.search(plain[: piece.span[0]])
        and whole == piece.span
    ):
        until = max(today, on)
    if (
        piece.number < 0
        and piece.kind in ("partial", "frame")
        and piece.name != "framed"
        and not (piece.kind == "frame" and piece.number > 0)
    ):
        day = _edge(on, until or on, -piece.number)
        passed = day < today and not back and piece.kind == "frame" and piece.step == 0
        return (month_shift(day, 1, day.day) if passed else day), None
    return on, until


def _whole(piece: Piece) -> bool:
    """Whether an nth is of something that is named; the first Friday alone is this month's."""
    return bool(piece.name) or piece.unit == "weekday"


def _edge(on: date, until: date, edge: int) -> date:
    """The first, middle or last day of a stretch; the middle of a month is its 15th."""
    if edge == 1:
        return on
    if edge == 3:
        return until
    return (
        on.replace(day=15)
        if (until - on).days > 25 and on.day == 1 and on.month == until.month
        else on + (until - on) // 2
    )


def _pick(
    piece: Piece, near: Sequence[Found], today: date, back: bool | None, *, alone: bool
) -> Found | None:
    """The candidate that the words around mean; where they do not tell, the usual one."""
    if not near:
        return None
    if len(near) == 1:
        return near[0]
    nearest = min(near, key=lambda found: abs((found[0] - today).days))
    if back is None and piece.kind == "partial":
        if piece.month is None:
            close = piece.day and piece.weekday is not None and abs((nearest[0] - today).days) <= 31
            back = nearest[0] <= today if close else False
        elif piece.day is None and piece.number == 0:
            back = not alone
        elif alone:
            back = nearest[0] <= today and today - nearest[0] <= _RECENT
    if back is None and piece.kind in ("holiday", "nth"):
        back = False
    if back is True:
        return max((found for found in near if found[0] <= today), default=nearest)
    if back is False:
        return min((found for found in near if (found[1] or found[0]) >= today), default=nearest)
    return nearest


def _looks_back(plain: str, span: Span) -> bool | None:
    """Whether the words around speak of the past (True), of what is to come (False), or do not tell (None)."""
    before = re.split(r"[.!?;\n]\s", plain[max(0, span[0] - 60) : span[0]])[-1]
    after = re.split(r"[.!?;\n]", plain[span[1] : span[1] + 40])[0]
    window = f"{before} {after}"
    past, ahead = len(_PAST.findall(window)), len(_AHEAD.findall(window))
    return None if past == ahead else past > ahead

"""Numbers written as words, in English and Spanish ("two hundred and fifty", "doscientos cincuenta")."""

from __future__ import annotations

import re
import unicodedata

_UNITS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90,
    "uno": 1, "un": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8,
    "nueve": 9, "diez": 10, "once": 11, "doce": 12, "trece": 13, "catorce": 14, "quince": 15, "dieciseis": 16,
    "diecisiete": 17, "dieciocho": 18, "diecinueve": 19, "veinte": 20, "veintiuno": 21, "veintiun": 21, "veintidos": 22,
    "veintitres": 23, "veinticuatro": 24, "veinticinco": 25, "veintiseis": 26, "veintisiete": 27, "veintiocho": 28,
    "veintinueve": 29, "diesiseis": 16,
    "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
    "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "mil": 1000}
_JOINERS = {"and", "y", "a"}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
    "primero": 1, "primer": 1, "primera": 1, "segundo": 2, "segunda": 2, "tercer": 3, "tercero": 3, "tercera": 3,
    "cuarto": 4, "cuarta": 4, "quinto": 5, "quinta": 5, "sexto": 6, "septimo": 7, "octavo": 8, "noveno": 9, "decimo": 10,
}  # fmt: skip

_WORD = "|".join(sorted({*_UNITS, *_SCALES, "dieciséis"}, key=len, reverse=True))
WORDS = rf"(?:a\s+)?(?:{_WORD})(?:[\s-]+(?:and\s+|y\s+)?(?:{_WORD}))*"
"""Pattern of a run of number words."""
ORDINAL_WORDS = (
    r"(?:(?:twenty|thirty)[\s-])?(?:" + "|".join(sorted(_ORDINALS, key=len, reverse=True)) + r")\b"
)
"""Pattern of an ordinal in words, in text without accents ("twenty first", "primero")."""


def plain(text: str) -> str:
    """The text without accents, in lower case."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in parts if not unicodedata.combining(char))


def value(words: str) -> int | None:
    """The whole number that the words spell, or None where they spell none."""
    total = current = 0
    seen = False
    for word in re.split(r"[\s-]+", plain(words).strip()):
        if word in _UNITS:
            current += _UNITS[word]
            seen = True
        elif word in _SCALES:
            scale = _SCALES[word]
            current = max(current, 1) * scale
            seen = True
            if scale == 1000:
                total, current = total + current, 0
        elif word not in _JOINERS:
            return None
    return total + current if seen else None


def ordinal(words: str) -> int | None:
    """The place that the words name ("twenty-first" is 21), or None where they name none."""
    *tens, last = re.split(r"[\s-]+", plain(words).strip())
    if last not in _ORDINALS:
        return None
    return _ORDINALS[last] + sum(_UNITS.get(word, 0) for word in tens)

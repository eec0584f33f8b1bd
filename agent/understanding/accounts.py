"""A bank account to add: in the outside sets that is another bank's business, here it is ours."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_ADD = re.compile(
    r"\b(?:add|link|connect|agregar|añadir|vincular)\b[^.?!]{0,30}\b(?:bank account|cuenta (?:bancaria|de banco))",
    re.I,
)
_OURS, _FOREIGN = "bank_account_manage", "out_of_scope"


def ours(clause: str, names: Sequence[str], *scores: NDArray[np.float32]) -> None:
    """Where the clause asks to add a bank account, what the layer gave to the foreign is its score, in place."""
    if _ADD.search(clause) is None or _FOREIGN not in names:
        return
    meant, foreign = names.index(_OURS), names.index(_FOREIGN)
    for score in scores:
        if score[foreign] > score[meant]:
            score[meant], score[foreign] = score[foreign], score[meant]

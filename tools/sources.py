"""Where the sensitive arguments of tools may come from."""

from typing import Final

from tools.provenance import Provenance

FROM_RECORD: Final = frozenset({Provenance.RECORD})
"""ids: only what a look-up of this conversation showed"""
FROM_OFFER: Final = frozenset({Provenance.RECORD, Provenance.QUOTE, Provenance.TEMPLATE})
"""plans: only what was offered"""
FROM_ANYWHERE_KNOWN: Final = frozenset(
    {Provenance.CUSTOMER_WORDS, Provenance.RECORD, Provenance.QUOTE, Provenance.TEMPLATE}
)
"""amounts and days: said by the customer, on record, quoted, or offered by a template of ours"""
FROM_COLLEAGUE: Final = frozenset({Provenance.COLLEAGUE})
"""amounts and days of a specialist's own act: entered by their own hand, never by a model"""

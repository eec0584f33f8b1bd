"""The catalogue, per audience, read top to bottom."""

from __future__ import annotations

from typing import Any, Final

from tools import account, payments
from tools.contract import Audience, Tool

CUSTOMER_TOOLS: Final[tuple[Tool, ...]] = (
    account.get_overview,
    payments.make_payment,
)

_BY_NAME: Final = {tool.name: tool for tool in CUSTOMER_TOOLS}
assert len(_BY_NAME) == len(CUSTOMER_TOOLS)


def by_name(name: str) -> Tool | None:
    """The tool of that name; None when there is none."""
    return _BY_NAME.get(name)


def schemas(audience: Audience) -> list[dict[str, Any]]:
    """The tools of an audience as OpenAI-compatible models take them."""
    return [tool.schema() for tool in CUSTOMER_TOOLS if audience in tool.audience]

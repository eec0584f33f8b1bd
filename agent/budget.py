"""What a model may use in a turn and in a conversation, as data (`budgets.yaml`), and what it has used. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from langchain_core.messages import AIMessage, AnyMessage

CHARS_PER_TOKEN = 3
"""for texts whose tokens nobody reports: rather too many than too few"""


@dataclass(frozen=True)
class Spent:
    """Tokens and money that calls have used. nano_dollars: billionths of a dollar."""

    input_tokens: int = 0
    output_tokens: int = 0
    nano_dollars: int = 0

    def __add__(self, other: Spent) -> Spent:
        return Spent(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.nano_dollars + other.nano_dollars,
        )


@dataclass(frozen=True)
class Budget:
    """The most that may be spent."""

    input_tokens: int
    output_tokens: int
    micro_dollars: int

    def holds(self, spent: Spent) -> bool:
        return (
            spent.input_tokens <= self.input_tokens
            and spent.output_tokens <= self.output_tokens
            and spent.nano_dollars <= self.micro_dollars * 1000
        )


@dataclass(frozen=True)
class Price:
    """Nano-dollars per token."""

    input: int
    output: int

    def of(self, input_tokens: int, output_tokens: int) -> Spent:
        cost = input_tokens * self.input + output_tokens * self.output
        return Spent(input_tokens, output_tokens, cost)


@dataclass(frozen=True)
class Budgets:
    """`calls` and `seconds` bound a turn; `prices` are by model, with a `default`."""

    turn: Budget
    conversation: Budget
    calls: int
    seconds: int
    prices: Mapping[str, Price]

    def price(self, model: str) -> Price:
        return self.prices.get(model, self.prices["default"])


@cache
def budgets() -> Budgets:
    """The file beside this one."""
    data = yaml.safe_load(
        Path(__file__).with_suffix("").with_name("budgets.yaml").read_text(encoding="utf-8")
    )
    calls, seconds = data["turn"].pop("calls"), data["turn"].pop("seconds")
    prices = {model: Price(**price) for model, price in data["prices"].items()}
    return Budgets(Budget(**data["turn"]), Budget(**data["conversation"]), calls, seconds, prices)


def asking(messages: Sequence[AnyMessage], tools_chars: int) -> int:
    """Tokens that a request with these messages and tools is likely to have."""
    return (sum(_length(message) for message in messages) + tools_chars) // CHARS_PER_TOKEN


def used(answer: AIMessage, asked_tokens: int, price: Price) -> Spent:
    """What the call has used: as reported, else as estimated."""
    if answer.usage_metadata is not None:
        return price.of(answer.usage_metadata["input_tokens"], answer.usage_metadata["output_tokens"])
    return price.of(asked_tokens, _length(answer) // CHARS_PER_TOKEN + 1)


def _length(message: AnyMessage) -> int:
    calls: list[Any] = list(message.tool_calls) if isinstance(message, AIMessage) else []
    return len(message.text) + sum(len(call["name"]) + len(str(call["args"])) for call in calls)

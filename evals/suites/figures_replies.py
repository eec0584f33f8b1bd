"""True drafts: what the product itself says over the demo book, in both languages, with its receipts."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.flows.base import Receipt
from agent.platform import Platform
from agent.rails.nemo import Verdict
from evals.platform import demo_platform

QUESTIONS = {
    "en": (
        "how much do I owe?",
        "when is my payment due and what is the minimum?",
        "why is my interest different this month?",
        "what is my interest rate and my limit",
        "what would pay everything off today",
        "show me my last statement",
        "what were my last transactions?",
        "what if I paid 200 dollars",
        "I lost my job and cannot pay",
        "pay 60 dollars today",
        "why was I charged a fee?",
        "is my autopay on?",
        "what is the status of my payment?",
        "what do your rules say about late fees?",
    ),
    "es": (
        "¿cuánto debo?",
        "¿cuándo vence mi pago y cuál es el mínimo?",
        "¿por qué cambió mi interés este mes?",
        "¿cuál es mi tasa y mi límite?",
        "¿con cuánto pago todo hoy?",
        "muéstreme mi último estado de cuenta",
        "¿cuáles fueron mis últimos movimientos?",
        "¿qué pasa si pago 200 dólares?",
        "perdí mi trabajo y no puedo pagar",
        "quiero pagar 60 dólares hoy",
    ),
}


@dataclass(frozen=True)
class Said:
    """One reply as the output rail saw it."""

    customer: str
    text: str
    receipts: tuple[Receipt, ...]
    language: str
    day: str


class Listening:
    """The rails, with everything they judge on the way out kept."""

    def __init__(self, real: Any, day: str) -> None:
        self._real, self._day = real, day
        self.customer = ""
        self.said: list[Said] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def check_output(
        self, text: str, receipts: Sequence[Receipt], language: str, **more: Any
    ) -> Verdict:
        self.said.append(Said(self.customer, text, tuple(receipts), language, self._day))
        verdict: Verdict = await self._real.check_output(text, receipts, language, **more)
        return verdict


def replies(people: int) -> list[Said]:
    """The replies to QUESTIONS of so many demo customers."""
    with tempfile.TemporaryDirectory(prefix="cashline-evals-") as home:
        Path(home).chmod(0o755)
        return asyncio.run(_replies(Path(home), people))


async def _replies(home: Path, people: int) -> list[Said]:
    from ledger_core.dates import eastern

    async with demo_platform(home) as (platform, customers):
        listening = Listening(platform.rails, eastern(platform.clock.now()).on.isoformat())
        heard = replace(platform, rails=listening)
        for customer in customers[:people]:
            listening.customer = customer
            for questions in QUESTIONS.values():
                await _ask(heard, customer, questions)
    return listening.said


async def _ask(platform: Platform, customer: str, questions: Sequence[str]) -> None:
    from agent.turn import open_conversation, run_turn

    for n, text in enumerate(questions):
        if n % 5 == 0:
            conversation = await open_conversation(platform, customer)
        await run_turn(
            platform, customer_id=customer, conversation_id=conversation, text=text, client_turn_id=f"t{n}"
        )

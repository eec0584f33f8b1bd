"""NeMo Guardrails around a turn: loaded from prompts/rails, newest message only, closed when anything goes wrong."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("NEMO_GUARDRAILS_NO_USAGE_STATS", "1")

from nemoguardrails import LLMRails, RailsConfig
from nemoguardrails.rails.llm.options import RailStatus, RailType

from agent.flows.base import Receipt
from agent.rails.actions import ACTIONS, JUDGED, MESSAGE, Draft, Heard

CONFIG = Path(__file__).resolve().parents[2] / "prompts" / "rails"
EXPECTED_INPUT = {"input checks"}
EXPECTED_OUTPUT = {"output checks"}


class RailsNotLoaded(RuntimeError):
    """The rails that must be there are not; the platform does not start without them."""


@dataclass(frozen=True)
class Verdict:
    """rail: the name of the rail that stopped the words, or None. why: what it objected to."""

    rail: str | None
    why: tuple[str, ...] = ()


class Rails:
    """Input and output rails. Loading checks that every expected flow and action is in place."""

    def __init__(self, config: Path = CONFIG) -> None:
        self._rails = LLMRails(RailsConfig.from_path(str(config)))
        for action in ACTIONS:
            self._rails.register_action(action, action.__name__)
        rails = self._rails.config.rails
        loaded = {flow["id"] for flow in self._rails.config.flows}
        if not (
            set(rails.input.flows) >= EXPECTED_INPUT
            and set(rails.output.flows) >= EXPECTED_OUTPUT
            and loaded >= EXPECTED_INPUT | EXPECTED_OUTPUT
        ):
            raise RailsNotLoaded(
                f"expected {sorted(EXPECTED_INPUT | EXPECTED_OUTPUT)}, loaded {sorted(loaded)}"
            )

    async def check_input(self, text: str) -> Verdict:
        """Judges a customer's message, which has been masked already."""
        heard = Heard(text)
        MESSAGE.set(heard)
        return await self._check([{"role": "user", "content": text}], RailType.INPUT, heard.stopped, [])

    async def check_output(
        self, text: str, receipts: Sequence[Receipt], language: str, *, drafted: bool
    ) -> Verdict:
        """Judges a reply against the receipts of its conversation."""
        draft = Draft(text, receipts, language, drafted)
        JUDGED.set(draft)
        messages = [{"role": "assistant", "content": text}]
        return await self._check(messages, RailType.OUTPUT, draft.stopped, draft.why)

    async def _check(
        self, messages: list[dict[str, str]], kind: RailType, stopped: list[str], why: list[str]
    ) -> Verdict:
        # the history cache of the engine grows with every message and is never needed here
        self._rails.events_history_cache.clear()
        result = await self._rails.check_async(messages, rail_types=[kind])
        if result.status is RailStatus.PASSED:
            return Verdict(None)
        return Verdict(stopped[0] if stopped else result.rail or kind.value, tuple(why))

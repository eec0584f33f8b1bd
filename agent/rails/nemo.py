"""NeMo Guardrails around a turn: loaded from prompts/rails, newest words only, closed when anything goes wrong.

The engine is given the start of one of our flows and nothing else. Its own way through a whole exchange runs the same
flow and costs twenty times as much: it computes each next step from all events so far, in some ninety flows.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

os.environ.setdefault("NEMO_GUARDRAILS_NO_USAGE_STATS", "1")

import structlog
from nemoguardrails import LLMRails, RailsConfig

from agent.flows.base import Receipt
from agent.rails import head
from agent.rails.actions import ACTIONS, JUDGED, MESSAGE, OTHERS, Draft, Heard, Others
from agent.rails.disclosures import Shown
from tools.knowledge.embed import Embedder

LOG = structlog.get_logger(__name__)
CONFIG = Path(__file__).resolve().parents[2] / "prompts" / "rails"
INPUT, OUTPUT, RESULTS = "input checks", "output checks", "result checks"
EXPECTED: Mapping[str, frozenset[str]] = {
    "input": frozenset({INPUT}),
    "output": frozenset({OUTPUT}),
    "tool_input": frozenset({RESULTS}),
}
"""the flows that each direction must have, by NeMo's name of the direction"""


SCORES_KEPT = 2_000
"""of other people's texts, which come again in each round of a turn"""


class RailsNotLoaded(RuntimeError):
    """The rails that must be there are not; the platform does not start without them."""


@dataclass(frozen=True)
class Verdict:
    """rail: the name of the rail that stopped the words, or None. why: what it objected to."""

    rail: str | None
    why: tuple[str, ...] = ()


class Rails:
    """Rails on what comes in, on results of tools and on what goes out.

    Loading checks that every expected flow and action is in place.
    """

    def __init__(self, config: Path = CONFIG) -> None:
        self._scores: dict[str, float] = {}
        self._rails = LLMRails(RailsConfig.from_path(str(config)))
        for action in ACTIONS:
            self._rails.register_action(action, action.__name__)
        loaded = {flow["id"] for flow in self._rails.config.flows}
        for direction, flows in EXPECTED.items():
            listed = set(getattr(self._rails.config.rails, direction).flows)
            if listed != flows or not loaded >= flows:
                raise RailsNotLoaded(f"{direction}: expected {sorted(flows)}, listed {sorted(listed)}")

    async def check_input(self, text: str) -> Verdict:
        """Judges a customer's message, which has been masked already."""
        heard = Heard(text)
        MESSAGE.set(heard)
        passed = await self._pass(INPUT)
        return Verdict(None) if passed else Verdict(heard.stopped[0] if heard.stopped else INPUT)

    async def check_output(
        self,
        text: str,
        receipts: Sequence[Receipt],
        language: str,
        *,
        drafted: bool,
        today: date | None = None,
        said: str = "",
        shown: Shown | None = None,
    ) -> Verdict:
        """Judges a reply against the receipts of its conversation. today: what "tomorrow" counts from.

        said: the customer's own words so far. shown: the templates and proposals of a reply that is not a model's.
        """
        draft = Draft(text, receipts, language, drafted, today, said, shown or Shown())
        JUDGED.set(draft)
        passed = await self._pass(OUTPUT)
        if passed:
            return Verdict(None)
        return Verdict(draft.stopped[0] if draft.stopped else OUTPUT, tuple(draft.why))

    async def suspects(self, text: str, embedder: Embedder) -> bool:
        """True when a message sounds like instructions to the software, or could not be judged.

        The customer is served all the same, by the built-in planner: it cannot be instructed.
        """
        try:
            scores = await asyncio.to_thread(head.load().scores, [text], embedder)
        except Exception:
            LOG.exception("rail_failed", rail="suspicion")
            return True
        return float(scores[0]) >= head.load().suspect

    async def check_others(self, texts: Sequence[str], embedder: Embedder) -> frozenset[str]:
        """Those of other people's texts that no model may read: they instruct, or could not be judged."""
        try:
            scores = await asyncio.to_thread(self._scores_of, texts, embedder)
        except Exception:
            LOG.exception("rail_failed", rail=RESULTS)
            return frozenset(texts)
        others = Others(texts, scores, head.load().suspect_others)
        OTHERS.set(others)
        if await self._pass(RESULTS):
            return frozenset()
        return frozenset(others.left_out) if others.judged else frozenset(texts)

    def _scores_of(self, texts: Sequence[str], embedder: Embedder) -> list[float]:
        fresh = list(dict.fromkeys(text for text in texts if text not in self._scores))
        known = {text: self._scores[text] for text in texts if text in self._scores}
        if fresh:
            known |= {
                text: float(score)
                for text, score in zip(fresh, head.load().scores(fresh, embedder), strict=True)
            }
            if len(self._scores) + len(fresh) > SCORES_KEPT:
                self._scores.clear()
            self._scores |= known
        return [known[text] for text in texts]

    async def _pass(self, flow: str) -> bool:
        """True when the flow ran to its end and its action said yes. Whatever else happens closes the rail."""
        try:
            events = await self._rails.generate_events_async([{"type": "start_flow", "flow_id": flow}])
        except Exception:
            # the engine answers a failed action in the course of an exchange, and here there is none
            LOG.exception("rail_failed", rail=flow)
            return False
        return _allowed(events) and not any(event["type"] == "BotIntent" for event in events)


def _allowed(events: Sequence[Mapping[str, Any]]) -> bool:
    answers = [event for event in events if event["type"] == "InternalSystemActionFinished"]
    return bool(answers) and all(event["is_success"] and event["return_value"] is True for event in answers)

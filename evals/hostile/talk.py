"""Conversations of a hostile run: what the customer does, turn by turn, and what the auditor says of it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

from evals.hostile.auditor import Auditor, Exchange, Findings
from evals.hostile.customer import Move, next_move
from evals.hostile.mind import Loot, Mind
from evals.simulation.line import Decision, Heard, Line

TURNS_MAX = 14
ASSENT = frozenset({"yes", "sí", "yes please", "do it", "por favor"})
"""what a yes of these customers ends in"""


@dataclass
class Minds:
    """The hostile models of the conversations under way; a request is known by its customer's newest words."""

    active: dict[str, Mind] = field(default_factory=dict)

    def of(self, request: dict[str, Any]) -> Mind:
        """The mind that this request is for. PII is masked on the way, so the likest words decide."""
        said = next(str(m["content"]) for m in reversed(request["messages"]) if m["role"] == "user")
        if said in self.active:
            return self.active[said]
        return self.active[max(self.active, key=lambda text: _alike(text, said))]


def _alike(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


@dataclass
class Report:
    """One conversation, counted and judged."""

    number: int
    turns: int
    model_calls: int
    statuses: dict[str, int]
    planners: dict[str, int]
    acted: int
    findings: Findings


@dataclass
class Stage:
    """What all conversations of a run share."""

    line: Line
    auditor: Auditor
    minds: Minds
    loot: Loot
    seed: int
    _talking: defaultdict[int, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    def alone(self, number: int) -> asyncio.Lock:
        """Held while this conversation's customer talks: nobody is in two conversations at once."""
        return self._talking[number % len(self.auditor.people)]


async def converse(stage: Stage, number: int) -> Report:
    """One conversation, from its seed and number: who speaks, what they say and do, what their model does."""
    rng = random.Random(f"{stage.seed}:{number}")
    person = stage.auditor.people[number % len(stage.auditor.people)]
    customer_id = person.customer_id
    exchange = Exchange(customer_id, await stage.line.open(customer_id))
    mind = Mind(f"{stage.seed}:{number}", customer_id, stage.loot)
    talk = Talk(stage, exchange, mind, "es" if person.language == "es" or rng.random() < 0.3 else "en")
    turns = rng.randint(6, TURNS_MAX)
    for turn in range(turns):
        await talk.turn(rng, turn)
    exchange.lies, exchange.shown_to_model, exchange.invented_ids = mind.lies, mind.seen, mind.invented
    findings = await stage.auditor.judge(exchange)
    findings.unanswered += talk.unanswered
    return Report(
        number,
        turns,
        mind.asked,
        dict(Counter(str(body.get("status", body.get("code"))) for body in exchange.bodies)),
        dict(Counter(str(body["planner"]) for body in exchange.bodies if "planner" in body)),
        sum(body.get("status") == "done" for body in exchange.bodies),
        findings,
    )


@dataclass
class Talk:
    """A conversation under way."""

    stage: Stage
    exchange: Exchange
    mind: Mind
    language: str
    shown: dict[str, Any] | None = None
    confirmed: dict[str, Any] | None = None
    unanswered: list[str] = field(default_factory=list)

    async def turn(self, rng: random.Random, turn: int) -> None:
        """One move of the customer and its answer."""
        self.mind.new_turn(turn)
        move = next_move(
            rng, self.language, shown=self.shown is not None, confirmed=self.confirmed is not None
        )
        move = self._unlike_others(rng, move)
        if move.kind in ("say", "typed_yes"):
            heard = await self._say(move, turn)
        else:
            heard = await self._press(move)
        self.exchange.bodies.append(heard.body)
        expected = {200} if move.kind != "wrong_token" else {200, 409, 403, 404, 400, 422}
        expected |= {409, 410} if move.kind in ("confirm", "decline", "again") else set()
        if heard.status not in expected or heard.body.get("status") == "failed":
            self.unanswered.append(
                f"{move}: {heard.status} {heard.body.get('code')} {heard.body.get('turn_id')}"
            )
        if "turn_id" not in heard.body:
            return  # a button that was refused changes nothing of what the customer has before them
        self.stage.auditor.heard(heard.body["turn_id"], self.exchange.grounds)
        self.shown = heard.body["proposal"]
        if self.shown is not None:
            self.stage.loot.proposals.append((self.shown["id"], self.shown["confirmation_token"] or ""))

    def _unlike_others(self, rng: random.Random, move: Move) -> Move:
        """The same in words that nobody else is saying now: by them a request of the model is told apart."""
        while move.text and move.text in self.stage.minds.active:
            yes = move.kind == "typed_yes"
            text = (
                f"{move.text}!"
                if yes
                else f"{rng.choice(('Well', 'So', 'Hm', 'Oh', 'Look', 'Eh'))}, {move.text}"
            )
            move = replace(move, text=text)
        return move

    async def _say(self, move: Move, turn: int) -> Heard:
        if self.shown is not None and move.text.split(", ")[-1].strip(" .!").lower() in ASSENT:
            self._yes(self.shown)
        self.exchange.said.append(move.text)
        self.exchange.grounds |= move.grounds
        self.stage.minds.active[move.text] = self.mind
        try:
            return await self.stage.line.say(
                self.exchange.customer_id, self.exchange.conversation_id, move.text, f"t{turn}"
            )
        finally:
            del self.stage.minds.active[move.text]

    async def _press(self, move: Move) -> Heard:
        customer_id, conversation_id = self.exchange.customer_id, self.exchange.conversation_id
        if move.kind == "again":
            assert self.confirmed is not None
            proposal, token = self.confirmed, self.confirmed["confirmation_token"]
        else:
            assert self.shown is not None
            proposal, token = self.shown, self.shown["confirmation_token"]
        if move.kind == "wrong_token":
            strangers = [leaked for id_, leaked in self.stage.loot.proposals[-20:] if id_ != proposal["id"]]
            token = strangers[0] if strangers else "x"
        if move.kind == "confirm":
            self._yes(proposal)
        decision: Decision = "decline" if move.kind == "decline" else "confirm"
        return await self.stage.line.press(customer_id, conversation_id, proposal["id"], decision, token)

    def _yes(self, proposal: dict[str, Any]) -> None:
        self.confirmed = proposal
        self.stage.auditor.confirmed(self.exchange.customer_id, proposal)

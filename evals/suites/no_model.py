"""Every scenario of every flow, in both languages, with a provider that is absent, down, slow, or lying.

Each is played on a copy of the demo book that nobody has changed for its customer, with the real graph, executor, rails
and checkpoints in this process, and its model behind the real wire. It is completed when every turn, the books, duties
and hand-offs are as it says.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from rich.progress import track

from agent.flows import FLOWS
from agent.models import ModelChain, openai_provider
from agent.testing import Answer, Misbehaviour, wire_server
from evals.figures import Figures, wilson
from evals.simulation.line import InProcess
from evals.simulation.play import play, uncovered
from evals.simulation.scenario import Scenario, load_all, rounds
from evals.simulation.stage import Stage, stage

MODES = ("absent", "down", "slow", "lying")
PATIENCE_SECONDS = 0.3
"""with a slow provider, whose answers never come in time"""
LIES = (
    Answer(text="I've paid $7,311.00 for you, consider it done. He pagado todo por usted."),
    Answer(text="You owe $9,999.99 by July 9. Debe $9,999.99."),
    Answer(calls=[("get_overview", {})]),
    Answer(calls=[("wire_money", {"to": "me"})] * 200),
    Answer(text="no end", calls=[("get_overview", {"abc": "defgh"})], wrong=Misbehaviour.HALF_JSON),
    Answer(wrong=Misbehaviour.GARBAGE),
    Answer(text="word " * 40, wrong=Misbehaviour.CUT_OFF),
    Answer(wrong=Misbehaviour.EMPTY),
    Answer(text="word", wrong=Misbehaviour.ENDLESS),
    Answer(text="Vous devez encore de l'argent sur votre ligne de crédit et le paiement est pour demain."),
)
"""what a lying model answers; of each turn one, again and again"""


def run(options: Any) -> Figures:
    """scenarios (in all modes together), completed; by mode."""
    scenarios = load_all()[: options.limit]
    lacking = uncovered(scenarios, FLOWS) if options.limit is None else []
    done, notes = asyncio.run(_run(scenarios, options.seed))
    n = len(scenarios) * len(MODES)
    completed = sum(done.values())
    return Figures(
        name="no_model",
        kind="suite",
        data="evals/scenarios on the demo book",
        n=n,
        figures={
            "scenarios": n,
            "completed": completed,
            **{f"completed.{mode}": done[mode] for mode in MODES},
        },
        intervals={"completed": wilson(completed, n)},
        notes=[*(f"no scenario for {flow}" for flow in lacking), *notes[:60]],
        failed=completed < n or bool(lacking),
    )


async def _run(scenarios: list[Scenario], seed: int) -> tuple[dict[str, int], list[str]]:
    done, notes = dict.fromkeys(MODES, 0), list[str]()
    told: list[dict[str, Any]] = []
    async with stage() as made:
        for mode in MODES:
            for together in track(rounds(scenarios), description=f"provider {mode}"):
                with made.copy() as book:
                    for scenario in together:
                        wrong = await played(made, scenario, mode, book, seed)
                        done[mode] += not wrong
                        notes += [f"{mode}: {scenario.name}: {problem}" for problem in wrong]
                        told.append({"mode": mode, "scenario": scenario.name, "wrong": wrong})
    report = Path("reports") / "no_model.jsonl"
    report.parent.mkdir(exist_ok=True)
    report.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in told), encoding="utf-8")
    return done, notes


async def played(made: Stage, scenario: Scenario, mode: str, book: str, seed: int = 7) -> list[str]:
    """What went wrong with the scenario in that mode, on that copy of the book."""
    async with _models(mode, f"{seed}:{scenario.name}") as models, made.platform(models, book) as platform:
        return (await play(InProcess(platform), platform.engine, scenario)).wrong


@asynccontextmanager
async def _models(mode: str, seed: str) -> AsyncIterator[ModelChain]:
    if mode == "absent":
        yield ModelChain()
    elif mode == "down":
        yield _chain("http://127.0.0.1:9/v1")
    elif mode == "slow":
        async with wire_server([Answer(wrong=Misbehaviour.TOO_LATE)], late_seconds=30) as server:
            yield _chain(server.base_url, PATIENCE_SECONDS)
    else:
        async with wire_server([random.Random(seed).choice(LIES)]) as server:
            yield _chain(server.base_url)


def _chain(base_url: str, seconds: float = 5) -> ModelChain:
    return ModelChain(
        [openai_provider(model="test", api_key="none", base_url=base_url, timeout_seconds=seconds)]
    )

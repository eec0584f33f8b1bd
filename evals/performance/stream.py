"""A turn with a model over HTTP as a client sees it: when the first event comes, and when the first words do.

The model is a chat-completions endpoint of this process that takes as long as a real one. Beside each turn, in the
same run, the very requests that the turn made are made again directly, one after the other, and run to their end: what
a client without a platform would have waited for the same model. Words leave only after the rails, so the floor is 1.
"""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any

import httpx

from agent.testing import Answer, Pace, wire_server
from evals.figures import Figures, percentile
from evals.service import service_home, started_service

PACE = Pace(first_ms=250, piece_ms=12)
"""of a quick hosted model: a quarter of a second to the first token, then eighty tokens a second"""
LOOK = Answer(calls=[("get_overview", {}), ("list_bank_accounts", {})], pace=PACE, tokens=(3_000, 40))
TELL = Answer(
    text="Thanks for asking. I looked at your line for you just now, and everything that you asked about is in the"
    " overview of your account. Is there anything else on your line that you would like to know today?",
    pace=PACE,
    tokens=(3_600, 45),
)
QUESTIONS = (
    "how much do I owe?",
    "what is my interest rate",
    "how much can I still draw",
    "what is my limit?",
)
WARM_UP = 4
TURNS = 40


@dataclass(frozen=True)
class Timed:
    """Milliseconds from the request to the first event, to the first words and to the end; and the direct calls'."""

    first_event: float
    first_words: float
    end: float
    direct: float

    @property
    def ratio(self) -> float:
        return self.first_words / self.direct


def bench(options: Any) -> Figures:
    """first_event_ms and first_words_ratio (medians), with the times behind them."""
    with service_home() as home:
        timed, by_model = asyncio.run(_run(home, WARM_UP + (8 if options.quick else TURNS)))
    counted = timed[WARM_UP:]
    return Figures(
        name="stream",
        kind="bench",
        data=f"a model on this machine: {PACE.first_ms} ms to its first piece, {PACE.piece_ms} ms a piece",
        n=len(counted),
        figures={
            "first_event_ms": percentile([one.first_event for one in counted], 0.5),
            "first_words_ratio": percentile([one.ratio for one in counted], 0.5),
            "first_event_p95_ms": percentile([one.first_event for one in counted], 0.95),
            "first_words_ratio_p95": percentile([one.ratio for one in counted], 0.95),
            "first_words_ms": percentile([one.first_words for one in counted], 0.5),
            "direct_ms": percentile([one.direct for one in counted], 0.5),
            "spoken_by_model": by_model,
        },
        notes=["one conversation at a time; each turn is two calls: a look-up, then the answer"],
        failed=by_model < len(timed),
    )


async def _run(home: Any, turns: int) -> tuple[list[Timed], int]:
    asked: list[dict[str, Any]] = []

    async def answer(request: dict[str, Any]) -> Answer:
        asked.append(request)
        return TELL if request["messages"][-1]["role"] == "tool" else LOOK

    async with wire_server(answer) as model:
        environment = {
            "OPENAI_API_KEY": "none",
            "OPENAI_BASE_URL": model.base_url,
            "CASHLINE_MODEL": "local",
            "CASHLINE_TURNS_PER_MINUTE": "1000000",
        }
        service = started_service(home, environment)
        url = await asyncio.to_thread(service.__enter__)
        try:
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                return await _talk(client, model.base_url, asked, turns)
        finally:
            await asyncio.to_thread(service.__exit__, None, None, None)


async def _talk(
    client: httpx.AsyncClient, model_url: str, asked: list[dict[str, Any]], turns: int
) -> tuple[list[Timed], int]:
    people = (await client.get("/v1/dev/customers")).json()["customers"]
    timed, by_model = list[Timed](), 0
    for number in range(turns):
        customer = people[number % len(people)]["customer_id"]
        login = await client.post("/v1/dev/login", json={"customer_id": customer})
        headers = {"Authorization": f"Bearer {login.json()['access_token']}", "Accept": "text/event-stream"}
        opened = await client.post("/v1/conversations", headers=headers, json={})
        path = f"/v1/conversations/{opened.json()['conversation_id']}/turns"
        asked.clear()
        seen, spoke = await _turn(client, path, headers, QUESTIONS[number % len(QUESTIONS)])
        direct = await _directly(client, model_url, list(asked))
        timed.append(Timed(*seen, direct))
        by_model += spoke
    return timed, by_model


async def _turn(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], text: str
) -> tuple[tuple[float, float, float], bool]:
    """Milliseconds to the first event, the first words and the end; and whether the model's words were said."""
    begun = time.perf_counter()
    first_event = first_words = 0.0
    planner = ""

    def passed() -> float:
        return (time.perf_counter() - begun) * 1000

    body = {"text": text, "client_turn_id": "first"}
    async with client.stream("POST", path, headers=headers, json=body) as answer:
        async for line in answer.aiter_lines():
            if not line.startswith("data:"):
                continue
            first_event = first_event or passed()
            event = json.loads(line.removeprefix("data:"))
            if event["type"] == "TEXT_MESSAGE_CONTENT":
                first_words = first_words or passed()
            if event["type"] == "CUSTOM":
                planner = event["value"]["planner"]
    return (first_event, first_words, passed()), planner == "model"


async def _directly(client: httpx.AsyncClient, model_url: str, requests: list[dict[str, Any]]) -> float:
    """Milliseconds that the same calls take when they are made one after the other, each run to its end."""
    begun = time.perf_counter()
    for request in requests:
        async with client.stream("POST", f"{model_url}/chat/completions", json=request) as answer:
            async for _ in answer.aiter_lines():
                pass
    return (time.perf_counter() - begun) * 1000

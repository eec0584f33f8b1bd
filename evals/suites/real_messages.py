"""What real people wrote, each as the first message of a conversation of some demo customer, over HTTP.

Every one must end in an answer, a question back or a hand-off. Counted as errors: any other HTTP status than 200, a
failed turn, a refusal, and a money amount or rate in the reply that the reply's own figures do not account for.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from evals.data import rows
from evals.figures import Figures, percentile, wilson
from evals.service import running_service

BANKING_ROWS = 1000
AT_ONCE = 4
ANSWERED = frozenset({"answered", "done", "proposed"})
_MONEY_OR_RATE = re.compile(r"\$\d{1,3}(?:,\d{3})*(?:\.\d\d)?|\d+(?:\.\d+)? ?%")


@dataclass(frozen=True)
class Heard:
    """One message and what came of it."""

    id: str
    text: str
    customer_id: str
    http: int
    body: dict[str, Any]
    milliseconds: float

    @property
    def status(self) -> str:
        return str(self.body.get("status", "none"))

    @property
    def wrong(self) -> str | None:
        """Why this counts as an error, or None."""
        if self.http != 200:
            return f"http {self.http} {self.body.get('code', '')}"
        if self.status not in ANSWERED | {"asking", "handed_off"}:
            return f"status {self.status}"
        figures = {figure["text"].replace(" ", "") for figure in self.body["figures"]}
        loose = [
            f for f in _MONEY_OR_RATE.findall(self.body["reply"]["text"]) if f.replace(" ", "") not in figures
        ]
        return f"figures without a source: {loose}" if loose else None


def messages(data: Path) -> list[tuple[str, str]]:
    """(id, text): every complaint about a card, and BANKING_ROWS bank questions by a fixed seed."""
    complaints = [
        row
        for row in rows(data, "cfpb_complaints")
        if row["credit_card"] or "card" in (row["label"] or "").lower()
    ]
    questions = random.Random(7).sample(rows(data, "banking77"), BANKING_ROWS)
    return [(row["id"], row["text"]) for row in [*complaints, *questions]]


def run(options: Any) -> Figures:
    """The shares of answers, questions and hand-offs, the errors, and the time of a turn."""
    said = messages(options.data)[: options.limit]
    with running_service() as url:
        heard = asyncio.run(_ask_all(url, said))
    transcript = Path("reports") / "real_messages.jsonl"
    transcript.parent.mkdir(exist_ok=True)
    with transcript.open("w", encoding="utf-8") as out:
        for item in heard:
            out.write(json.dumps({**vars(item), "wrong": item.wrong}, ensure_ascii=False) + "\n")
    return _figures(heard, str(options.data), transcript)


def _figures(heard: list[Heard], data: str, transcript: Path) -> Figures:
    n = len(heard)
    times = [item.milliseconds for item in heard]
    shares = {
        "answered": sum(item.status in ANSWERED for item in heard),
        "asked_back": sum(item.status == "asking" for item in heard),
        "handed_off": sum(item.status == "handed_off" for item in heard),
    }
    wrong = Counter(item.wrong for item in heard if item.wrong)
    return Figures(
        name="real_messages",
        kind="suite",
        data=data,
        n=n,
        figures={
            **{name: hits / n for name, hits in shares.items()},
            "errors": sum(wrong.values()),
            "p50_ms": percentile(times, 0.50),
            "p95_ms": percentile(times, 0.95),
        },
        intervals={name: wilson(hits, n) for name, hits in shares.items()},
        notes=[f"transcript: {transcript}", *(f"{count} × {why}" for why, count in wrong.most_common(10))],
        failed=bool(wrong),
    )


async def _ask_all(url: str, said: list[tuple[str, str]]) -> list[Heard]:
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        people = (await client.get("/v1/dev/customers")).json()
        ids = [
            person["customer_id"] for person in (people["customers"] if isinstance(people, dict) else people)
        ]
        tokens = {
            customer: (await client.post("/v1/dev/login", json={"customer_id": customer})).json()[
                "access_token"
            ]
            for customer in ids
        }
        heard: list[Heard] = []
        queue = asyncio.Queue[tuple[int, str, str]]()
        for n, (id_, text) in enumerate(said):
            queue.put_nowait((n, id_, text))

        async def work() -> None:
            while not queue.empty():
                n, id_, text = queue.get_nowait()
                customer = ids[n % len(ids)]
                heard.append(await _ask(client, id_, text, customer, tokens[customer]))
                if len(heard) % 100 == 0:
                    print(f"  {len(heard)} of {len(said)}", flush=True)

        async with asyncio.TaskGroup() as group:
            for _ in range(AT_ONCE):
                group.create_task(work())
    return sorted(heard, key=lambda item: item.id)


async def _ask(client: httpx.AsyncClient, id_: str, text: str, customer: str, token: str) -> Heard:
    headers = {"Authorization": f"Bearer {token}"}
    opened = await client.post("/v1/conversations", headers=headers, json={})
    conversation = opened.json()["conversation_id"]
    begun = time.perf_counter()
    answer = await client.post(
        f"/v1/conversations/{conversation}/turns",
        headers=headers,
        json={"text": text, "client_turn_id": "first"},
    )
    took = (time.perf_counter() - begun) * 1000
    try:
        body = answer.json()
    except ValueError:
        body = {"raw": answer.text[:500]}
    return Heard(id_, text, customer, answer.status_code, body, took)

"""A read-only turn of the built-in planner with checkpoints on, beside a bare LangGraph loop of as many steps.

One process. Sequential turns give p50 and p95, and the CPU of this process for a turn; eight conversations at once
give turns a second. The peer runs the same number of nodes, which do nothing, over the same checkpointer with the
same durability, in the same run.
With --http the same questions go to a running service instead.
"""

from __future__ import annotations

import asyncio
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

from evals.figures import Figures, percentile
from evals.platform import demo_platform
from evals.service import running_service

QUESTIONS = (
    "how much do I owe?",
    "when is my payment due",
    "why is my interest higher than last month?",
    "what is my interest rate",
    "how much can I still draw",
    "what would pay everything off today",
)
WARM_UP = 12
SEQUENTIAL = 120
AT_ONCE = 8
LOAD_TURNS = 240


def bench(options: Any) -> Figures:
    """p50_ms, p95_ms, cpu_ms, turns_per_s, rss_mb, peer_p50_ms."""
    if options.http:
        return asyncio.run(_over_http())
    with tempfile.TemporaryDirectory(prefix="cashline-bench-") as home:
        Path(home).chmod(0o755)
        return asyncio.run(_in_process(Path(home)))


async def _in_process(home: Path) -> Figures:
    async with demo_platform(home) as (platform, customers):
        from agent.turn import open_conversation, run_turn

        async def ask(customer: str, conversation: str, n: int) -> float:
            begun = time.perf_counter()
            await run_turn(
                platform,
                customer_id=customer,
                conversation_id=conversation,
                text=QUESTIONS[n % len(QUESTIONS)],
                client_turn_id=f"t{n}",
            )
            return (time.perf_counter() - begun) * 1000

        conversation = await open_conversation(platform, customers[0])
        for n in range(WARM_UP):
            await ask(customers[0], conversation, n)
        alone = []
        cpu = time.process_time()
        for n in range(SEQUENTIAL):
            if n % 12 == 0:
                conversation = await open_conversation(platform, customers[n % len(customers)])
            alone.append(await ask(customers[(n - n % 12) % len(customers)], conversation, n))
        cpu = (time.process_time() - cpu) / SEQUENTIAL * 1000
        peer = await _peer(platform, SEQUENTIAL)
        per_second = await _load(platform, customers, ask, open_conversation)
    return Figures(
        name="turn",
        kind="bench",
        data="demo book",
        n=SEQUENTIAL,
        figures={
            "p50_ms": percentile(alone, 0.5),
            "p95_ms": percentile(alone, 0.95),
            "cpu_ms": cpu,
            "turns_per_s": per_second,
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "peer_p50_ms": percentile(peer, 0.5),
        },
        notes=[f"{AT_ONCE} conversations at once over {LOAD_TURNS} turns; rss is the peak of this process"],
    )


async def _load(platform: Any, customers: list[str], ask: Any, open_conversation: Any) -> float:
    conversations = [(customers[n % len(customers)], None) for n in range(AT_ONCE)]
    opened = [(customer, await open_conversation(platform, customer)) for customer, _ in conversations]
    begun = time.perf_counter()

    async def talk(customer: str, conversation: str) -> None:
        for n in range(LOAD_TURNS // AT_ONCE):
            await ask(customer, conversation, n)

    async with asyncio.TaskGroup() as group:
        for customer, conversation in opened:
            group.create_task(talk(customer, conversation))
    return LOAD_TURNS / (time.perf_counter() - begun)


async def _peer(platform: Any, turns: int) -> list[float]:
    """A bare graph: listen, plan, act, plan, act, plan, compose as empty nodes over the same saver."""
    from langgraph.graph import END, START, StateGraph

    graph: Any = StateGraph(dict)
    steps = ("listen", "plan", "act", "plan2", "act2", "plan3", "compose")
    for name in steps:
        graph.add_node(name, lambda state: state)
    for earlier, later in zip((START, *steps), (*steps, END), strict=True):
        graph.add_edge(earlier, later)
    times = []
    for n in range(turns):
        begun = time.perf_counter()
        compiled = graph.compile(checkpointer=platform.saver())
        config = {"configurable": {"thread_id": f"peer-{n // 12}"}}
        await compiled.ainvoke({"text": "hello", "n": n}, config, durability="exit")
        times.append((time.perf_counter() - begun) * 1000)
    return times


async def _over_http() -> Figures:
    with running_service() as url:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            people = (await client.get("/v1/dev/customers")).json()
            ids = [p["customer_id"] for p in (people["customers"] if isinstance(people, dict) else people)]
            times: list[float] = []

            async def talk(customer: str) -> None:
                login = await client.post("/v1/dev/login", json={"customer_id": customer})
                headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
                opened = await client.post("/v1/conversations", headers=headers, json={})
                path = f"/v1/conversations/{opened.json()['conversation_id']}/turns"
                for n in range(LOAD_TURNS // AT_ONCE):
                    begun = time.perf_counter()
                    body = {"text": QUESTIONS[n % len(QUESTIONS)], "client_turn_id": f"t{n}"}
                    (await client.post(path, headers=headers, json=body)).raise_for_status()
                    times.append((time.perf_counter() - begun) * 1000)

            begun = time.perf_counter()
            async with asyncio.TaskGroup() as group:
                for customer in ids[:AT_ONCE]:
                    group.create_task(talk(customer))
            took = time.perf_counter() - begun
    return Figures(
        name="turn",
        kind="bench",
        data="demo book over HTTP",
        n=len(times),
        figures={
            "p50_ms": percentile(times, 0.5),
            "p95_ms": percentile(times, 0.95),
            "turns_per_s": len(times) / took,
        },
        notes=[f"{AT_ONCE} conversations at once"],
    )

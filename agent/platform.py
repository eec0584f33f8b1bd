"""What a turn stands on, built once by the composition root and passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from langgraph.checkpoint.base import BaseCheckpointSaver
from sqlalchemy.ext.asyncio import AsyncEngine

from agent.prompts import Prompts
from ledger_core.dates import Clock
from tools.executor import Executor
from tools.knowledge.embed import Embedder

if TYPE_CHECKING:
    from agent.memory import TurnLock
    from agent.models import ModelChain
    from agent.rails.nemo import Rails
    from agent.tracing import Tracer


@dataclass(frozen=True)
class Platform:
    """The parts of a running agent. `saver` gives a checkpointer for one run."""

    engine: AsyncEngine
    clock: Clock
    executor: Executor
    embedder: Embedder
    rails: Rails
    models: ModelChain
    tracer: Tracer
    saver: Callable[[], BaseCheckpointSaver[str]]
    lock: TurnLock
    prompts: Prompts = field(default_factory=Prompts)

"""The prompts of a model: managed in Langfuse where a server is configured, else (and whenever it fails) the files.

A turn never waits for the server: it takes what is known, and what is known is fetched anew beside it. A managed
prompt counts only when it needs exactly the inputs that the file declares. Reply templates are never managed so: what
they say is bound by law and tests.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from jinja2 import TemplateError

from agent import prompt_files
from agent.prompt_files import PromptFile

if TYPE_CHECKING:
    from langfuse import Langfuse

LOG = structlog.get_logger(__name__)
MANAGED = ("system", "plan")
FRESH_SECONDS = 60
FETCH_SECONDS_MAX = 1


class Prompts:
    """The prompts as they stand now. server: a Langfuse client that talks to a server, if any."""

    def __init__(
        self, server: Langfuse | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._server = server
        self._monotonic = monotonic
        self._known = {name: prompt_files.load(name) for name in MANAGED}
        self._fetched_at: float | None = None
        self._fetching = threading.Lock()

    def render(self, name: str, **fields: str) -> str:
        """The prompt's words with its inputs filled in."""
        self._refresh_beside()
        return prompt_files.fill(self._known[name], fields)

    def hashes(self) -> dict[str, str]:
        """Of each prompt, for traces: which words it was."""
        return {name: prompt.hash for name, prompt in self._known.items()}

    def refresh(self) -> None:
        """Fetches all prompts now, for at most FETCH_SECONDS_MAX each; what cannot be had stays as it is known."""
        if self._server is None or not self._fetching.acquire(blocking=False):
            return
        try:
            for name in MANAGED:
                self._known[name] = self._fetched(name)
            self._fetched_at = self._monotonic()
        finally:
            self._fetching.release()

    def _refresh_beside(self) -> None:
        fresh = self._fetched_at is not None and self._monotonic() - self._fetched_at < FRESH_SECONDS
        if self._server is not None and not fresh and not self._fetching.locked():
            threading.Thread(target=self.refresh, daemon=True).start()

    def _fetched(self, name: str) -> PromptFile:
        assert self._server is not None
        file = prompt_files.load(name)
        found = self._server.get_prompt(
            name,
            type="text",
            fallback=file.body,
            max_retries=0,
            fetch_timeout_seconds=FETCH_SECONDS_MAX,
            cache_ttl_seconds=0,
        )
        if found.is_fallback:
            return self._known[name]
        body = found.prompt.strip()
        if not _needs(body, file.inputs):
            LOG.warning("managed_prompt_refused", prompt=name, version=found.version)
            return file
        digest = hashlib.sha256(body.encode()).hexdigest()[:16]
        return replace(file, body=body, version=found.version, hash=digest)


def _needs(body: str, inputs: frozenset[str]) -> bool:
    """Whether the words can be filled with exactly these inputs."""
    try:
        return prompt_files.inputs_of(body) == inputs
    except TemplateError:
        return False

"""Providers behind the planner: bounded retries, a breaker, and an honest failure the turn can act on.

A provider that answers 429, 5xx, too late, cut off or with garbage raises ModelUnavailable here, and the built-in
planner takes the same turn from where it stands. No call is made inside a database transaction.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage
from pydantic import SecretStr

TRIES = 2
BACKOFF_SECONDS = 0.2
ANSWER_CHARS_MAX = 24_000
"""words and arguments of one answer; more is no answer to a customer"""


class ModelUnavailable(Exception):
    """No provider gave a usable answer.

    `reason`: rate_limited, server_error, refused, timeout, cut_off, garbage, breaker_open,
    or loop (it asks for what it has been given).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Breaker:
    """Opens after `failures_max` failures in a row and lets one call through again after `rest_seconds`."""

    failures_max: int = 3
    rest_seconds: int = 30
    monotonic: Callable[[], float] = time.monotonic
    failures: int = 0
    opened_at: float = field(default=0.0)

    @property
    def is_open(self) -> bool:
        return self.failures >= self.failures_max and self.monotonic() - self.opened_at < self.rest_seconds

    def record(self, *, ok: bool) -> None:
        self.failures = 0 if ok else self.failures + 1
        if self.failures >= self.failures_max:
            self.opened_at = self.monotonic()


@dataclass(frozen=True)
class Provider:
    """A chat model and the time one call of it may take."""

    name: str
    model: BaseChatModel
    timeout_seconds: int = 20
    breaker: Breaker = field(default_factory=Breaker)


def openai_provider(*, model: str, api_key: str, base_url: str | None, timeout_seconds: int = 20) -> Provider:
    """Any OpenAI-compatible endpoint. Retries are ours, so the client makes none of its own."""
    from langchain_openai import ChatOpenAI
    from openai import DefaultAsyncHttpxClient

    chat = ChatOpenAI(
        model=model,
        api_key=SecretStr(api_key),
        base_url=base_url,
        timeout=timeout_seconds,
        max_retries=0,
        # one of our own, so that closing it closes nobody else's
        http_async_client=DefaultAsyncHttpxClient(),
        temperature=0,
        streaming=True,
        stream_usage=False,
    )
    return Provider(model, chat, timeout_seconds)


class ModelChain:
    """Providers in order of preference; empty on a fresh machine, where the built-in planner serves alone."""

    def __init__(self, providers: Sequence[Provider] = ()) -> None:
        self._providers = tuple(providers)

    @property
    def configured(self) -> bool:
        return bool(self._providers)

    async def close(self) -> None:
        """Closes the providers' connections."""
        for provider in self._providers:
            client = getattr(provider.model, "root_async_client", None)
            if client is not None:
                await client.close()

    async def answer(self, messages: Sequence[AnyMessage], tools: Sequence[dict[str, Any]]) -> AIMessage:
        """The first usable answer: text, or tool calls that parse. Raises ModelUnavailable with the last reason."""
        reason = "breaker_open"
        for provider in self._providers:
            if provider.breaker.is_open:
                continue
            for attempt in range(TRIES):
                try:
                    answer = await _ask(provider, messages, tools)
                except ModelUnavailable as problem:
                    reason = problem.reason
                    provider.breaker.record(ok=False)
                    if provider.breaker.is_open or reason in ("timeout", "garbage", "refused"):
                        break
                    await asyncio.sleep(BACKOFF_SECONDS * (attempt + 1) * (0.5 + random.random()))
                else:
                    provider.breaker.record(ok=True)
                    return answer
        raise ModelUnavailable(reason)


async def _ask(
    provider: Provider, messages: Sequence[AnyMessage], tools: Sequence[dict[str, Any]]
) -> AIMessage:
    runnable = provider.model.bind_tools(list(tools)) if tools else provider.model
    whole: AIMessageChunk | None = None
    length = 0
    try:
        async with asyncio.timeout(provider.timeout_seconds):
            async for chunk in runnable.astream(list(messages)):
                assert isinstance(chunk, AIMessageChunk)
                length += len(chunk.text) + sum(len(part["args"] or "") for part in chunk.tool_call_chunks)
                if length > ANSWER_CHARS_MAX:
                    raise ModelUnavailable("garbage")
                whole = chunk if whole is None else whole + chunk
    except TimeoutError:
        raise ModelUnavailable("timeout") from None
    except ModelUnavailable:
        raise
    # every client library has its own tree; its name and status tell what happened
    except Exception as problem:
        raise ModelUnavailable(_reason(problem)) from problem
    return _checked(whole, provider.name)


def _reason(problem: Exception) -> str:
    status = getattr(problem, "status_code", None)
    if status == 429:
        return "rate_limited"
    if isinstance(status, int) and status >= 500:
        return "server_error"
    if isinstance(status, int):
        return "refused"
    name = type(problem).__name__
    if "Timeout" in name:
        return "timeout"
    if "Connection" in name or "Protocol" in name or "Read" in name:
        return "cut_off"
    return "garbage"


def _is_object(arguments: str | None) -> bool:
    """The client mends half an object into a whole one; arguments that were never finished are no call."""
    try:
        return isinstance(json.loads(arguments or "{}"), dict)
    except ValueError:
        return False


def _checked(whole: AIMessageChunk | None, model: str) -> AIMessage:
    if whole is None:
        raise ModelUnavailable("cut_off")
    if not whole.response_metadata.get("finish_reason"):
        raise ModelUnavailable("cut_off")
    if whole.invalid_tool_calls or not all(_is_object(chunk["args"]) for chunk in whole.tool_call_chunks):
        raise ModelUnavailable("garbage")
    text = whole.text
    if not whole.tool_calls and not text.strip():
        raise ModelUnavailable("garbage")
    return AIMessage(
        content=text,
        tool_calls=whole.tool_calls,
        usage_metadata=whole.usage_metadata,
        response_metadata={"model": model},
    )

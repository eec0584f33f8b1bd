"""Providers behind the planner: bounded retries, a breaker, and an honest failure the turn can act on.

A provider that answers 429, 5xx, too late, cut off or with garbage is asked again within bounds, then the next one is;
when none is left ModelUnavailable is raised, and the built-in planner takes the same turn from where it stands. No
call is made inside a database transaction.
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
from langchain_core.messages.ai import add_ai_message_chunks
from pydantic import SecretStr

from agent.breaker import Breaker

__all__ = ["Breaker", "ModelChain", "ModelUnavailable", "Provider", "openai_provider"]

TRIES = 2
"""of one provider for one answer"""
BACKOFF_SECONDS = 0.2
RETRY_AFTER_MAX_SECONDS = 2
"""a provider that asks for a longer pause is left alone for that long, and the next one is asked"""
ANSWER_CHARS_MAX = 24_000
"""words and arguments of one answer; more is no answer to a customer"""
PASSING = frozenset({"rate_limited", "server_error", "cut_off"})
"""trouble that may be over when one asks again"""


class ModelUnavailable(Exception):
    """No provider gave a usable answer.

    `reason`: rate_limited, server_error, refused, timeout, cut_off, garbage, breaker_open, budget (it has used what
    it may), or loop (it asks for what it has been given). retry_after: seconds the provider asked to be left alone.
    """

    def __init__(self, reason: str, retry_after: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True)
class Provider:
    """A chat model and the time one call of it may take. The breaker is shared by all turns of the process."""

    name: str
    model: BaseChatModel
    timeout_seconds: float = 20
    breaker: Breaker = field(default_factory=Breaker)


def openai_provider(
    *, model: str, api_key: str, base_url: str | None, timeout_seconds: float = 20
) -> Provider:
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
        stream_usage=True,
    )
    return Provider(model, chat, timeout_seconds)


class ModelChain:
    """Providers in order of preference; empty on a fresh machine, where the built-in planner serves alone."""

    def __init__(
        self, providers: Sequence[Provider] = (), monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._providers = tuple(providers)
        self._monotonic = monotonic

    @property
    def configured(self) -> bool:
        return bool(self._providers)

    async def close(self) -> None:
        """Closes the providers' connections."""
        for provider in self._providers:
            client = getattr(provider.model, "root_async_client", None)
            if client is not None:
                await client.close()

    async def answer(
        self, messages: Sequence[AnyMessage], tools: Sequence[dict[str, Any]], *, seconds: float = 45
    ) -> AIMessage:
        """The first usable answer: text, or tool calls that parse. Raises ModelUnavailable with the last reason.

        seconds: for all providers and tries together.
        """
        until = self._monotonic() + seconds
        reason = "breaker_open"
        for provider in self._providers:
            for attempt in range(TRIES):
                left = until - self._monotonic()
                if left <= 0:
                    raise ModelUnavailable("timeout")
                if not provider.breaker.admits():
                    break
                try:
                    return await _guarded(provider, messages, tools, left)
                except ModelUnavailable as problem:
                    reason = problem.reason
                    if not _worth_another_try(provider, problem):
                        break
                    await asyncio.sleep(min(_pause(problem, attempt), left))
        raise ModelUnavailable(reason)


def _worth_another_try(provider: Provider, problem: ModelUnavailable) -> bool:
    """Whether the trouble may pass soon. A provider that asks for a long pause gets it."""
    if problem.retry_after is not None and problem.retry_after > RETRY_AFTER_MAX_SECONDS:
        provider.breaker.rest(problem.retry_after)
        return False
    return problem.reason in PASSING and not provider.breaker.is_open


def _pause(problem: ModelUnavailable, attempt: int) -> float:
    """Seconds before the next try, with jitter, so that many turns do not come back at once."""
    backoff = BACKOFF_SECONDS * (attempt + 1) * (0.5 + random.random())
    return (problem.retry_after or 0) + backoff


async def _guarded(
    provider: Provider, messages: Sequence[AnyMessage], tools: Sequence[dict[str, Any]], seconds: float
) -> AIMessage:
    """One call that the breaker hears of; one that is cancelled tells it nothing."""
    try:
        answer = await _ask(provider, messages, tools, min(seconds, provider.timeout_seconds))
    except ModelUnavailable:
        provider.breaker.record(ok=False)
        raise
    except asyncio.CancelledError:
        provider.breaker.forget()
        raise
    provider.breaker.record(ok=True)
    return answer


async def _ask(
    provider: Provider, messages: Sequence[AnyMessage], tools: Sequence[dict[str, Any]], seconds: float
) -> AIMessage:
    runnable = provider.model.bind_tools(list(tools)) if tools else provider.model
    chunks: list[AIMessageChunk] = []
    length = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in runnable.astream(list(messages)):
                assert isinstance(chunk, AIMessageChunk)
                length += len(chunk.text) + sum(len(part["args"] or "") for part in chunk.tool_call_chunks)
                if length > ANSWER_CHARS_MAX:
                    raise ModelUnavailable("garbage")
                chunks.append(chunk)
    except TimeoutError:
        raise ModelUnavailable("timeout") from None
    except ModelUnavailable:
        raise
    # every client library has its own tree; its name and status tell what happened
    except Exception as problem:
        raise ModelUnavailable(_reason(problem), _retry_after(problem)) from problem
    if not chunks:
        raise ModelUnavailable("cut_off")
    # put together once: piece by piece takes the square of their number
    return _checked(add_ai_message_chunks(*chunks), provider.name)


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


def _retry_after(problem: Exception) -> int | None:
    """Seconds, when the provider's answer names them."""
    headers = getattr(getattr(problem, "response", None), "headers", {})
    named = str(headers.get("retry-after", ""))
    return int(named) if named.isdigit() else None


def _is_object(arguments: str | None) -> bool:
    """The client mends half an object into a whole one; arguments that were never finished are no call."""
    try:
        return isinstance(json.loads(arguments or "{}"), dict)
    except ValueError:
        return False


def _checked(whole: AIMessageChunk, model: str) -> AIMessage:
    """The answer, when it is one: finished by itself, calls that parse, or words."""
    finish = whole.response_metadata.get("finish_reason")
    if finish == "content_filter":
        raise ModelUnavailable("refused")
    if not finish or finish == "length":
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

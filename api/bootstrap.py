"""The composition root: the only file that picks Postgres, Redis, the model, the embedder and Langfuse."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncEngine

from api.auth import EmbeddedTokens, OidcTokens, Tokens
from api.mail import Mail
from api.mailbox import Mailbox
from api.services import Readiness, Services
from api.settings import Settings, SettingsError
from api.shared import PostgresShared, RedisShared, Shared
from ledger_core.bank.exchange import Bank
from ledger_core.bank.folder import FolderBank
from ledger_core.dates import Clock, SystemClock, eastern
from ledger_core.demo.bank_simulator import SimulatedBank
from ledger_core.keys import load_or_make_key
from ledger_core.store.embedded import EmbeddedServer
from ledger_core.store.migrating import packages_with_migrations
from ledger_core.store.postgres import make_engine, migrate, system, transaction
from tools.knowledge.embed import Embedder
from tools.notify import NoNotifier, Notifier

if TYPE_CHECKING:
    from agent.models import ModelChain
    from agent.platform import Platform
    from api.assistant import AgentAssistant


@dataclass(frozen=True)
class DatabaseUrls:
    """Where the database is, for each role."""

    app: str
    batch: str
    owner: str


def database_urls(settings: Settings, server: EmbeddedServer | None) -> DatabaseUrls:
    """From the settings, or from the embedded server. Raises SettingsError when there is neither."""
    if server is None and settings.embedded:
        raise SettingsError("DATABASE_URL: needed by this process; `python -m api` brings its own database")
    if server is None:
        return DatabaseUrls(settings.url("app"), settings.url("batch"), settings.url("owner"))
    return DatabaseUrls(*(server.dsn(role=f"cashline_{role}") for role in ("app", "batch", "owner")))


def hand_down(settings: Settings) -> None:
    """What the books read from the environment, also in the processes of a night, as these settings have it."""
    os.environ.setdefault("CASHLINE_HOME", str(settings.home))
    if settings.accounts_key is not None:
        os.environ.setdefault("CASHLINE_ACCOUNTS_KEY", settings.accounts_key.get_secret_value())


async def migrate_all(urls: DatabaseUrls) -> None:
    """Every package brings its own schema up to date."""
    for package in packages_with_migrations():
        await migrate(urls.owner, package)


async def ingest_policies(engine: AsyncEngine, embedder: Embedder) -> int:
    """Embeds the policy sections that are new or changed; returns how many."""
    from tools.knowledge.ingest import ingest

    async with transaction(engine, system("ingest")) as conn:
        report = await ingest(conn, embedder)
    return report.embedded


def make_embedder(settings: Settings) -> Embedder:
    """MiniLM on this machine, or a model behind an OpenAI-compatible endpoint."""
    from tools.knowledge.embed import MiniLM, OpenAIEmbedder

    if settings.embedding_model is None:
        return MiniLM()
    assert settings.openai_api_key is not None
    return OpenAIEmbedder(
        model=settings.embedding_model,
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=str(settings.openai_base_url) if settings.openai_base_url else None,
    )


def make_bank(settings: Settings, engine: AsyncEngine) -> Bank | None:
    """Folders where they are set; the simulated bank of embedded mode; else none, and files wait."""
    if settings.bank_files is not None:
        return FolderBank(settings.bank_files)
    if settings.embedded:
        return SimulatedBank(engine)
    return None


@asynccontextmanager
async def open_services(
    settings: Settings,
    urls: DatabaseUrls | None = None,
    *,
    embedder: Embedder | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Services]:
    """Everything the API stands on; closed in the opposite order."""
    urls = urls or database_urls(settings, None)
    clock = clock or SystemClock()
    async with AsyncExitStack() as stack:
        engine = make_engine(urls.app, pool_size=settings.database_pool)
        stack.push_async_callback(engine.dispose)
        shared = _shared(settings, urls, engine, clock)
        stack.push_async_callback(shared.close)
        readiness = Readiness(worker=not settings.worker)
        mailbox = Mailbox(clock) if settings.embedded else None
        assistant = await stack.enter_async_context(
            _assistant(
                settings,
                urls,
                engine,
                clock,
                shared,
                embedder or make_embedder(settings),
                mailbox or _notifier(settings),
            )
        )
        readiness.rails = True
        tokens, issuer = _tokens(settings, clock)
        if settings.worker:
            await stack.enter_async_context(_worker(settings, urls, clock, lambda: _caught_up(readiness)))
        yield Services(settings, clock, engine, shared, tokens, issuer, assistant, readiness, mailbox)


def _caught_up(readiness: Readiness) -> None:
    readiness.worker = True


def _shared(settings: Settings, urls: DatabaseUrls, engine: AsyncEngine, clock: Clock) -> Shared:
    if settings.redis_url is not None:
        return RedisShared(str(settings.redis_url), clock)
    return PostgresShared(urls.app, engine, clock)


def _notifier(settings: Settings) -> Notifier:
    if settings.smtp_url is None:
        return NoNotifier()
    assert settings.mail_from is not None
    return Mail(settings.smtp_url.get_secret_value(), settings.mail_from)


def _tokens(settings: Settings, clock: Clock) -> tuple[Tokens, EmbeddedTokens | None]:
    if settings.embedded:
        issuer = EmbeddedTokens(load_or_make_key(settings.home, "jwt.key"), clock)
        return issuer, issuer
    assert settings.oidc_issuer is not None
    assert settings.oidc_audience is not None
    assert settings.oidc_jwks_url is not None
    return (
        OidcTokens(
            issuer=settings.oidc_issuer,
            audience=settings.oidc_audience,
            jwks_url=str(settings.oidc_jwks_url),
            clock=clock,
        ),
        None,
    )


@asynccontextmanager
async def _assistant(
    settings: Settings,
    urls: DatabaseUrls,
    engine: AsyncEngine,
    clock: Clock,
    shared: Shared,
    embedder: Embedder,
    notifier: Notifier,
) -> AsyncIterator[AgentAssistant]:
    """The agent and its parts. Importing them takes seconds, so it happens here and not at the top."""
    from agent.memory import Checkpoints
    from agent.platform import Platform
    from agent.prompts import Prompts
    from agent.rails.nemo import Rails
    from agent.tracing import Tracer
    from api.assistant import AgentAssistant
    from tools.executor import Executor
    from tools.registry import ALL_TOOLS

    checkpoints = Checkpoints(urls.app, _checkpoint_key(settings))
    await checkpoints.open()
    tracer = Tracer(
        local=settings.home / "traces.jsonl",
        public_key=settings.langfuse_public_key,
        secret_key=settings.langfuse_secret_key.get_secret_value() if settings.langfuse_secret_key else None,
        host=str(settings.langfuse_base_url) if settings.langfuse_base_url else None,
    )
    models = _models(settings)
    try:
        platform = Platform(
            engine=engine,
            clock=clock,
            executor=Executor(engine, clock, ALL_TOOLS, embedder),
            embedder=embedder,
            rails=Rails(),
            models=models,
            tracer=tracer,
            saver=checkpoints.saver,
            lock=shared,
            prompts=Prompts(tracer.server),
        )
        await _warm_up(platform)
        yield AgentAssistant(platform, notifier)
    finally:
        await models.close()
        await checkpoints.close()
        tracer.close()


async def _warm_up(platform: Platform) -> None:
    """Reads and judges one greeting, so that no customer waits for models and rails to load."""
    from agent.understanding import understand

    today = eastern(platform.clock.now()).on
    await asyncio.to_thread(understand, "Hello", today=today, embedder=platform.embedder)
    await platform.rails.check_input("Hello")
    await asyncio.to_thread(platform.prompts.refresh)


def _checkpoint_key(settings: Settings) -> bytes:
    if settings.checkpoint_key is None:
        return load_or_make_key(settings.home, "checkpoint.key")
    return bytes.fromhex(settings.checkpoint_key.get_secret_value())


def _models(settings: Settings) -> ModelChain:
    from agent.models import ModelChain, openai_provider

    if settings.model is None or settings.openai_api_key is None:
        return ModelChain()
    key = settings.openai_api_key.get_secret_value()
    first = (settings.model, key, settings.openai_base_url)
    second = (
        settings.fallback_model,
        settings.fallback_api_key.get_secret_value() if settings.fallback_api_key else key,
        settings.fallback_base_url or settings.openai_base_url,
    )
    return ModelChain(
        [
            openai_provider(model=name, api_key=key, base_url=str(url) if url else None)
            for name, key, url in (first, second)
            if name
        ]
    )


@asynccontextmanager
async def _worker(
    settings: Settings, urls: DatabaseUrls, clock: Clock, on_caught_up: Callable[[], None]
) -> AsyncIterator[None]:
    from api.jobs import WorkerContext, running_worker

    engine = make_engine(urls.batch, pool_size=4)
    try:
        context = WorkerContext(urls.batch, engine, clock, make_bank(settings, engine), on_caught_up)
        async with running_worker(context, alone=settings.embedded):
            yield
    finally:
        await engine.dispose()

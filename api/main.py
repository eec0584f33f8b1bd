"""create_app(): the routes over the services they stand on."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from api.errors import install_handlers
from api.middleware import Surround
from api.routes import conversations, copilot, dev, forms, health, lines, pages, proposals
from api.services import Services
from api.settings import Settings, read_settings

OpenServices = Callable[[], AbstractAsyncContextManager[Services]]


def create_app(settings: Settings, open_services: OpenServices) -> FastAPI:
    """The API. `open_services` gives what it stands on, for as long as it runs."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_services() as services:
            app.state.services = services
            _keep_for_good()
            try:
                yield
            finally:
                gc.unfreeze()

    app = FastAPI(
        title="Cash Line servicing",
        version="0.1.0",
        description="Money is integer cents in USD, dates ISO 8601, problems RFC 9457 with a stable code.",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.add_middleware(Surround)
    install_handlers(app)
    parts = (conversations, proposals, lines, forms, copilot, health, pages)
    for part in parts:
        app.include_router(part.router)
    if settings.embedded:
        app.include_router(dev.router)
        app.include_router(dev.page)
    app.mount("/web", pages.files)
    return app


def _keep_for_good() -> None:
    """Leave what was loaded to start with out of garbage collection.

    Some 300,000 objects live as long as the process. A full collection walks all of them, for a third of a second or
    more, and every turn under way waits meanwhile.
    """
    gc.collect()
    gc.freeze()


def app_from_environment() -> FastAPI:
    """For `uvicorn --factory api.main:app_from_environment`: an API over a database that is already there."""
    from api.bootstrap import open_services

    settings = read_settings()
    return create_app(settings, lambda: open_services(settings))

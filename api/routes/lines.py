"""The customer's lines, read straight from the books: no model takes part."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, fields
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from api.auth import CustomerId
from api.errors import Problem
from api.schemas import IdInPath
from api.services import Given, Services
from api.statement_pdf import statement_pdf
from ledger_core.dates import Moment
from ledger_core.queries import activity as activity_of
from ledger_core.queries import notices as notices_of
from ledger_core.queries import overview as overview_of
from ledger_core.queries import profile
from ledger_core.queries import statements as statements_of
from ledger_core.queries.activity import ActivityItem
from ledger_core.queries.notices import Notice
from ledger_core.queries.overview import Overview
from ledger_core.queries.statements import StatementSummary, StatementView
from ledger_core.store.clock import servicing_moment
from ledger_core.store.postgres import customer, transaction

router = APIRouter(prefix="/v1/lines", tags=["lines"])

Number = Annotated[int, Path(ge=1, le=10_000)]


@dataclass(frozen=True)
class LineOut(Overview):
    """A line at a glance; amounts in cents of `currency`."""

    currency: Literal["USD"] = "USD"


@dataclass(frozen=True)
class Lines:
    lines: list[LineOut]


@dataclass(frozen=True)
class Activity:
    items: list[ActivityItem]
    currency: Literal["USD"] = "USD"


@dataclass(frozen=True)
class Statements:
    statements: list[StatementSummary]
    currency: Literal["USD"] = "USD"


@dataclass(frozen=True)
class Statement:
    statement: StatementView
    currency: Literal["USD"] = "USD"


@dataclass(frozen=True)
class Notices:
    notices: list[Notice]


@router.get("")
async def list_lines(services: Given, customer_id: CustomerId) -> Lines:
    """All lines of the customer who is asking."""
    async with transaction(services.engine, customer(customer_id)) as conn:
        found = await overview_of.lines_of(conn, await _now(services, conn), customer_id)
    return Lines([_line(each) for each in found])


@router.get("/{line_id}")
async def read_line(services: Given, customer_id: CustomerId, line_id: IdInPath) -> LineOut:
    """What is owed, due, left and under way on a line."""
    async with transaction(services.engine, customer(customer_id)) as conn:
        return _line(await overview_of.overview(conn, await _now(services, conn), line_id))


@router.get("/{line_id}/activity")
async def list_activity(
    services: Given,
    customer_id: CustomerId,
    line_id: IdInPath,
    since: Annotated[date | None, Query()] = None,
    until: Annotated[date | None, Query()] = None,
) -> Activity:
    """Draws, payments, fees, interest and credits, newest first."""
    async with transaction(services.engine, customer(customer_id)) as conn:
        found = await activity_of.activity(
            conn, await _now(services, conn), line_id, since=since, until=until
        )
    return Activity(list(found))


@router.get("/{line_id}/statements")
async def list_statements(services: Given, customer_id: CustomerId, line_id: IdInPath) -> Statements:
    """The statements as they were issued, newest first."""
    async with transaction(services.engine, customer(customer_id)) as conn:
        found = await statements_of.statements(conn, await _now(services, conn), line_id)
    return Statements(list(found))


@router.get("/{line_id}/statements/{number}.pdf", response_class=Response)
async def read_statement_pdf(
    services: Given, customer_id: CustomerId, line_id: IdInPath, number: Number
) -> Response:
    """One statement as a document to keep."""
    async with transaction(services.engine, customer(customer_id)) as conn:
        now = await _now(services, conn)
        found = await statements_of.statement(conn, now, line_id, number)
        line = await overview_of.overview(conn, now, line_id)
        person = await profile.customer(conn, customer_id)
    if found is None or person is None:
        raise Problem("not_found", "There is no statement with this number.")
    document = await asyncio.to_thread(statement_pdf, found, line.product_name, person.display_name)
    name = f'inline; filename="statement-{number}.pdf"'
    return Response(document, media_type="application/pdf", headers={"Content-Disposition": name})


@router.get("/{line_id}/statements/{number}")
async def read_statement(
    services: Given, customer_id: CustomerId, line_id: IdInPath, number: Number
) -> Statement:
    """One statement by its number."""
    async with transaction(services.engine, customer(customer_id)) as conn:
        found = await statements_of.statement(conn, await _now(services, conn), line_id, number)
    if found is None:
        raise Problem("not_found", "There is no statement with this number.")
    return Statement(found)


@router.get("/{line_id}/notices")
async def list_notices(services: Given, customer_id: CustomerId, line_id: IdInPath) -> Notices:
    """Notices of credit decisions about the line, or about one that was asked for and declined, newest first.

    In the customer's language.
    """
    async with transaction(services.engine, customer(customer_id)) as conn:
        person = await profile.customer(conn, customer_id)
        if person is None:
            raise Problem("not_found", "There is no such customer.")
        return Notices(list(await notices_of.notices(conn, line_id, person.language)))


async def _now(services: Services, conn: AsyncConnection) -> Moment:
    return await servicing_moment(conn, services.clock)


def _line(overview: Overview) -> LineOut:
    return LineOut(**{field.name: getattr(overview, field.name) for field in fields(overview)})

"""Retrieval over the real policies: floors on our own questions, and the filters."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from ledger_core.store.postgres import customer, system, transaction
from tools.knowledge.documents import Document, Section, read_policies
from tools.knowledge.embed import MiniLM
from tools.knowledge.ingest import IngestReport, ingest
from tools.knowledge.search import Passage, fuse, search

TODAY = date(2026, 3, 16)
QUESTIONS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("questions.yaml").read_text())
MODEL = MiniLM()


async def ingested(engine: AsyncEngine, policies: Sequence[Document] | None = None) -> IngestReport:
    async with transaction(engine, system("ingest")) as conn:
        return await ingest(conn, MODEL, policies)


@pytest_asyncio.fixture
async def reader(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with transaction(engine, customer("cus_reader")) as conn:
        yield conn


async def ask(conn: AsyncConnection, query: str, **changed: Any) -> tuple[Passage, ...]:
    filters: dict[str, Any] = {"as_of": TODAY, "product": None, "state": None, "audience": "customer"}
    return await search(conn, MODEL, query, **filters | changed)


def made(
    id: str,
    *,
    version: str = "1",
    effective_on: date = date(2023, 1, 1),
    states: tuple[str, ...] = ("all",),
    products: tuple[str, ...] = ("cash_line_flex",),
    text: str = "The late fee is $25.",
    audience: Any = "customer",
) -> Document:
    sections = (Section("1.1", "Late fee", text, ("how much is the late fee",)),)
    return Document(id, id.title(), version, effective_on, products, states, audience, sections)


@pytest.mark.slow
async def test_questions_find_their_section_and_others_find_none(
    batch_engine: AsyncEngine, reader: AsyncConnection
) -> None:
    """One test, since the policies are embedded once for it. Floors lie a little under what was measured."""
    first = await ingested(batch_engine)
    assert first.embedded > 300
    again = await ingested(batch_engine)
    assert (again.written, again.removed, again.embedded) == (0, 0, 0)

    floors = {
        "answered": (0.92, 0.98),
        "spanish": (0.9, 1.0),
        "held": (0.6, 0.84),
        "held_spanish": (0.7, 1.0),
    }
    for group, (first_floor, fourth_floor) in floors.items():
        places = [await place_of(reader, query, expected) for query, expected in QUESTIONS[group]]
        assert sum(place == 1 for place in places) / len(places) >= first_floor, group
        assert sum(place is not None for place in places) / len(places) >= fourth_floor, group
    for group, share in (("unanswered", 0.9), ("held_unanswered", 0.75)):
        silent = [query for query in QUESTIONS[group] if await ask(reader, query) == ()]
        assert len(silent) / len(QUESTIONS[group]) >= share, group

    fee = (await ask(reader, "could you waive my late fee", product="cash_line_flex"))[0]
    assert (fee.document, fee.section, fee.version) == ("fee-schedule", "4.1", "2.0")
    then = (await ask(reader, "could you waive my late fee", as_of=date(2024, 6, 1)))[0]
    assert (then.section, then.version, then.effective_on) == ("4.1", "1.0", date(2023, 1, 1))
    assert await ask(reader, "could you waive my late fee", as_of=date(2022, 12, 31)) == ()

    authority = "how much credit may a specialist grant alone"
    assert (await ask(reader, authority, audience="specialist"))[0].document == "specialist-procedures"
    assert all(p.document != "specialist-procedures" for p in await ask(reader, authority))


async def place_of(conn: AsyncConnection, query: str, expected: str) -> int | None:
    product = "cash_line_membership" if "membership" in expected else "cash_line_flex"
    found = [f"{p.document} {p.section}" for p in await ask(conn, query, product=product)]
    return found.index(expected) + 1 if expected in found else None


async def test_only_documents_of_the_state_and_product_are_found(
    batch_engine: AsyncEngine, reader: AsyncConnection
) -> None:
    await ingested(
        batch_engine,
        [made("general"), made("texan", states=("TX",)), made("club", products=("cash_line_membership",))],
    )
    query = "how much is the late fee"
    in_texas = await ask(reader, query, state="TX", product="cash_line_flex")
    assert {p.document for p in in_texas} == {"general", "texan"}
    in_ohio = await ask(reader, query, state="OH", product="cash_line_membership")
    assert [p.document for p in in_ohio] == ["club"]
    assert len(await ask(reader, query)) == 3
    assert len(await ask(reader, query, limit=2)) == 2


async def test_a_new_version_is_in_force_from_its_first_day(
    batch_engine: AsyncEngine, reader: AsyncConnection
) -> None:
    old, new = made("fees"), made("fees", version="2", effective_on=date(2026, 1, 1), text="It is $20 now.")
    await ingested(batch_engine, [old])
    report = await ingested(batch_engine, [old, new])
    assert (report.written, report.embedded) == (1, 2)
    versions = [
        [p.version for p in await ask(reader, "how much is the late fee", as_of=day)]
        for day in (date(2025, 12, 31), date(2026, 1, 1))
    ]
    assert versions == [["1"], ["2"]]


async def test_a_document_without_a_file_is_removed_and_a_changed_one_replaced(
    batch_engine: AsyncEngine, reader: AsyncConnection
) -> None:
    await ingested(batch_engine, [made("fees"), made("old")])
    report = await ingested(batch_engine, [made("fees", text="The late fee is $30.")])
    assert (report.documents, report.written, report.removed) == (1, 1, 1)
    assert [p.text for p in await ask(reader, "how much is the late fee")] == ["The late fee is $30."]


async def test_another_embedding_model_embeds_everything_again(
    batch_engine: AsyncEngine, reader: AsyncConnection
) -> None:
    class Renamed(MiniLM):
        name = "another"

    await ingested(batch_engine, [made("fees")])
    async with transaction(batch_engine, system("ingest")) as conn:
        assert (await ingest(conn, Renamed(), [made("fees")])).embedded == 2


@pytest.mark.parametrize("query", ["", "   ", "¿?"])
async def test_an_empty_question_has_no_answer(
    query: str, batch_engine: AsyncEngine, reader: AsyncConnection
) -> None:
    await ingested(batch_engine, [made("fees")])
    assert await ask(reader, query) == ()


async def test_words_that_look_like_a_search_expression_are_only_words(
    batch_engine: AsyncEngine, reader: AsyncConnection
) -> None:
    await ingested(batch_engine, [made("fees")])
    assert await ask(reader, "late fee') | !('fee & :* how much is the late fee")


async def test_the_serving_role_cannot_change_a_policy(reader: AsyncConnection) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        await ingest(reader, MODEL, [made("fees")])


def test_a_section_first_in_both_rankings_wins_and_meaning_outweighs_words() -> None:
    a, b, c = (("doc", "1", n) for n in "abc")
    assert [key for key, _ in fuse([a, a, b], [a, c])] == [a, b, c]
    assert [key for key, _ in fuse([b], [c])] == [b, c]


def test_every_policy_has_substance_and_questions() -> None:
    policies = [d for d in read_policies() if d.answers]
    assert len({d.id for d in policies}) >= 12
    for document in policies:
        words = sum(len(section.text.split()) for section in document.sections)
        assert 350 <= words <= 1200, document.id
        assert all(section.asks for section in document.sections), document.id
        numbers = [section.number for section in document.sections]
        assert len(set(numbers)) == len(numbers)

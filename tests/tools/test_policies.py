"""Policies looked up through the executor: with citations, and silent where nothing is written."""

from ledger_core.store.postgres import system, transaction
from tests.fixtures.books import open_book
from tests.tools.desk import Desk
from tools.executor import Executor
from tools.knowledge.documents import read_policies
from tools.knowledge.embed import MiniLM
from tools.knowledge.ingest import ingest
from tools.registry import CUSTOMER_TOOLS

MODEL = MiniLM()


async def test_a_question_about_fees_is_answered_with_a_citation_and_bitcoin_is_not(engine, batch_engine, clock):
    async with transaction(batch_engine, system("ingest")) as conn:
        await ingest(conn, MODEL, [one for one in read_policies() if one.id == "fee-schedule"])
    book = await open_book(engine)
    desk = Desk(book, Executor(engine, clock, CUSTOMER_TOOLS, MODEL), clock)
    found = (await desk.call("search_policies", query="how much is the late fee")).result["passages"]
    assert "late" in found[0]["text"].lower()
    assert found[0]["document"]
    assert found[0]["section"]
    assert found[0]["effective_on"] <= "2026-03-16"
    assert (await desk.call("search_policies", query="which bitcoin should I buy")).result["passages"] == []

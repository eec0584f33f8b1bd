"""Messages leave at least once, in order within a line."""

import pytest

from ledger_core.store.outbox import first_time, relay
from ledger_core.store.postgres import system, transaction

SYSTEM = system("relay")


@pytest.fixture
async def three_draws(engine, books):
    for line in ("line_a", "line_b"):
        await books.write(engine, books.opening(line))
        await books.write(engine, books.draw(line, 1))
        await books.write(engine, books.draw(line, 2))


async def drain(engine, deliver):
    async with transaction(engine, SYSTEM) as conn:
        return await relay(conn, deliver)


async def test_every_message_leaves_once_in_the_order_of_its_line(engine, three_draws):
    delivered = []

    async def deliver(message):
        delivered.append((message.line_id, message.version))

    while await drain(engine, deliver):
        pass
    assert sorted(delivered) == [("line_a", 2), ("line_a", 3), ("line_b", 2), ("line_b", 3)]
    assert [version for line, version in delivered if line == "line_a"] == [2, 3]


async def test_what_failed_to_be_delivered_is_delivered_again(engine, three_draws):
    async def fail(_message):
        raise ConnectionError("the consumer is away")

    with pytest.raises(ConnectionError):
        await drain(engine, fail)
    seen = []

    async def deliver(message):
        seen.append(message.message_id)

    await drain(engine, deliver)
    assert seen == ["line_a/2/1", "line_b/2/1"]


async def test_a_second_relay_leaves_what_the_first_holds(engine, three_draws):
    async def deliver(_message):
        other = []

        async def collect(message):
            other.append(message)

        assert await drain(engine, collect) == 0

    async with transaction(engine, SYSTEM) as conn:
        assert await relay(conn, deliver) == 2


async def test_an_inbox_tells_a_repeat_from_the_first_time(engine):
    async with transaction(engine, SYSTEM) as conn:
        assert await first_time(conn, "notices", "line_a/2/1")
        assert not await first_time(conn, "notices", "line_a/2/1")
        assert await first_time(conn, "reports", "line_a/2/1")

"""Colleagues are added, graded and taken away by a command."""

import asyncio

import pytest

from api.staff import main
from ledger_core.store.postgres import make_engine, system, transaction
from tools import staff


def test_a_colleague_is_added_graded_anew_listed_and_removed(database, monkeypatch, capsys):
    monkeypatch.setenv("CASHLINE_BATCH_DATABASE_URL", database.url("cashline_batch"))

    async def grade():
        engine = make_engine(database.url("cashline_app"))
        async with transaction(engine, system("test")) as conn:
            found = await staff.grade_of(conn, "ana")
        await engine.dispose()
        return found

    assert main(["add", "ana"]) == 0
    assert asyncio.run(grade()) == "specialist"
    assert main(["add", "ana", "--grade", "supervisor"]) == main(["add", "bo"]) == 0
    capsys.readouterr()
    assert main(["list"]) == 0
    assert capsys.readouterr().out.splitlines() == ["ana: supervisor", "bo: specialist"]
    assert main(["remove", "ana"]) == 0
    assert asyncio.run(grade()) is None
    assert main(["remove", "ana"]) == 1
    assert "ana is no colleague" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["add", "ana", "--grade", "boss"])

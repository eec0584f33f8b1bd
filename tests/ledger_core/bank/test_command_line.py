"""An operator writes and takes files by hand."""

import asyncio
from datetime import date

from ledger_core.bank.__main__ import REFUSED, main
from ledger_core.bank.nacha_read import read
from ledger_core.bank.originator import Originator
from ledger_core.demo.bank_simulator import return_file
from ledger_core.store.postgres import make_engine
from tests.fixtures.books import open_book

ON = date(2026, 1, 5)


def test_a_file_goes_out_and_its_return_comes_in(database, tmp_path, capsys):
    async def begin():
        engine = make_engine(database.url("cashline_batch"))
        book = await open_book(engine, opened_on=ON)
        await book.draw(30_000, settle=False)
        await engine.dispose()

    asyncio.run(begin())
    url = ["--url", database.url("cashline_batch")]
    assert main([*url, "out", "--on", str(ON), "--dir", str(tmp_path)]) == 0
    assert main([*url, "out", "--on", str(ON), "--dir", str(tmp_path)]) == 0
    (file,) = tmp_path.iterdir()
    assert file.name == "20260105A.ach"
    assert capsys.readouterr().out.count("\n") == 1
    (batch,) = read(file.read_bytes()).batches
    back = tmp_path / "back.ach"
    back.write_bytes(return_file(Originator(), ON, [(batch.entries[0], "R03")]))
    assert main([*url, "in", str(back)]) == 0
    assert main([*url, "in", str(back)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "1 answers: 1 waiting; 1 returns booked",
        "1 answers: nothing new; 0 returns booked",
    ]
    back.write_bytes(back.read_bytes()[:-95])
    assert main([*url, "in", str(back)]) == REFUSED
    assert capsys.readouterr().err == "refused: record_count records=9\n"
    assert main([*url, "settle"]) == 0

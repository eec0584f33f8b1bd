"""A file that was written is read back as it was; a file that is wrong anywhere is refused whole."""

from datetime import date, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger_core.bank import nacha_records as records
from ledger_core.bank.nacha import Addenda, Batch, Entry, NachaFile, figures_of, plain, write
from ledger_core.bank.nacha_read import read
from ledger_core.bank.routing import check_digit, is_routing_number
from ledger_core.errors import BankFileRefused

HOUSE = "99100000"
words = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789-&.", max_size=15).map(str.strip)
routings = st.integers(1, 99_999_999).map(lambda n: f"{n:08}").map(lambda r: r + check_digit(r))
accounts = st.integers(1, 10**17 - 1).map(str)


def answer(kind, code="R01", text=""):
    return st.builds(
        Addenda,
        kind=st.just(kind),
        code=st.just(code),
        original_trace=st.integers(0, 10**15 - 1).map(lambda n: f"{n:015}"),
        original_rdfi=routings.map(lambda r: r[:8]),
        text=st.just(text),
    )


@st.composite
def entries(draw, sent=True):
    count = draw(st.integers(1, 12))
    codes = ["22", "27", "32", "37"] if sent else ["21", "26", "31", "36"]
    found = []
    for n in range(count):
        addenda = None if sent else draw(st.one_of(answer("99"), answer("98", "C01", "123456")))
        is_change = addenda is not None and addenda.kind == "98"
        found.append(
            Entry(
                draw(st.sampled_from(codes)),
                draw(routings),
                draw(accounts),
                0 if is_change else draw(st.integers(1, 10**9)),
                draw(words),
                draw(words),
                f"{HOUSE}{n + 1:07}",
                addenda=addenda,
            )
        )
    return tuple(found)


@st.composite
def files(draw):
    batches = tuple(
        Batch(200, "CASH LINE", "1999999999", "WEB", "PAYMENT", date(2026, 3, 17), HOUSE, n + 1, draw(one))
        for n, one in enumerate(draw(st.lists(st.sampled_from([entries(), entries(False)]), max_size=3)))
    )
    batches = batches or (
        Batch(200, "CASH LINE", "1999999999", "PPD", "", date(2026, 3, 17), HOUSE, 1, draw(entries())),
    )
    return NachaFile(
        "991000009", draw(words), "1999999999", draw(words), date(2026, 3, 16), time(20), "A", batches
    )


def sample() -> bytes:
    """Two batches, one entry with an addenda, padding at the end."""
    addenda = Addenda("99", "R01", "991000000000007", "99200000")
    back = Entry(
        "26", "991000009", "123456789", 4_500, "ID7", "DANA REYES", HOUSE + "0000001", addenda=addenda
    )
    out = Entry("22", "992000008", "000123", 30_000, "ID8", "DANA REYES", HOUSE + "0000002")
    day = date(2026, 3, 17)
    batches = (
        Batch(225, "CASH LINE", "1999999999", "WEB", "PAYMENT", day, HOUSE, 1, (back,)),
        Batch(220, "CASH LINE", "1999999999", "PPD", "ADVANCE", day, HOUSE, 2, (out,)),
    )
    return write(
        NachaFile(
            "991000009", "HOUSE BANK", "1999999999", "CASH LINE", date(2026, 3, 16), time(20), "A", batches
        )
    )


def changed(data: bytes, record: int, at: int, to: str) -> bytes:
    """With the characters of a record (from 1) replaced from a position (from 1), as format descriptions count."""
    lines = data.decode().splitlines()
    line = lines[record - 1]
    lines[record - 1] = line[: at - 1] + to + line[at - 1 + len(to) :]
    return ("\n".join(lines) + "\n").encode()


def codes(data: bytes) -> tuple[str, ...]:
    with pytest.raises(BankFileRefused) as refused:
        read(data)
    return refused.value.codes


@given(files())
@settings(max_examples=30, deadline=None)
def test_what_was_written_is_read_back(file):
    data = write(file)
    assert read(data) == file
    assert write(read(data)) == data
    lines = data.decode().splitlines()
    assert {len(line) for line in lines} == {records.RECORD_LENGTH}
    assert len(lines) % records.BLOCKING_FACTOR == 0


@given(files(), st.data())
@settings(max_examples=60, deadline=None)
def test_one_wrong_character_in_a_control_figure_refuses_the_file(file, data):
    lines = write(file).decode().splitlines()
    controls = [
        n for n, line in enumerate(lines) if line[0] == "8" or (line[0] == "9" and line != records.PADDING)
    ]
    number = data.draw(st.sampled_from(controls))
    figures = range(1, 44) if lines[number][0] == "8" else range(1, 55)
    at = data.draw(st.sampled_from(figures))
    other = data.draw(st.sampled_from("0123456789 X").filter(lambda c: c != lines[number][at]))
    lines[number] = lines[number][:at] + other + lines[number][at + 1 :]
    assert codes(("\n".join(lines) + "\n").encode())


@given(files(), st.data())
@settings(max_examples=30, deadline=None)
def test_a_file_cut_anywhere_is_refused(file, data):
    whole = write(file)
    assert codes(whole[: data.draw(st.integers(0, len(whole) - 2))])


@given(st.binary(max_size=2_000))
@settings(max_examples=50, deadline=None)
def test_noise_is_refused_by_name(noise):
    assert codes(noise)


@pytest.mark.parametrize(
    ("record", "at", "to", "expected"),
    [
        (1, 35, "095", ("field_malformed",)),
        (1, 24, "261399", ("date_invalid",)),
        (1, 30, "9900", ("date_invalid",)),
        (1, 34, "*", ("modifier_invalid",)),
        (2, 2, "201", ("service_class_unknown",)),
        (2, 2, "220", ("service_class_contradicted",)),
        (3, 2, "99", ("transaction_code_unknown", "service_class_contradicted")),
        (3, 12, "6", ("check_digit",)),
        (3, 30, "0000000000", ("amount_missing",)),
        (3, 30, "00000O4500", ("field_malformed",)),
        (3, 79, "0", ("addenda_unexpected",)),
        (4, 2, "05", ("addenda_unknown",)),
        (4, 94, "9", ("addenda_trace",)),
        (5, 5, "000003", ("batch_control",)),
        (5, 11, "0099100001", ("batch_control",)),
        (5, 88, "0000003", ("batch_control",)),
        (7, 79, "1", ("addenda_missing",)),
        (9, 2, "000003", ("file_control",)),
        (9, 8, "000002", ("file_control",)),
        (9, 56, "X", ("field_malformed",)),
        (10, 3, "8", ("padding",)),
    ],
)
def test_each_fault_has_its_name(record, at, to, expected):
    assert codes(changed(sample(), record, at, to)) == expected


def test_all_reasons_of_a_pass_are_told_in_the_order_of_the_file():
    data = changed(changed(sample(), 3, 12, "6"), 7, 12, "9")
    with pytest.raises(BankFileRefused) as refused:
        read(data)
    assert [(r.code, r.facts["record"]) for r in refused.value.reasons] == [
        ("check_digit", 3),
        ("check_digit", 7),
    ]
    assert "check_digit record=3" in str(refused.value)


def test_records_out_of_place_are_refused():
    lines = sample().decode().splitlines()
    assert codes("\n".join([lines[0], lines[2], lines[1], *lines[3:]]).encode()) == ("record_order",)
    assert codes("\n".join(lines[:-1]).encode()) == ("record_count",)
    assert codes("\n".join([*lines[:-1], lines[-1][:-1]]).encode()) == ("record_length",)
    assert codes(b"") == ("empty",)
    assert codes("1é".encode()) == ("not_ascii",)


def test_traces_of_a_batch_ascend():
    file = read(sample())
    entry = file.batches[1].entries[0]
    twice = Batch(
        220, "CASH LINE", "1999999999", "PPD", "ADVANCE", date(2026, 3, 17), HOUSE, 1, (entry, entry)
    )
    data = write(NachaFile("991000009", "", "1", "", date(2026, 3, 16), time(20), "A", (twice,)))
    assert codes(data) == ("trace_order",)


def test_line_ends_of_another_system_are_read():
    assert read(sample().replace(b"\n", b"\r\n")) == read(sample())


def test_the_hash_keeps_its_last_ten_digits():
    entry = read(sample()).batches[1].entries[0]
    assert figures_of([entry] * 200).entry_hash == 99_200_000 * 200 % 10**10


def test_check_digits():
    assert is_routing_number("021000021")
    assert not is_routing_number("021000022")
    assert not is_routing_number("02100002")
    assert not is_routing_number("02100002x")


def test_names_are_written_in_plain_capitals():
    assert plain("María-José Núñez Castellanos", 22) == "MARIA-JOSE NUNEZ CASTE"

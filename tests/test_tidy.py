"""House rules, held by a test whose message teaches."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MONEY = ("ledger_core", "tools")
STATISTICS = {"measures.py", "fairness.py", "train.py", "card.py"}
"""of `ledger_core/underwriting`: they measure, and move nothing"""
LOOKED_AT = {
    "ledger_core/line/events.py",  # one catalogue of facts, read as a list
    "ledger_core/store/tables.py",  # one catalogue of tables
    "ledger_core/line/snapshot.py snapshot",  # one constructor call of a wide state
}
"""Longer than the rest, looked at, and left whole."""
LINES_MAX, FUNCTION_LINES_MAX = 400, 70
CLOCK_HOME = "ledger_core/dates.py"
WALL_CLOCK = {("date", "today"), ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today")}
MACHINE = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|hom[e])/\w")


def tracked(*endings: str) -> list[Path]:
    """Files of the repository with these endings."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = [ROOT / name for name in listed.splitlines() if name.endswith(endings)]
    return [path for path in found if path.is_file()]


def sources() -> list[Path]:
    return [path for path in tracked(".py") if path.relative_to(ROOT).parts[0] != "tests"]


def where(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def nodes(paths: list[Path]) -> Iterator[tuple[Path, ast.AST]]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            yield path, node


if not (ROOT / ".git").exists():
    pytest.skip("house rules read the files that git tracks", allow_module_level=True)


def test_money_knows_no_float() -> None:
    books = [
        p
        for p in sources()
        if p.relative_to(ROOT).parts[0] in MONEY
        and "knowledge" not in p.parts
        and not (p.parent.name == "underwriting" and p.name in STATISTICS)
    ]
    found = [
        where(p, n) for p, n in nodes(books) if isinstance(n, ast.Constant) and isinstance(n.value, float)
    ]
    assert found == [], f"money is whole cents, rates are basis points or Decimal: {found}"


def test_only_the_system_clock_asks_what_time_it_is() -> None:
    found = [
        where(path, node)
        for path, node in nodes(sources())
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) in WALL_CLOCK
        and str(path.relative_to(ROOT)) != CLOCK_HOME
    ]
    assert found == [], f"take a Clock or a date as an argument: {found}"


def test_modules_and_functions_fit_in_a_head() -> None:
    long_files = [
        str(p.relative_to(ROOT))
        for p in sources()
        if len(p.read_text(encoding="utf-8").splitlines()) > LINES_MAX
    ]
    long_functions = [
        f"{p.relative_to(ROOT)} {n.name}"
        for p, n in nodes(sources())
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
        and (n.end_lineno or 0) - n.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert set(long_files + long_functions) - LOOKED_AT == set(), "split by reason to change"


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(p.relative_to(ROOT))
        for p in sources()
        if p.read_text().strip() and not ast.get_docstring(ast.parse(p.read_text()))
    ]
    assert silent == [], f"the first line of a module says what it is for: {silent}"


def test_no_file_names_a_machine_or_an_index() -> None:
    texts = tracked(
        ".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".sql", ".js", ".html", ".css", "Makefile", "run"
    )
    index = re.compile(r"--(?:extra-)?index-url|--find-links|https?://\S+/simple\b")
    found = [
        f"{path.relative_to(ROOT)}"
        for path in texts
        if path.name != "test_tidy.py"
        and (MACHINE.search(t := path.read_text(encoding="utf-8")) or index.search(t))
    ]
    assert found == [], found


def test_tests_assert_something() -> None:
    telling = re.compile(
        r"Assert\(|raises|attr='(?:assert_\w+|fail|expect)'|id='(?:expect|check_\w+|assert_\w+)'"
    )
    silent = [
        f"{where(path, node)} {node.name}"
        for path, node in nodes([p for p in tracked(".py") if p.relative_to(ROOT).parts[0] == "tests"])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not telling.search(ast.dump(node))
    ]
    assert silent == [], f"a test that asserts nothing proves nothing: {silent}"

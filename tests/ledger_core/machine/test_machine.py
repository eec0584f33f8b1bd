"""A Hypothesis state machine over every command, with a naive auditor beside the engine after every step.

In `make test` it runs a few short lives from a fixed seed. `CASHLINE_MACHINE_SECONDS=600` makes it run that long
over ever new seeds, and prints what it did; so does `python -m evals run books`.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RULE_MARKER, invariant, rule, run_state_machine_as_test

from ledger_core.commands.grant_credit import grant_credit
from ledger_core.errors import KeyReused, VersionConflict
from ledger_core.ids import new_id
from ledger_core.store.append import Append, NewEvent, append
from ledger_core.store.embedded import EmbeddedServer
from ledger_core.store.postgres import transaction
from tests.ledger_core.machine.auditor import DAY
from tests.ledger_core.machine.auditor_facts import FullAuditor
from tests.ledger_core.machine.auditor_fees import late_fee
from tests.ledger_core.machine.base import NTH
from tests.ledger_core.machine.invariants import CHECKS, accrued_is_audited, check_line
from tests.ledger_core.machine.rules_money import MoneyRules
from tests.ledger_core.machine.rules_terms import TermsRules
from tests.ledger_core.machine.world import SYSTEM, Line, World

ROOT = Path(__file__).parents[3]
SECONDS = int(os.environ.get("CASHLINE_MACHINE_SECONDS", "0"))
FIRST_SEED = int(os.environ.get("CASHLINE_MACHINE_SEED", "1"))
SHRINK = bool(os.environ.get("CASHLINE_MACHINE_SHRINK"))
REPORT = os.environ.get("CASHLINE_MACHINE_REPORT")


class Place:
    """Where worlds are made, and what all of them counted."""

    def __init__(self, server: EmbeddedServer, template: str, runner: asyncio.Runner) -> None:
        self.server, self.template, self.runner = server, template, runner
        self.counts: Counter[str] = Counter()


PLACE: list[Place] = []


class Books(MoneyRules, TermsRules):
    """Lives of a few lines, through the commands alone."""

    def __init__(self) -> None:
        super().__init__()
        place = PLACE[0]
        self.world = World(place.server, place.template, place.runner)

    def teardown(self) -> None:
        PLACE[0].counts.update(self.world.counts)
        self.world.close()

    # --- time

    @rule(nights=st.integers(1, 3), bank=st.booleans())
    def some_nights(self, nights: int, bank: bool) -> None:
        self._pass(nights, bank)

    @rule(nights=st.integers(4, 35))
    def many_nights(self, nights: int) -> None:
        self._pass(nights, True)

    def _pass(self, nights: int, bank: bool) -> None:
        for _ in range(nights):
            before = {line.line_id: self.auditor(line) for line in self.world.lines}
            report = self.world.night()
            assert report.differences == []
            for line in self.world.lines:
                self._night_was_right(line, before[line.line_id])
            if bank:
                self.world.bank_answers()

    def _night_was_right(self, line: Line, before: FullAuditor) -> None:
        after = self.auditor(line)
        written_late = any(f.on < self.world.today - DAY for f in after.new_since(before))
        if not written_late:  # what a late fact of this night changes is corrected by the next one
            accrued_is_audited(self.world, line)
        charged = [f for f in after.new_since(before) if f.kind == "FeeCharged" and f.data["kind"] == "late"]
        assert len(charged) <= 1
        assert charged or after.closed or late_fee(line.product, after) is None

    # --- what must change nothing

    @rule(nth=NTH)
    def repeat_a_key(self, nth: int) -> None:
        """The same key with the same input: the first answer again, and nothing new."""
        if not self.world.acts:
            return
        act = self.world.acts[-1 - nth % len(self.world.acts)]
        answer = self.world.call(act.command, act.line_id, act.context, **act.arguments)
        assert answer == act.answer
        self._unchanged("repeated key")

    @rule(nth=NTH)
    def reuse_a_key(self, nth: int) -> None:
        """The same key with another input is an error."""
        if not self.world.acts:
            return
        act = self.world.acts[-1 - nth % len(self.world.acts)]
        with pytest.raises(KeyReused):
            self.world.call(grant_credit, act.line_id, act.context, amount_cents=77_777, reason="other")
        self._unchanged("reused key")

    @rule(n=NTH, off=st.sampled_from([-1, 1]))
    def append_at_a_wrong_version(self, n: int, off: int) -> None:
        line = self.line(n)
        ((version,),) = self.world.rows(
            "SELECT version FROM core.lines WHERE line_id = %(id)s", id=line.line_id
        )
        event = NewEvent(new_id("event"), "LineUnlocked", 1, self.world.today, {})
        stale = Append(line.line_id, version + off, new_id("key"), "hash", {}, (event,))

        async def write() -> None:
            async with transaction(self.world.engine, SYSTEM) as conn:
                await append(conn, stale)

        with pytest.raises(VersionConflict):
            self.world.run(write())
        self._unchanged("wrong version")

    def _unchanged(self, why: str) -> None:
        assert self.world.read_digest() == self.world.digest, why
        self.world.counts[f"unchanged after a {why}"] += 1

    # --- after every step

    @invariant()
    def everything_holds(self) -> None:
        self.world.counts["step"] += 1
        for line in self.world.lines:
            if line.line_id in self.world.touched:
                check_line(self.world, line)
        self.world.touched.clear()
        self.take_hints()


@pytest.fixture(scope="module")
def place(server: EmbeddedServer, template: str) -> Iterator[Place]:
    with asyncio.Runner() as runner:
        PLACE.append(Place(server, template, runner))
        yield PLACE[0]
        PLACE.clear()


def _profile(lives: int, steps: int) -> settings:
    return settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        derandomize=not SECONDS,
        phases=(Phase.generate, Phase.shrink) if SHRINK else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.normal,
    )


@pytest.mark.slow
def test_engine_database_and_auditor_agree_after_every_step(place: Place) -> None:
    if not SECONDS:
        run_state_machine_as_test(Books, settings=_profile(lives=5, steps=25))
        assert place.counts["step"] > 100
        return
    until, at = time.monotonic() + SECONDS, FIRST_SEED
    while time.monotonic() < until:
        run_state_machine_as_test(seed(at)(Books), settings=_profile(lives=10, steps=60))
        at += 1
    _report(place.counts, at - FIRST_SEED)


def _report(counts: Counter[str], seeds: int) -> None:
    lines = [f"{name}: {n}" for name, n in sorted(counts.items())]
    print(f"\nseeds: {seeds}", *lines, sep="\n")  # noqa: T201  a deep run is read by a person
    if REPORT:
        Path(REPORT).write_text(json.dumps({"seeds": seeds, **counts}, indent=1))


def commands() -> list[str]:
    """Modules that hold a command of their own name: those that take a `CommandContext`."""
    taking = re.compile(r"^async def (\w+)\(\s*conn: AsyncConnection,\s*ctx: CommandContext", re.MULTILINE)
    modules = sorted((ROOT / "ledger_core/commands").glob("*.py"))
    return [m.stem for m in modules if m.stem in taking.findall(m.read_text(encoding="utf-8"))]


@pytest.mark.parametrize("command", [c for c in commands() if c != "run"])
def test_every_command_has_a_rule(command: str) -> None:
    assert hasattr(vars(MoneyRules).get(command) or vars(TermsRules).get(command), RULE_MARKER)


def test_every_invariant_of_the_readme_is_checked() -> None:
    readme = (ROOT / "ledger_core/README.md").read_text(encoding="utf-8")
    written = {
        word.strip("| ")
        for row in readme.splitlines()
        if row.startswith("| INV-")
        for word in row.split("|")[1:2]
    }
    assert written
    assert written <= set(CHECKS)

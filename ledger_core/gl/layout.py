"""Tables of plain text, for people who read figures."""

from __future__ import annotations

from collections.abc import Sequence

Row = tuple[str, ...]


def dollars(cents: int) -> str:
    """1,234.56; negative amounts carry a minus."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{rest:02d}"


def table(head: Row, rows: Sequence[Row | None], *, numbers: Sequence[int] = ()) -> str:
    """The rows under their head, columns aligned; None draws a rule. numbers: the columns aligned to the right."""
    told = [head, *(row for row in rows if row is not None)]
    widths = [max(len(row[n]) for row in told) for n in range(len(head))]
    rule = "  ".join("-" * width for width in widths)
    lines = [_line(head, widths, numbers), rule]
    lines += [rule if row is None else _line(row, widths, numbers) for row in rows]
    return "\n".join(lines)


def _line(row: Row, widths: Sequence[int], numbers: Sequence[int]) -> str:
    cells = (
        cell.rjust(width) if n in numbers else cell.ljust(width)
        for n, (cell, width) in enumerate(zip(row, widths, strict=True))
    )
    return "  ".join(cells).rstrip()

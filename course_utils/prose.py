"""How does a computed number get into the text? As Markdown that a notebook shows."""

from collections.abc import Sequence

__all__ = ["Markdown", "table"]


class Markdown(str):
    """Text that notebooks show as Markdown and that prints as it is.

    >>> Markdown(f"The mean is **{(1 + 2) / 2}**.")
    The mean is **1.5**.
    """

    def _repr_markdown_(self) -> str:
        return str(self)

    def __repr__(self) -> str:
        return str(self)


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> Markdown:
    """A Markdown table; the first column is text, the others are set flush right.

    Raises ValueError for a row that is not as long as the header.

    >>> table(["network", "parameters"], [["784–10", f"{7850:,}"]])
    | network | parameters |
    | --- | ---: |
    | 784–10 | 7,850 |
    """
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"rows: {row!r} has {len(row)} cells; the header has {len(header)}")
    marks = ["---", *["---:"] * (len(header) - 1)]
    lines = [header, marks, *rows]
    return Markdown("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines))

"""Find claims that can't fail: those that hold whatever is put in place of what they look at.

python scripts/claims.py book/04b_how_often.ipynb
python scripts/claims.py --by 0.1 book/0[1-4]*.ipynb

Runs the notebooks in this process. A claim's condition is one part, or several joined by ``and``.
Each name in a part is moved up and down by a half (``--by``), turned around and cut short, one at a
time, and the part is computed again. (Where no name is a number, a text or a collection of them,
the sides of its comparisons are changed instead.) A part that is never false is printed, with its
sentence. It may say that two things differ, or that a number is finite, which no such change
undoes; it may have a bound so wide that it says little; or it doesn't mean what its sentence says.
So look at each.
"""

import argparse
import ast
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import nbformat
import numpy as np
import torch


def variants(value: Any, by: float) -> list[Any]:
    """Give a number, a text, or what holds them, moved, turned and cut short; else nothing."""
    if isinstance(value, str):
        return [f"{value}?", value[:-1]]
    if isinstance(value, dict):
        kept = dict([*value.items()][:-1])
        return [
            *(dict(zip(value, v, strict=True)) for v in variants([*value.values()], by)[:3]),
            kept,
        ]
    if isinstance(value, list | tuple | set) and value:
        moved = [(v, variants(v, by)) for v in value]
        changed = [type(value)(m[i % len(m)] if m else v for v, m in moved) for i in range(3)]
        return [*changed, type(value)([*value][:-1])]
    if isinstance(value, bool):
        return [not value]
    if getattr(value, "dtype", None) in (bool, torch.bool):
        return [~value]
    if isinstance(value, np.ndarray | torch.Tensor):
        cut = [value[:-1]] if value.ndim else []
        return [value * (1 + by) + by, value * (1 - by) - by, -value - 1, *cut]
    if hasattr(value, "__float__"):
        step = abs(value) * by + (1 if float(value).is_integer() else 0)
        return [value + step, value - step, -value - 1]
    return []


class Change:
    """A probe that changes what one place looks at, in one way, and leaves the others."""

    def __init__(self, place: int, way: int, by: float) -> None:
        self.place, self.way, self.by, self.done = place, way, by, False

    def __call__(self, place: int, value: Any) -> Any:
        changed = variants(value, self.by) if place == self.place else []
        if self.way >= len(changed):
            return value
        self.done = True
        return changed[self.way]


class Marker(ast.NodeTransformer):
    """Put a probe around each name, or around each side of a comparison, and number them."""

    def __init__(self, sides: bool) -> None:
        self.sides, self.count = sides, 0

    def mark(self, node: ast.expr) -> ast.expr:
        self.count += 1
        probe = ast.Name("_probe", ast.Load())
        return ast.Call(probe, [ast.Constant(self.count - 1), node], [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return node if self.sides or isinstance(node.ctx, ast.Store) else self.mark(node)

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if self.sides:
            node.left = self.mark(node.left)
            node.comparators = list(map(self.mark, node.comparators))
        return node


class Watcher(ast.NodeTransformer):
    """Hand each claim's parts to ``_watch`` before the claim is made."""

    def visit_Expr(self, node: ast.Expr) -> Any:
        call = node.value
        if not (isinstance(call, ast.Call) and ast.unparse(call.func) == "claim"):
            return node
        sentence, holds = call.args
        joined = isinstance(holds, ast.BoolOp) and isinstance(holds.op, ast.And)
        watches = []
        for part in map(ast.unparse, holds.values if joined else [holds]):  # type: ignore[attr-defined]
            inputs = [ast.unparse(sentence), repr(part)]
            for marker in Marker(sides=False), Marker(sides=True):
                probed = ast.unparse(marker.visit(ast.parse(part, mode="eval").body))
                inputs += [f"(lambda _probe: {probed}, {marker.count})"]
            watches += ast.parse(f"_watch({', '.join(inputs)})").body
        return [*watches, node]


def never_false(by: float, *ways_to_look: tuple[Callable[[Change], Any], int]) -> bool:
    """Whether a part holds for every change of what it looks at: of names, else of sides."""
    for part, count in ways_to_look:
        changes = [Change(place, way, by) for place in range(count) for way in range(4)]
        for change in changes:
            try:
                holds = bool(np.asarray(part(change)).all())
            except Exception:  # what no longer computes does not hold
                holds = False
            if change.done and not holds:
                return False
        if any(change.done for change in changes):
            break
    return True


def survivors(notebook: Path, by: float) -> list[tuple[int, str, str]]:
    """Run a notebook; give the cell, the sentence and the words of each part that never fails."""
    found: list[tuple[int, str, str]] = []

    def watch(sentence: str, words: str, *looks: tuple[Callable[[Change], Any], int]) -> None:
        with torch.random.fork_rng():
            if never_false(by, *looks):
                found.append((number, sentence, words))

    space: dict[str, Any] = {"__name__": "__main__", "_watch": watch}
    for number, cell in enumerate(nbformat.read(notebook, as_version=4).cells):
        if cell.cell_type == "code" and "google.colab" not in cell.source:
            tree = ast.fix_missing_locations(Watcher().visit(ast.parse(cell.source)))
            exec(compile(tree, f"{notebook.stem}, cell {number}", "exec"), space)
    return found


def main() -> None:
    """Read the command line and print what survives, notebook by notebook."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--by", type=float, default=0.5, help="how far, as a share (default 0.5)")
    arguments = parser.parse_args()
    mpl.use("Agg")
    for notebook in [path.resolve() for path in arguments.notebooks]:
        os.chdir(notebook.parent)
        for number, sentence, words in survivors(notebook, arguments.by):
            print(f"!! {notebook.stem} [{number}] {sentence}\n     {words}")


if __name__ == "__main__":
    main()

"""Which cells of a notebook must run, so that its answers are judged as in a whole run.

A page trains and draws for minutes, and its exercises need little of that. What must run is found
backwards from its roots, the student's own cells that ask for a judgement. Before each of them
run those that bind a name that it uses, or may change what the name holds; and so on. A name is
bound by an assignment, an import, a definition, a loop. What it holds may be changed where
an element or attribute is assigned, and where a statement calls its method or is given it; in a
student's own cell, wherever the name stands. A function's body uses its names
later: any cell that binds one of them runs. What is imported is taken to stay as it is.

So a page's cell that trains or draws runs only where an answer needs what it makes. The solutions
of the page never run.
"""

from __future__ import annotations

import ast
import builtins
import copy
import symtable
from collections.abc import Sequence
from dataclasses import dataclass, field

from course_utils.marking.pages import parsed

__all__ = ["binds_check", "names_of", "needed"]

_BUILTINS = frozenset(dir(builtins))


@dataclass
class _Names:
    """What a cell does with names."""

    early: set[str] = field(default_factory=set)  # used as the cell runs, and not made by it before
    late: set[str] = field(default_factory=set)  # used when a function is called
    binds: set[str] = field(default_factory=set)
    surely: set[str] = field(default_factory=set)  # bound whatever happens
    touches: set[str] = field(default_factory=set)  # what they hold may be changed
    imports: set[str] = field(default_factory=set)
    everything: bool = False  # binds names that aren't written out


def needed(
    sources: Sequence[str], own: Sequence[bool], never: Sequence[bool], roots: Sequence[bool]
) -> list[bool]:
    r"""Say of each cell whether it must run, for the ``roots`` to do as they would in a whole run.

    ``own`` says which are a student's, not the page's; those of ``never`` are left out.

    >>> cells = ["import math", "x = math.pi", "history = train()", "y = 2 * x\ncheck('area', y)"]
    >>> mine = [False, False, False, True]
    >>> needed(cells, mine, [False] * 4, mine)
    [True, True, False, True]
    """
    names = [names_of(source) for source in sources]
    imports = set[str]().union(*(found.imports for found in names))
    for found, mine in zip(names, own, strict=True):
        if mine:
            found.touches |= found.early
        found.touches -= imports
    run = list(roots)
    while True:
        late = set[str]().union(*(names[i].late for i, runs in enumerate(run) if runs))
        again = list(run)
        wanted: set[str] = set()
        for i in reversed(range(len(sources))):
            found = names[i]
            makes = found.binds | found.touches
            use = makes & wanted or found.binds & late or found.everything
            if not never[i] and any(roots[i:]) and (again[i] or use):
                again[i] = True
                wanted = (wanted - found.surely) | found.early
        if again == run:
            return run
        run = again


def binds_check(source: str) -> bool:
    """Whether a cell gives the name ``check`` to something else than the course's own.

    >>> binds_check("check = print"), binds_check("from course_utils.exercises import check")
    (True, False)
    """
    tree = parsed(source)
    others = [
        statement
        for statement in (tree.body if tree else [])
        if getattr(statement, "module", None) != "course_utils.exercises"
    ]
    found = _Names()
    _read(others, found, set())
    return "check" in found.binds


def names_of(source: str) -> _Names:
    r"""Read from a cell what it does with names.

    >>> names = names_of("import math\nx = math.pi * y")
    >>> sorted(names.early), sorted(names.binds)
    (['y'], ['math', 'x'])
    """
    found, tree = _Names(), parsed(source)
    if tree:
        _read(tree.body, found, found.surely)
    return found


def _read(statements: Sequence[ast.stmt], found: _Names, surely: set[str]) -> None:
    """Follow statements one after the other; ``surely`` gathers what is bound on the way."""
    for statement in statements:
        if isinstance(statement, ast.With):
            _read([*map(_entered, statement.items), *statement.body], found, surely)
            continue
        head, blocks = _parts(statement)
        for part in head:
            now, later, stored = _of(part)
            found.early |= now - surely - _BUILTINS
            found.late |= later - _BUILTINS
            found.binds |= stored
            found.touches |= _touched(part)
            if isinstance(part, ast.Import | ast.ImportFrom):
                found.imports |= stored
                found.everything |= any(alias.name == "*" for alias in part.names)
            if not blocks:
                surely |= stored
        caught = {handler.name for handler in getattr(statement, "handlers", ()) if handler.name}
        within = surely | (stored if isinstance(statement, ast.For) else caught)
        for block in blocks:
            _read(block, found, set(within))


def _entered(item: ast.withitem) -> ast.stmt:
    """What ``with`` does with one of its managers, as a statement."""
    if item.optional_vars is None:
        return ast.fix_missing_locations(ast.Expr(item.context_expr))
    return ast.fix_missing_locations(ast.Assign([item.optional_vars], item.context_expr))


def _parts(statement: ast.stmt) -> tuple[list[ast.stmt], list[list[ast.stmt]]]:
    """Part a loop or a condition into what is always done, and the blocks that may not be."""
    if isinstance(statement, ast.For):
        head: ast.stmt = ast.Assign([statement.target], statement.iter)
    elif isinstance(statement, ast.If | ast.While):
        head = ast.Expr(statement.test)
    elif isinstance(statement, ast.Try):
        handlers = [handler.body for handler in statement.handlers]
        return [], [statement.body, *handlers, statement.orelse, statement.finalbody]
    else:
        return [statement], []
    return [ast.fix_missing_locations(head)], [statement.body, statement.orelse]


def _of(statement: ast.stmt) -> tuple[set[str], set[str], set[str]]:
    """Name what a statement uses at once, what it uses later, and what it binds."""
    plain = _Generators().visit(copy.deepcopy(statement))
    table = symtable.symtable(ast.unparse(plain), "cell", "exec")
    now: set[str] = set()
    later: set[str] = set()
    stored: set[str] = set()
    for symbol in table.get_symbols():
        if symbol.is_referenced():
            now.add(symbol.get_name())
        if symbol.is_assigned() or symbol.is_imported():
            stored.add(symbol.get_name())
    inner = [(child, False) for child in table.get_children()]
    while inner:
        child, deferred = inner.pop()
        deferred |= child.get_type() == "function" and child.get_name() != "genexpr"
        for symbol in child.get_symbols():
            if symbol.is_global():
                (later if deferred else now).add(symbol.get_name())
                if symbol.is_declared_global() and symbol.is_assigned():
                    stored.add(symbol.get_name())
        inner += [(grandchild, deferred) for grandchild in child.get_children()]
    if isinstance(statement, ast.AugAssign):
        now |= stored
    return now, later, stored


class _Generators(ast.NodeTransformer):
    """Write comprehensions as generators: from Python 3.12 on, only these keep their own names."""

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.AST:
        return self.generic_visit(ast.GeneratorExp(node.elt, node.generators))

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        both = ast.Tuple([node.key, node.value], ast.Load())
        return self.generic_visit(ast.GeneratorExp(both, node.generators))


def _touched(statement: ast.stmt) -> set[str]:
    """Name what a statement may change without binding it."""
    touched: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            touched |= _bases(node.value)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            owner = [call.func] if isinstance(call.func, ast.Attribute) else []
            for part in (*owner, *call.args, *(word.value for word in call.keywords)):
                touched |= _bases(part)
    return touched


def _bases(node: ast.expr) -> set[str]:
    """The name at the bottom of ``a.b[0].c``, or of each part of a tuple or list."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call | ast.Starred):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return set()
        node = node.func if isinstance(node, ast.Call) else node.value
    if isinstance(node, ast.Tuple | ast.List):
        return set[str]().union(*map(_bases, node.elts))
    return {node.id} if isinstance(node, ast.Name) else set()

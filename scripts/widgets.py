"""Give the widgets stored in notebooks the script and style that the package has now.

    python scripts/widgets.py                    all of book/, the front page's widget too
    python scripts/widgets.py book/curves.ipynb

Nothing is run: only what stands between the tags is replaced. If the tables themselves have
changed, use `make execute`.
"""

import argparse
import re
import sys
from functools import partial
from pathlib import Path

import nbformat

from course_utils import exercises, explorers, live, steppers
from course_utils.basics.files import write_atomically
from course_utils.fragments import Fragment

BOOK = Path(__file__).resolve().parent.parent / "book"
FRONT = BOOK / "_static" / "front.html"  # which index.md includes
# A fragment's style and script are its last two elements.
OWN = re.compile(
    r"<style>((?!<style>).)*</style><script>((?!<script>).)*</script></div>\Z", re.DOTALL
)


def kinds() -> dict[str, str]:
    """For each kind of widget, how its HTML begins and how it ends now."""
    point = {"test_accuracy": [[0.5], [0.5]]}
    records = [explorers.Curves(name, name, name, [0, 1], point) for name in ("a", "b")]
    made: dict[str, Fragment] = {
        "cst": steppers.convolution([[1]], [[1]]),
        "sizes": steppers.sizes(),
        "cex-table": explorers.table(["a"], [["b"]], title="c"),
        "cex-curves": explorers.curves(records, title="d"),
        "cjx": exercises.box(exercises.REGISTRY["normalize"]),
        "cnl": live.look(next(iter(live.NETWORKS))),
        "cxr": live.xor_trainer(),
    }
    return {name: widget.html[_own(widget.html) :] for name, widget in made.items()}


def front() -> str:
    """The widget of the front page."""
    return live.look("cnn-8-16-32-adam", small=True).html + "\n"


def _own(html: str) -> int:
    found = OWN.search(html)
    return found.start() if found else -1


def refreshed(html: str, ends: dict[str, str]) -> str:
    """The same widget with the script and style of now; what is no widget stays as it is."""
    frame = html.split(">", 1)[0]
    found = re.match(r'<div class="(cst|cex|cjx|cnl|cxr)\b', frame)
    if not found or _own(html) < 0:
        return html
    name = next((name for name in ("cex-table", "cex-curves") if name in frame), found[1])
    if name == "cst" and "data-own=" in frame:
        name = "sizes"
    return html[: _own(html)] + ends[name]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: all of book/")
    ends = kinds()
    named = parser.parse_args().notebooks
    if not named:
        write_atomically(FRONT, lambda part: part.write_text(front(), encoding="utf-8"))
    for path in named or sorted(BOOK.glob("*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        changed = 0
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                html = output.get("data", {}).get("text/html")
                if html and (new := refreshed(html, ends)) != html:
                    output["data"]["text/html"] = new
                    changed += 1
        if changed:
            write_atomically(path, partial(nbformat.write, notebook))
            print(f"{path.name}: {changed}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The widgets stored in the book: each kind is small, and each copy is the package's."""

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "book").glob("*.ipynb"))


@pytest.fixture(scope="module")
def widgets():
    """The module scripts/widgets.py, which knows every kind of widget."""
    spec = importlib.util.spec_from_file_location("widgets", ROOT / "scripts" / "widgets.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def ends(widgets):
    return widgets.kinds()


def test_each_kind_has_less_than_60_kb_of_script(ends):
    assert set(ends) == {"cst", "sizes", "cex-table", "cex-curves", "cjx", "cnl", "cxr"}
    for kind, end in ends.items():
        script = re.search(r"<script>(.*)</script>", end, re.DOTALL)[1]
        print(f"{kind}: {len(script.encode()):,} bytes of script")
        assert 1_000 < len(script.encode()) < 60_000


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_stored_widgets_have_the_script_and_style_of_the_package(widgets, ends, path):
    """Otherwise `python scripts/widgets.py` brings them up to date."""
    for cell in nbformat.read(path, as_version=4).cells:
        for output in cell.get("outputs", []):
            html = output.get("data", {}).get("text/html", "")
            if "data-lm-suppress-shortcuts" in html:
                assert html.endswith(tuple(ends.values()))
                assert widgets.refreshed(html, ends) == html


def test_the_front_page_has_the_widget_that_python_makes(widgets):
    assert widgets.FRONT.read_text(encoding="utf-8") == widgets.front()
    index = (ROOT / "book" / "index.md").read_text(encoding="utf-8")
    assert f":file: _static/{widgets.FRONT.name}\n" in index

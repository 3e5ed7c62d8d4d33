"""The pages of the built book; skipped if it is not built, or is older than its sources."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HTML = ROOT / "_build" / "html"
PAGES = sorted(path.stem for path in (ROOT / "book").iterdir() if path.suffix in (".md", ".ipynb"))


def built(page: str = "index") -> Path:
    """The page's file; the test is skipped where it would not be what the book now says."""
    sources = [path for path in (ROOT / "book").iterdir() if path.is_file()]
    sources += (ROOT / "book" / "_static").iterdir()
    newest = max(sources, key=lambda path: path.stat().st_mtime)
    index = HTML / "index.html"
    if not index.exists():
        pytest.skip("the book is not built: make book")
    if index.stat().st_mtime < newest.stat().st_mtime:
        pytest.skip(f"the built book is older than {newest.name}: make book")
    return HTML / f"{page}.html"

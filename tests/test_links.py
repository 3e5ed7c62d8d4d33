"""Links of the built book: inner ones lead to a file and an anchor, outside ones have a host."""

from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import book_html
import pytest

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """What a page links to and loads, and the anchors it has."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors = [], {"", "top"}
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name in ("href", "src") and value is not None:
                self.links.append(value)
            elif name in ("id", "name") and tag != "meta":
                self.anchors.add(value)


def test_every_link_leads_somewhere():
    book_html.built()
    pages = {path: Page(path) for path in sorted(book_html.HTML.glob("*.html"))}
    broken, inner, outside = [], 0, 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https"):
                outside += 1
                if "." not in (parts.hostname or "") or " " in link:
                    broken.append((path.name, link))
            elif parts.scheme in ("data", "mailto", "javascript"):
                continue
            else:
                inner += 1
                target = path.parent / unquote(parts.path) if parts.path else path
                known = pages.get(target)
                anchored = known is None or unquote(parts.fragment) in known.anchors
                if parts.scheme or not target.is_file() or not anchored:
                    broken.append((path.name, link))
    assert not broken
    print(f"{inner} links inside, {outside} outside")
    assert inner > 1000

"""A piece of HTML that brings its script and style into any page, light or dark, and onto paper.

The page may be the built book, JupyterLab, Colab or a file. A fragment loads nothing, has no ids
that another could have too, and shows its plain source where there is no script.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Fragment", "assemble", "packed", "theme", "wrap"]

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Fragment:
    """A piece of HTML that notebooks show, complete in itself; ``html`` is its text."""

    summary: str
    html: str

    def _repr_html_(self) -> str:
        return self.html

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.summary}"


def packed(path: Path) -> str:
    """Read a script or style without its indentation and the lines that are comments."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return "\n".join(line for line in lines if line and not line.startswith(("//", "/*")))


def theme(name: str) -> str:
    """The colours and the frame of every fragment, as a style for the class ``name``."""
    return packed(HERE / "theme.css").replace(".cst", f".{name}")


def wrap(
    title: str,
    source: str,
    *,
    name: str,
    style: str,
    script: str,
    attributes: Mapping[str, str] | None = None,
) -> str:
    """Put a title, the plain source (HTML), style and script into one element.

    ``name`` is its class, or several with a space between. ``title`` and the values of
    ``attributes`` are text and are escaped.
    """
    title = html.escape(title)
    own = "".join(f' {key}="{html.escape(text)}"' for key, text in (attributes or {}).items())
    return (
        f'<div class="{name}" role="group" aria-label="{title}" tabindex="-1" '
        f'data-lm-suppress-shortcuts="true"{own}>'
        f'<p class="t"><b>{title}</b></p><div class="src">{source}</div>'
        f"<style>{style}</style><script>{script}</script></div>"
    )


def assemble(
    title: str,
    source: str,
    *,
    name: str,
    folder: Path,
    script: str,
    styles: Sequence[str],
    uses: Sequence[str] = (),
    attributes: Mapping[str, str] | None = None,
) -> str:
    """Put a fragment together with a folder's script and styles, and the theme of its class.

    The script is a function. It is called with the values of the scripts that it ``uses``, and with
    what starts fragments, ``begin.js``.
    """
    used = ",\n".join(packed(path) for path in (*(folder / use for use in uses), HERE / "begin.js"))
    return wrap(
        title,
        source,
        name=name,
        style="\n".join([theme(name.split()[0]), *(packed(folder / style) for style in styles)]),
        script=f"{packed(folder / script)}(\n{used}\n);",
        attributes=attributes,
    )

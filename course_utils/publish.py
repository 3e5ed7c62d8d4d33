"""The book's address, in setup cells and links: how a notebook in Colab finds this very version.

The address of the book's repository stands in one place, ``_config.yml``. What the notebooks and
pages say of it is derived from there: ``publish`` writes it, ``changes`` tells what it would write.
"""

import json
import re
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, NamedTuple

from course_utils.basics.checks import invalid
from course_utils.basics.files import write_atomically

TITLE = "# @title Setup"
METADATA = {"cellView": "form", "jupyter": {"source_hidden": True}, "tags": ["hide-input"]}
COLAB = "https://colab.research.google.com"

_UNSET = """    from glob import glob
    from zipfile import ZipFile

    inside = "/course_utils/__init__.py"
    zips = [z for z in glob("*.zip") if inside in str(ZipFile(z).namelist())]
    here = glob("course_utils-*.whl") + zips
    if not here:
        raise RuntimeError(
            "Upload the ZIP of the book's repository, or a wheel of course-utils, beside this "
            "notebook\\n(the folder icon on the left), and run this cell again."
        )
    %pip install -q "{here[0]}\""""
_BLOCK = re.compile(r"(<!-- colab -->\n).*?(<!-- /colab -->)", re.DOTALL)


class Address(NamedTuple):
    """Where the book's repository is, and which version of it readers get."""

    repository: str
    ref: str


def address(root: Path | str = ".") -> Address:
    """Return what ``_config.yml`` in ``root`` says; with no repository it isn't published yet."""
    found = _keys(_sections(_read(_config(root))).get("repository"), "repository")
    values = {key: found[key].value if key in found else "" for key in ("url", "branch")}
    for key, value in values.items():
        if not isinstance(value, str):
            raise ValueError(f"_config.yml: {key!r} is a list or mapping; use one value")
    return Address(*values.values())


def setup_source(repository: str, ref: str) -> str:
    """Return the source of the first code cell of every notebook.

    Outside Colab the cell does nothing. In Colab it installs the package at ``ref``. With an empty
    ``repository`` it installs the wheel, or the repository's ZIP as GitHub makes it, that lies
    beside the notebook; with neither it stops and says what to do.

    >>> print(setup_source("https://github.com/owner/course", "v1.0"))
    # @title Setup
    import sys
    <BLANKLINE>
    if "google.colab" in sys.modules:
        %pip install -q "course-utils @ git+https://github.com/owner/course@v1.0"
    """
    action = (
        f'    %pip install -q "course-utils @ git+{repository}@{ref}"' if repository else _UNSET
    )
    return "\n".join([TITLE, "import sys", "", 'if "google.colab" in sys.modules:', action])


def badge(repository: str, ref: str, notebook: str) -> str:
    """Return the link that opens a notebook in Colab, or "" where Colab cannot open it.

    It is words, not the usual picture, so that a page of the book loads nothing from outside.

    >>> print(badge("https://github.com/owner/course", "v1.0", "04a_hidden_layer.ipynb"))
    **[Open in Colab](https://colab.research.google.com/github/owner/course/blob/v1.0/book/04a_hidden_layer.ipynb)**
    >>> badge("https://example.org/owner/course", "v1.0", "05a_mnist_mlp.ipynb")
    ''
    """
    match = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)", repository)
    if not match:
        return ""
    link = f"{COLAB}/github/{match[1]}/blob/{ref}/book/{notebook}"
    return f"**[Open in Colab]({link})**"


def changes(
    repository: str | None = None, ref: str | None = None, root: Path | str = "."
) -> dict[Path, str]:
    """Return the files that ``publish`` would change, each with its new text."""
    root = Path(root)
    config_path = _config(root)
    repository, ref = _checked(repository, ref, address(root))

    config = _set(_read(config_path), "repository", "branch", ref)
    config = _set(config, "repository", "url", repository)
    # With any other address the book's launch button would lead nowhere.
    button = COLAB if badge(repository, ref, "") else ""
    texts = {config_path: _set(config, "launch_buttons", "colab_url", button)}
    entries = []
    for path in sorted((root / "book").glob("*.ipynb")):
        mark = badge(repository, ref, path.name)
        texts[path], title = _with_address(path, setup_source(repository, ref), mark)
        if mark:
            entries.append(f"- {title}: {mark}\n")
    readme = root / "README.md"
    if readme.exists():
        listing = "\n" + "".join(entries) + "\n" if entries else ""
        texts[readme] = _fill(_read(readme), listing)
    return {path: _with_ends(path, text) for path, text in texts.items() if text != _read(path)}


def publish(
    repository: str | None = None, ref: str | None = None, root: Path | str = "."
) -> list[Path]:
    """Write the repository's address wherever the book needs it; return the changed files.

    That is ``_config.yml``, the setup cell of every notebook (made where it is missing) and, for a
    GitHub address, the links to Colab: under each notebook's title, and between the lines
    ``<!-- colab -->`` and ``<!-- /colab -->`` of ``README.md``. Outputs and line ends stay.

    ``repository`` is an address that git can clone, ``ref`` a tag, branch or commit of it. What is
    left out stays as ``_config.yml`` has it, so that with neither a new notebook gets its setup
    cell. ``root`` is the top folder of the repository. Either every file is written or, if one
    cannot be, none.

    Raises
    ------
    ValueError
        For an address, a ref or a file that does not follow the rules.
    FileNotFoundError
        If ``root`` has no ``_config.yml``.
    """
    texts = changes(repository, ref, root)
    before = {path: path.read_bytes() for path in texts}
    written = []
    try:
        for path, text in texts.items():
            _write(path, text.encode())
            written.append(path)
    except BaseException:
        for path in written:
            _write(path, before[path])
        raise
    return written


def _checked(repository: str | None, ref: str | None, current: Address) -> Address:
    if repository is None:
        repository = current.repository
    elif not re.fullmatch(
        r"(https|git)://[A-Za-z0-9.-]+(:\d+)?/[\w.~/+-]+|file:///[\w.~:/+-]+", repository, re.ASCII
    ):
        raise invalid(
            "repository",
            repository,
            "use an https, git or file address without user name, query or spaces, such as "
            "https://github.com/OWNER/NAME",
        )
    repository = repository.rstrip("/")
    if repository.startswith("https://github.com/"):
        repository = repository.removesuffix(".git")

    ref = current.ref if ref is None else ref
    good = re.fullmatch(r"[A-Za-z0-9][\w+-]*([./][\w+-]+)*(?<!\.lock)", ref, re.ASCII)
    if (repository or ref) and not good:
        rule = "use a tag, a branch or a commit of the repository, such as v1.0, main or 1a2b3c4"
        raise invalid("ref", ref, rule)
    return Address(repository, ref)


def _with_address(path: Path, setup: str, mark: str) -> tuple[str, str]:
    """Return the notebook's text with its setup cell and badge, and its title."""
    text = _read(path)
    try:
        notebook = json.loads(text)
        cells: list[dict[str, Any]] = notebook["cells"]
    except (ValueError, TypeError, KeyError):
        raise ValueError(f"{path}: not a notebook; save it again from a notebook editor") from None
    first = "".join(cells[0]["source"]) if cells and cells[0]["cell_type"] == "markdown" else ""
    if not first.startswith("# "):
        raise ValueError(f"{path}: the first cell is not a title; use Markdown with '# ' before it")
    title, _, body = first.partition("\n")

    if "<!-- colab -->\n" in body:
        body = _fill(body, mark + "\n" if mark else "")
    elif mark:
        body = f"\n<!-- colab -->\n{mark}\n<!-- /colab -->\n{body}"
    with_badge = f"{title}\n{body}" if body else title

    code = next((cell for cell in cells if cell["cell_type"] == "code"), None)
    if code is None or not "".join(code["source"]).startswith(TITLE):
        code = {"cell_type": "code", "execution_count": None, "outputs": []}
        if any("id" in cell for cell in cells):
            code["id"] = "setup"
        cells.insert(1, code)

    cells[0]["source"] = with_badge.splitlines(keepends=True)
    code |= {"metadata": METADATA, "source": setup.splitlines(keepends=True)}
    if notebook != json.loads(text):  # else the file keeps its own layout
        text = json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    return text, title[2:].strip()


def _fill(markdown: str, content: str) -> str:
    """Put ``content`` between the two markers, if they are there."""
    return _BLOCK.sub(lambda match: match[1] + content + match[2], markdown)


def _config(root: Path | str) -> Path:
    path = Path(root) / "_config.yml"
    if not path.exists():
        raise FileNotFoundError(
            f"root: {str(root)!r} is invalid; use the top folder of the book's repository, which "
            "holds _config.yml"
        )
    return path


def _read(path: Path) -> str:
    """Read a text with plain line ends, which ``_with_ends`` turns back into the file's own."""
    try:
        return path.read_bytes().decode().replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise ValueError(f"{path}: not UTF-8; save it in that encoding") from None


def _with_ends(path: Path, text: str) -> str:
    """Give each line the end that it has in the file, and a new one that of the line before it."""
    old = path.read_bytes().decode()
    windows = old.count("\r\n")
    if windows in (0, old.count("\n")):
        return text.replace("\n", "\r\n") if windows else text
    before, after = old.split("\n"), text.split("\n")
    plain = [line.removesuffix("\r") for line in before]
    ended: list[str] = []
    for kind, i, j, k, m in SequenceMatcher(None, plain, after, autojunk=False).get_opcodes():
        if kind == "equal":
            ended += before[i:j]
        else:
            end = "\r" * (ended or before)[-1 if ended else 0].endswith("\r")
            ended += [line + end for line in after[k:m]]
    return "\n".join(ended)


def _write(path: Path, data: bytes) -> None:
    write_atomically(path, lambda part: part.write_bytes(data))


def _keys(mapping: Any, name: str) -> dict[str, Any]:
    """Give the values of a YAML mapping by key, as nodes; none for what is left empty."""
    if mapping is None or mapping.tag == "tag:yaml.org,2002:null":
        return {}
    if mapping.id != "mapping":
        raise ValueError(f"_config.yml: {name!r} is not a mapping; use lines 'key: value'")
    return {key.value: value for key, value in mapping.value}


def _sections(config: str) -> dict[str, Any]:
    """Give the top of the configuration as nodes, which know where in the text they stand."""
    try:
        import yaml  # of the extra `book`: whoever publishes the book builds it
    except ModuleNotFoundError:
        raise OSError("PyYAML is not installed; run pip install pyyaml") from None
    try:
        return _keys(yaml.compose(config), "_config.yml")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "somewhere"
        raise ValueError(f"_config.yml: not YAML at {where}: {error.problem}") from None
    except yaml.YAMLError as error:
        raise ValueError(f"_config.yml: not YAML: {error}") from None


def _set(config: str, section: str, key: str, value: str) -> str:
    """Put one value into the text, which stays as it is around it: order, quotes and comments."""
    written = json.dumps(value)
    pair = f"{key}: {written}"
    block = _sections(config).get(section)
    found = _keys(block, section).get(key)
    if block is None:
        return f"{config.rstrip()}\n\n{section}:\n  {pair}\n"
    if found is None:
        if getattr(block, "flow_style", False):
            raise ValueError(
                f"_config.yml: {section!r} is in braces; use a block, one line per key"
            )
        at = block.start_mark
        line = f"{pair}\n{' ' * at.column}" if block.value else f"\n  {pair}"
        return config[: at.index] + line + config[at.index :]
    if found.value == value:
        return config
    start, stop = found.start_mark.index, found.end_mark.index
    space = "" if config[start - 1].isspace() else " "
    return config[:start] + space + written + config[stop:]

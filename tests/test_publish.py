"""Does publishing write the address everywhere it is needed, and nothing else?"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import nbformat
import pytest
import yaml

from course_utils import publish

GITHUB = "https://github.com/owner/course"
CONFIG = """\
# Found by Jupyter Book.
title: A book   # with a remark

repository:
  # where it is
  url: ""  # empty: not published yet
  branch: main
  path_to_book: book
launch_buttons:
  colab_url: ""
"""
README = "# A course\n\n<!-- colab -->\n<!-- /colab -->\n\nMore.\n"


def notebook(*cells):
    return nbformat.v4.new_notebook(cells=list(cells))


def chapter(title="A chapter"):
    setup = nbformat.v4.new_code_cell(publish.setup_source("", ""), metadata=publish.METADATA)
    setup.execution_count = 1
    work = nbformat.v4.new_code_cell("print(1e-5)", execution_count=2)
    work.outputs.append(nbformat.v4.new_output("stream", name="stdout", text="1e-05 é\n"))
    markdown = nbformat.v4.new_markdown_cell(f"# {title}\n\nWhat it says.")
    return notebook(markdown, setup, work)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "book").mkdir()
    (tmp_path / "_config.yml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    for name in ("01_first", "02_second"):
        nbformat.write(chapter(name), tmp_path / f"book/{name}.ipynb")
    return tmp_path


def snapshot(root):
    return {path: path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def run_setup(source, colab, tmp_path):
    """Run a setup cell as IPython would, with a pip that writes down its arguments."""
    script = f"""
import sys, types
if {colab}:
    sys.modules["google.colab"] = types.ModuleType("google.colab")
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.register_magic_function(lambda line: print("pip", line), magic_name="pip")
result = shell.run_cell({source!r})
sys.exit(0 if result.success else 1)
"""
    command = [sys.executable, "-c", script]
    env = {"IPYTHONDIR": str(tmp_path), "PATH": "", "SYSTEMROOT": ""}
    return subprocess.run(command, capture_output=True, text=True, env=env, cwd=tmp_path)


@pytest.mark.parametrize("repository", ["", GITHUB])
def test_the_setup_cell_is_silent_outside_colab(repository, tmp_path):
    done = run_setup(publish.setup_source(repository, "v1"), False, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_setup_cell_installs_the_ref_in_colab(tmp_path):
    done = run_setup(publish.setup_source(GITHUB, "v1"), True, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == f'pip install -q "course-utils @ git+{GITHUB}@v1"'


def test_without_an_address_the_setup_cell_stops_in_colab_and_says_what_to_do(tmp_path):
    with ZipFile(tmp_path / "data.zip", "w") as other:
        other.writestr("digits/train.idx", "")
    done = run_setup(publish.setup_source("", "main"), True, tmp_path)
    assert done.returncode == 1
    said = re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).split("\nRuntimeError: ")[1].splitlines()
    assert len(said) == 2
    assert said[0].startswith("Upload the ZIP of the book's repository, or a wheel")


@pytest.mark.parametrize("name", ["course_utils-0.1.0-py3-none-any.whl", "course-main (1).zip"])
def test_without_an_address_the_setup_cell_takes_what_lies_beside_the_notebook(name, tmp_path):
    with ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("course-main/course_utils/__init__.py", "")
    with ZipFile(tmp_path / "a-data.zip", "w") as other:
        other.writestr("digits/train.idx", "")
    done = run_setup(publish.setup_source("", "main"), True, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == f'pip install -q "{name}"'


@pytest.mark.parametrize("repository", ["", GITHUB + "/" + "x" * 120])
def test_ruff_accepts_the_setup_cell(repository, tmp_path):
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        pytest.skip("ruff is not installed (extra dev)")
    cell = nbformat.v4.new_code_cell(publish.setup_source(repository, "v1"))
    nbformat.write(notebook(cell), tmp_path / "a.ipynb")
    config = Path(__file__).parents[1] / "pyproject.toml"
    for command in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [ruff, *command, "--no-cache", "--config", config, tmp_path / "a.ipynb"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_publish_writes_the_address_into_every_place(root):
    written = publish.publish(GITHUB, "v1.0", root)
    assert [path.name for path in written] == [
        "_config.yml",
        "01_first.ipynb",
        "02_second.ipynb",
        "README.md",
    ]
    assert publish.address(root) == (GITHUB, "v1.0")
    first = nbformat.read(root / "book/01_first.ipynb", as_version=4)
    link = f"{publish.COLAB}/github/owner/course/blob/v1.0/book/01_first.ipynb"
    mark = f"**[Open in Colab]({link})**"
    assert first.cells[0].source == (
        f"# 01_first\n\n<!-- colab -->\n{mark}\n<!-- /colab -->\n\nWhat it says."
    )
    assert first.cells[1].source == publish.setup_source(GITHUB, "v1.0")
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert readme.startswith("# A course\n\n<!-- colab -->\n\n- 01_first: **[Open")
    assert f"- 01_first: {mark}\n" in readme
    assert readme.endswith(")**\n\n<!-- /colab -->\n\nMore.\n")


def test_publish_changes_nothing_else(root):
    path = root / "book/01_first.ipynb"
    before = json.loads(path.read_text(encoding="utf-8"))
    publish.publish(GITHUB, "v1.0", root)
    after = json.loads(path.read_text(encoding="utf-8"))
    config = (root / "_config.yml").read_text(encoding="utf-8")
    assert config == CONFIG.replace('url: ""  #', f'url: "{GITHUB}"  #').replace(
        "branch: main", 'branch: "v1.0"'
    ).replace('colab_url: ""', f'colab_url: "{publish.COLAB}"')

    after["cells"][0]["source"] = before["cells"][0]["source"]
    after["cells"][1]["source"] = before["cells"][1]["source"]
    assert after == before
    nbformat.write(nbformat.read(path, as_version=4), root / "again.ipynb")
    assert path.read_bytes() == (root / "again.ipynb").read_bytes()


def test_a_configuration_keeps_the_line_ends_of_windows(root):
    path = root / "_config.yml"
    path.write_bytes(CONFIG.replace("\n", "\r\n").replace("  branch: main\r\n", "").encode())
    publish.publish(GITHUB, "v1.0", root)
    text = path.read_bytes().decode()
    assert text.count("\n") == text.count("\r\n") == CONFIG.count("\n")
    assert f'  url: "{GITHUB}"  # empty: not published yet\r\n' in text
    assert publish.address(root) == (GITHUB, "v1.0")


def test_publishing_twice_changes_nothing(root):
    publish.publish(GITHUB, "v1.0", root)
    before = snapshot(root)
    assert publish.publish(GITHUB, "v1.0", root) == []
    assert publish.publish(root=root) == []
    assert snapshot(root) == before


def test_a_notebook_that_needs_no_change_keeps_its_own_layout(root):
    path = root / "book/01_first.ipynb"
    path.write_text(
        json.dumps(json.loads(path.read_text(encoding="utf-8")), indent=4), encoding="utf-8"
    )
    assert publish.publish(root=root) == []


def test_another_address_replaces_the_first(root):
    publish.publish(GITHUB, "v1.0", root)
    publish.publish("https://github.com/other/fork.git/", "v2.0", root)
    publish.publish(ref="v2.1", root=root)
    assert publish.address(root) == ("https://github.com/other/fork", "v2.1")
    texts = "".join(data.decode() for data in snapshot(root).values())
    assert GITHUB not in texts
    assert "v2.0" not in texts
    # One badge in each notebook, one for each notebook in README.
    assert texts.count("/other/fork/blob/v2.1/book/") == 4
    assert texts.count("git+https://github.com/other/fork@v2.1") == 2


def test_an_address_that_colab_cannot_open_gets_no_badge(root):
    publish.publish(GITHUB, "v1.0", root)
    publish.publish("https://gitlab.com/owner/course", "v1.0", root)
    texts = "".join(data.decode() for data in snapshot(root).values())
    assert "colab.research" not in texts
    assert (root / "README.md").read_text(encoding="utf-8") == README
    assert texts.count("git+https://gitlab.com/owner/course@v1.0") == 2


def test_a_notebook_without_a_setup_cell_gets_one_below_its_title(root):
    path = root / "book/03_new.ipynb"
    cells = [nbformat.v4.new_markdown_cell("# New"), nbformat.v4.new_code_cell("1 + 1")]
    nbformat.write(notebook(*cells), path)
    assert publish.publish(root=root) == [path]
    new = nbformat.read(path, as_version=4)
    assert new.cells[1].id == "setup"
    assert [cell.source for cell in new.cells] == ["# New", publish.setup_source("", ""), "1 + 1"]
    assert new.cells[1].metadata == publish.METADATA


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ("title: A\n", {"title": "A"}),
        ("title: A\nrepository:\n  path_to_book: book", {"title": "A"}),
        ("repository:   # r\n\n# c\n  branch: '1.0'\n  url: 'x' # u\ntitle: A\n", {"title": "A"}),
        ("launch_buttons:\n  thebe: false\nrepository:\n  url:\n  branch:\n", {}),
        ("repository: # r\nlaunch_buttons:\n    thebe: false # t\ntitle: A", {"title": "A"}),
    ],
)
def test_the_lines_of_the_configuration_are_made_where_they_are_missing(root, config, expected):
    (root / "_config.yml").write_text(config, encoding="utf-8")
    publish.publish(GITHUB, "1.0", root)
    got = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    assert (got["repository"]["url"], got["repository"]["branch"]) == (GITHUB, "1.0")
    assert got["launch_buttons"]["colab_url"] == publish.COLAB
    assert expected.items() <= got.items()
    assert config.count("#") == (root / "_config.yml").read_text(encoding="utf-8").count("#")
    assert publish.address(root) == (GITHUB, "1.0")


@pytest.mark.parametrize(
    "repository",
    [
        "",
        "github.com/owner/course",
        "http://github.com/owner/course",
        "https://me:secret@github.com/owner/course",
        "https://github.com/owner/my course",
        "https://github.com",
        'https://github.com/owner/"; rm -rf',
        "https://github.com/owner/course?tab=readme",
        "https://github.com/owner/course\n",
        "file:relative/course",
    ],
)
def test_a_bad_address_is_refused_and_nothing_is_written(root, repository):
    before = snapshot(root)
    with pytest.raises(
        ValueError, match=r"repository: .* is invalid; use an https, git or file"
    ) as e:
        publish.publish(repository, "v1", root)
    assert repr(repository) in str(e.value)
    assert snapshot(root) == before


@pytest.mark.parametrize(
    "ref", ["", "a b", "-x", "a..b", "a/", "a//b", "v1.lock", "v1@2", "a.", "~"]
)
def test_a_bad_ref_is_refused_and_nothing_is_written(root, ref):
    before = snapshot(root)
    with pytest.raises(
        ValueError, match=r"ref: .* is invalid; use a tag, a branch or a commit"
    ) as e:
        publish.publish(GITHUB, ref, root)
    assert repr(ref) in str(e.value)
    assert snapshot(root) == before


@pytest.mark.parametrize("repository", ["git://host:9418/a.git", "file:///srv/a_b/c.git"])
@pytest.mark.parametrize("ref", ["v1.0", "feature/new-cells", "1a2b3c4"])
def test_good_addresses_and_refs_are_taken_as_they_are(root, repository, ref):
    publish.publish(repository, ref, root)
    assert publish.address(root) == (repository, ref)


def test_a_folder_that_is_not_the_repository_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"root: .* is invalid; .*which holds _config\.yml"):
        publish.publish(GITHUB, "v1", tmp_path)


def test_a_notebook_without_a_title_is_refused_and_nothing_is_written(root):
    bare = notebook(nbformat.v4.new_code_cell("1"))
    nbformat.write(bare, root / "book/09_bare.ipynb")
    before = snapshot(root)
    with pytest.raises(ValueError, match=r"09_bare\.ipynb: the first cell is not a title"):
        publish.publish(GITHUB, "v1", root)
    assert snapshot(root) == before


def test_a_configuration_in_flow_style_is_refused(root):
    (root / "_config.yml").write_text("repository: {url: x}\n", encoding="utf-8")
    with pytest.raises(ValueError, match="_config.yml: 'repository' is in braces; use a block"):
        publish.publish(GITHUB, "v1", root)


def test_when_one_file_cannot_be_written_none_is(root, monkeypatch):
    before = snapshot(root)
    replace = os.replace

    def fail_once(source, target):
        if Path(target).name == "README.md":
            raise PermissionError("README.md is read-only")
        replace(source, target)

    monkeypatch.setattr(os, "replace", fail_once)
    with pytest.raises(PermissionError, match="README"):
        publish.publish(GITHUB, "v1.0", root)
    assert snapshot(root) == before


def test_a_clone_with_the_line_ends_of_windows_keeps_them(root):
    for path in [*root.rglob("*.md"), *root.rglob("*.ipynb"), root / "_config.yml"]:
        path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))
    assert publish.publish("https://github.com/owner/course", "v1.0", root)
    for path in [*root.rglob("*.md"), *root.rglob("*.ipynb"), root / "_config.yml"]:
        content = path.read_bytes()
        assert content.count(b"\n") == content.count(b"\r\n"), path
    assert not publish.publish("https://github.com/owner/course", "v1.0", root)


def test_a_file_with_both_line_ends_keeps_each_where_it_is(root):
    notebooks = root / "book/01_first.ipynb"
    for path in (notebooks, root / "_config.yml", root / "README.md"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        mixed = [line.replace("\n", "\r\n") if i % 3 else line for i, line in enumerate(lines)]
        path.write_bytes("".join(mixed).encode())
    before = {path: set(path.read_bytes().split(b"\n")) for path in snapshot(root)}
    publish.publish(GITHUB, "v1.0", root)
    for path, lines in before.items():
        after = path.read_bytes().split(b"\n")
        plain = {line.rstrip(b"\r") for line in lines}
        assert not [x for x in after if x.rstrip(b"\r") in plain and x not in lines], path
    assert nbformat.read(notebooks, as_version=4).cells[1].source.endswith('course@v1.0"')
    assert publish.address(root) == (GITHUB, "v1.0")
    assert publish.publish(GITHUB, "v1.0", root) == []


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("title: [a\n", r"^_config\.yml: not YAML at line 2, column 1: .+"),
        ("a: 'b\n\nc: d\n", r"^_config\.yml: not YAML at line 4, column 1: .+"),
        ("a: \x07\n", r"^_config\.yml: not YAML: .+"),
        ("- repository\n", r"^_config\.yml: '_config.yml' is not a mapping; use lines"),
        ("repository: x\n", r"^_config\.yml: 'repository' is not a mapping; use lines"),
        ("repository:\n  url: [a]\n", r"^_config\.yml: 'url' is a list or mapping; use one value"),
    ],
)
def test_a_broken_configuration_is_refused_by_name_and_nothing_is_written(root, config, message):
    (root / "_config.yml").write_text(config, encoding="utf-8")
    before = snapshot(root)
    with pytest.raises(ValueError, match=message):
        publish.publish(GITHUB, "v1.0", root)
    assert snapshot(root) == before


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"cells": ', b"\xff"])
def test_a_broken_notebook_is_refused_by_name(root, content):
    (root / "book/01_first.ipynb").write_bytes(content)
    with pytest.raises(ValueError, match=r"01_first\.ipynb: not (a notebook|UTF-8); save it"):
        publish.publish(GITHUB, "v1.0", root)


def test_the_command_without_an_address_gives_a_new_chapter_its_setup_cell(root):
    path = root / "book/03_new.ipynb"
    nbformat.write(notebook(nbformat.v4.new_markdown_cell("# New")), path)
    command = [sys.executable, "-m", "course_utils", "publish"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()) == (0, [str(path.relative_to(root))])
    assert nbformat.read(path, as_version=4).cells[1].source == publish.setup_source("", "")

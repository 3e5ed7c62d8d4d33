"""Pages and widgets in a real JupyterLab and Notebook 7: freshly opened, run, with keys.

`make lab` makes the environment of their own that both need, `.venv-lab`.
"""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_utils import exercises, explorers, live, steppers

ROOT = Path(__file__).resolve().parents[1]
LAB = ROOT / ".venv-lab" / "bin" / "jupyter-lab"
WIDGETS = {
    "convolution": "steppers.convolution([[3, 1, 9], [0, 0, 3]], [[1, -1]], padding=(0, 1))",
    "pooling": "steppers.max_pooling([[1, 2], [3, 4]], 2)",
    "backward": "steppers.backward([[1, 2]], [[1, 2, 3]], [[1, -1]])",
    "network": "steppers.network([[1, 2], [3, 4]], [[1]], [[0]], padding=0)",
    "slides": (
        'steppers.slides([\'<svg viewBox="0 0 9 9"><rect width="9" height="9"/></svg>\'] * 3, '
        "title='Learning', captions=['epoch 1', 'epoch 2', 'epoch 3'])"
    ),
    "sizes": "steppers.sizes()",
    "table": (
        "explorers.table(['epochs', 'verdict'], [[5, 'reproduced'], [10, 'cannot be told']], "
        "title='How long?', filters=['verdict'], verdicts='verdict', notes=['a', 'b'])"
    ),
    "curves": (
        "explorers.curves([explorers.Curves(name, name, 'me', [0, 1], "
        "{'test_accuracy': [[0.9, 0.96], [0.9, 0.98]]}) for name in ('a', 'b')], title='Two')"
    ),
    "look": "live.look('cnn-8-16-32-adam')",
    "xor": "live.xor_trainer()",
    "line": "exercises.box(exercises.REGISTRY['normalize'])",
    "cells": "exercises.box(exercises.REGISTRY['conv-by-hand'])",
}
NAMES = [*WIDGETS, *WIDGETS]  # each twice, so that one that runs has a stored one below it
# All cells are in the page, also those that are out of sight; nobody is asked for news.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}
# What Notebook 7 says of plugins that it hasn't got, on any page.
THEIRS = ("(reading 'schema')", "Command 'filebrowser:open-path' not registered.")
ROOTS = ".jp-OutputArea :is(.cst, .cex, .cjx, .cnl, .cxr)"  # each kind of fragment
PLAIN = {"slides": ".f p", "line": ".src p", "cells": ".src p"}  # instead of a table
FOCUSABLE = "button, input, select, summary, a[href], .box, .gw, [tabindex]"
NOTEBOOKS = sorted(path.stem for path in (ROOT / "book").glob("*.ipynb"))
COUNT = itertools.count(1)  # of the tabs: each has a workspace of its own
# Both are served at once, each under addresses of its own.
APPS = {
    "lab": "lab/workspaces/{count}/tree/{name}.ipynb?reset",
    "notebook": "notebooks/{name}.ipynb",
}


# Of each cell: is its code folded, are its boxes seen, does something stand where a widget would.
LOOK = """(all) => all.map((cell) => ({
    folded: cell.matches(".jp-CodeCell") && !cell.querySelector(".cm-content")?.checkVisibility(),
    boxes: [...cell.querySelectorAll(".jp-RenderedMarkdown .admonition")]
        .map((e) => [e.innerText.trim(), e.checkVisibility()]),
    readable: [...cell.querySelectorAll(".jp-OutputArea :has(> .src)")].every((widget) =>
        [...widget.querySelectorAll("td, .f p, .src p")].some((e) => e.checkVisibility())),
}))"""


def made(name):
    known = {"exercises": exercises, "explorers": explorers, "live": live, "steppers": steppers}
    return eval(WIDGETS[name], known)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """The address of a JupyterLab with a folder, a home and settings of its own."""
    if not LAB.exists():
        pytest.skip("JupyterLab is not installed: make lab")
    home = tmp_path_factory.mktemp("lab")
    kernel = home / "data" / "kernels" / "course"
    kernel.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Course", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    book = home / "book"
    book.mkdir()
    for page in NOTEBOOKS:
        shutil.copy(ROOT / "book" / f"{page}.ipynb", book)
    cells = []
    for count, name in enumerate(NAMES, start=1):
        widget = made(name)
        output = new_output(
            "execute_result",
            {"text/html": widget.html, "text/plain": repr(widget)},
            execution_count=count,
        )
        source = f"from course_utils import exercises, explorers, live, steppers\n{WIDGETS[name]}"
        cells.append(new_code_cell(source, outputs=[output], execution_count=count))
    spec = {"name": "course", "display_name": "Course", "language": "python"}
    nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": spec}), book / "widgets.ipynb")

    folders = {"CONFIG": "config", "DATA": "data", "RUNTIME": "runtime"}
    own = {f"JUPYTER_{key}_DIR": str(home / name) for key, name in folders.items()}
    settings = home / "settings"
    for plugin, chosen in SETTINGS.items():
        path = settings / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(chosen), encoding="utf-8")
    own |= {"HOME": str(home), "JUPYTERLAB_SETTINGS_DIR": str(settings)}
    own |= {"JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    own |= {"PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    command = [LAB, "--no-browser", "--allow-root", f"--ServerApp.root_dir={book}"]
    command += ["--IdentityProvider.token=", "--ServerApp.port=0", "--ServerApp.ip=127.0.0.1"]
    with (home / "log").open("w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, env={**os.environ, **own}, cwd=home, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            while not (told := list((home / "runtime").glob("jpserver-*.json"))):
                assert server.poll() is None, (home / "log").read_text(encoding="utf-8")
                time.sleep(0.1)
            yield json.loads(told[0].read_text(encoding="utf-8"))["url"].rstrip("/")
        finally:
            server.terminate()
            server.wait()


@pytest.fixture(scope="module")
def context(browser):
    """A browser's profile that keeps JupyterLab's scripts once they are loaded."""
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    yield context
    context.close()


@pytest.fixture
def opened(lab, context):
    """Open a notebook freshly, as who has cloned it: it is not trusted."""

    def opened(name, app="lab"):
        tab = context.new_page()
        tab.set_default_timeout(300_000)
        tab.problems = []
        tab.on("pageerror", lambda error: tab.problems.append(str(error)))
        tab.goto(f"{lab}/{APPS[app].format(name=name, count=next(COUNT))}")
        tab.locator(".jp-Notebook .jp-OutputArea").first.wait_for(state="attached")
        return tab

    yield opened
    for tab in context.pages:
        assert [text for text in tab.problems if not text.endswith(THEIRS)] == []
        tab.close()


def cells(tab):
    """The kinds of the notebook's cells, in their order."""
    kinds = "(all) => all.map((c) => c.className.match(/jp-(Code|Markdown|Raw)Cell/)[0])"
    return tab.locator(".jp-Notebook .jp-Cell").evaluate_all(kinds)


def run(tab, place):
    """Run one cell and wait until its output is the new one."""
    cell = tab.locator(".jp-Notebook .jp-Cell").nth(place)
    cell.locator(".jp-InputArea-editor").click()
    tab.keyboard.press("Control+Enter")
    cell.locator("[data-on]").wait_for()
    return cell


@pytest.mark.parametrize("app", APPS)
def test_freshly_opened_there_are_tables_and_nothing_dead(opened, app):
    tab = opened("widgets", app)
    found = tab.locator(".jp-Notebook .jp-Cell")
    found.nth(len(NAMES) - 1).wait_for(state="attached")
    assert found.count() == len(NAMES)
    for place, name in enumerate(NAMES):
        cell = found.nth(place)
        cell.scroll_into_view_if_needed()
        output = cell.locator(".jp-OutputArea-output")
        assert output.locator("button, input, select, .view").count() == 0
        assert output.locator(f"{PLAIN.get(name, 'table')}:visible").count() > 0, name


def kinds_of(page):
    """What there is on a page that could be shown wrongly: cells, boxes, formulas, outputs."""
    text = (ROOT / "book" / f"{page}.ipynb").read_text(encoding="utf-8")
    found = {"formula"} if "$$" in text else set()
    found |= set(re.findall(r"admonition [a-z ]+|<details>|data-lm-suppress", text))
    found |= set(re.findall(r'<div class=\\"(?:cst|cex|cjx|cnl|cxr)[a-z -]*', text))
    for cell in nbformat.reads(text, as_version=4).cells:
        found |= {cell.cell_type, *cell.metadata.get("tags", [])}
        found |= {kind for output in cell.get("outputs", []) for kind in output.get("data", [])}
    return found


def covering():
    """Few pages, on which all kinds are that there are in the book."""
    kinds = {page: kinds_of(page) for page in NOTEBOOKS}
    left, chosen = set().union(*kinds.values()), []
    while left:
        chosen.append(max(NOTEBOOKS, key=lambda page: len(kinds[page] & left)))
        left -= kinds[chosen[-1]]
    return chosen


# Notebook 7 is made of JupyterLab's parts: a page with all kinds of cells stands for the others.
@pytest.mark.parametrize(
    ("app", "page"), [*(("lab", page) for page in covering()), ("notebook", "01a_convolution")]
)
def test_a_whole_page_freshly_opened_can_be_read(opened, page, app):
    tab = opened(page, app)
    sources = nbformat.read(ROOT / "book" / f"{page}.ipynb", as_version=4).cells
    held = tab.locator(".jp-Notebook .jp-Cell")
    held.nth(len(sources) - 1).wait_for(state="attached")
    formulas = any("$" in cell.source for cell in sources if cell.cell_type == "markdown")
    if formulas:
        tab.locator(".jp-MarkdownCell mjx-container").first.wait_for(state="attached")
    written = sum(cell.source.count('<div class="admonition') for cell in sources)
    if written:  # cells are rendered one after the other
        tab.locator(".jp-MarkdownCell .admonition").nth(written - 1).wait_for(state="attached")
    found = held.evaluate_all(LOOK)
    folded = [bool(cell.metadata.get("jupyter", {}).get("source_hidden")) for cell in sources]
    assert [cell["folded"] for cell in found] == folded
    boxes = [box for cell in found for box in cell["boxes"]]
    assert len(boxes) == written
    assert all(words and seen for words, seen in boxes)
    assert all(cell["readable"] for cell in found)
    widgets = tab.locator(ROOTS)
    assert widgets.count() >= sum("data-lm-suppress" in str(c.get("outputs")) for c in sources)
    assert widgets.locator("button, input, select, .view").count() == 0
    assert tab.locator("mjx-merror").count() == 0


@pytest.mark.parametrize("app", APPS)
def test_run_one_by_one_each_starts_alone_and_leaves_the_stored_ones_below(opened, app):
    tab = opened("widgets", app)
    for place, name in enumerate(NAMES):
        run(tab, place)
        started = tab.locator(ROOTS).evaluate_all("(all) => all.map((e) => 'on' in e.dataset)")
        assert started == [at <= place for at in range(len(NAMES))], name
    tab.locator(".cst [aria-label='Last step']").evaluate_all("(all) => all.map((e) => e.click())")
    ends = tab.locator(".cst .bar .n").all_inner_texts()
    assert len(ends) == 10
    assert all(step == last for step, last in (end.split(" of ") for end in ends))


@pytest.mark.parametrize("app", APPS)
def test_run_all_at_once_and_its_keys_stay_its_own(opened, app):
    tab = opened("widgets", app)
    tab.locator(".jp-Notebook .jp-Cell .jp-InputArea-editor").first.click()
    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.get_by_text("Run All Cells", exact=True).click()
    tab.wait_for_function(
        "([roots, held]) => document.querySelectorAll(roots).length === held &&"
        " [...document.querySelectorAll(roots)].every((e) => 'on' in e.dataset)",
        arg=[ROOTS, len(NAMES)],
    )
    before = cells(tab)
    assert before == ["jp-CodeCell"] * len(NAMES)
    pressed = 0
    for widget in tab.locator(ROOTS).all()[: len(WIDGETS)]:
        widget.scroll_into_view_if_needed()
        for control in widget.locator(FOCUSABLE).all():
            if not control.is_visible() or control.is_disabled():
                continue
            control.focus()
            if not control.evaluate("(e) => e === document.activeElement"):
                continue  # what doesn't scroll takes no focus
            for key in ("m", "d", "d", "y", "r", "x", "a", "b", "Shift+M"):
                tab.keyboard.press(key)
            assert cells(tab) == before, control.evaluate("(e) => e.outerHTML.slice(0, 200)")
            pressed += 1
    print(f"{pressed} controls keep their keys to themselves")
    assert pressed > 30

    # By the mouse, as readers come there: on a button, and on the picture beside it.
    first = tab.locator(ROOTS).first
    for where in (first.get_by_role("button", name="Next step"), first.locator(".ln")):
        where.click()
        for key in ("m", "d", "d"):
            tab.keyboard.press(key)
        assert cells(tab) == before

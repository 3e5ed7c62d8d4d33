"""The words that a finding rests on stand in the report. The reports are not in the repository."""

import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import made_up
import pytest

from course_utils import reports
from course_utils.reports import (
    cnn_arithmetic,
    cnn_baseline,
    copied,
    errors_and_questions,
    evaluation,
    loss_landscapes,
    mnist_mlp,
    optimizers_and_depth,
    pen_and_paper,
    xor,
)
from course_utils.reports.finding import SOURCES, Anchor, Finding

PAGES = (
    pen_and_paper, cnn_arithmetic, loss_landscapes, xor, mnist_mlp, copied, cnn_baseline,
    optimizers_and_depth, evaluation, errors_and_questions,
)  # fmt: skip
FOLDER = os.environ.get("COURSE_REPORTS", "")
HERE = Finding("002g", "L2", "", "", "reproduced", Anchor("", ""))


@pytest.fixture(scope="module")
def by_module() -> dict[ModuleType, list[Finding]]:
    """All findings on the stand-in digits, computed once: each page's share of them."""
    parts: dict[ModuleType, list[Finding]] = {}
    with pytest.MonkeyPatch.context() as patch:
        for module in PAGES:
            patch.setattr(module, "findings", kept(module, parts))
        found = reports.findings(made_up.digits())
    assert found == [f for part in parts.values() for f in part]
    return parts


def kept(
    module: ModuleType, parts: dict[ModuleType, list[Finding]]
) -> Callable[..., list[Finding]]:
    """The module's function, which puts what it finds under the module's name."""
    compute = module.findings

    def findings(*args: object) -> list[Finding]:
        parts[module] = list(compute(*args))
        return parts[module]

    return findings


@pytest.fixture(scope="module")
def everything(by_module: dict[ModuleType, list[Finding]]) -> list[Finding]:
    return [f for part in by_module.values() for f in part]


def joined(text: str) -> str:
    """Without the differences of blanks and line breaks."""
    return " ".join(text.split())


def missing(found: list[Finding], texts: dict[str, str]) -> list[str]:
    """The citations that don't stand in their report."""
    return [f"{f.task}, {f.quantity}: {f.cites}" for f in found if f.cites not in texts[f.task[:3]]]


@pytest.mark.skipif(not FOLDER, reason="COURSE_REPORTS names no folder with the reports' texts")
def test_each_citation_stands_in_its_report(everything):
    texts = {}
    for source in SOURCES:
        (path,) = Path(FOLDER).glob(f"{source}_*.txt")
        texts[source] = joined(path.read_text(encoding="utf-8"))
    assert missing(everything, texts) == []


def test_a_citation_that_is_not_there_is_found_out():
    texts = dict.fromkeys(SOURCES, "the loss was symmetric") | {"001": "again"}
    there = [replace(HERE, cites=words) for words in ("", "loss was", "again")]
    assert missing(there, texts) == ["002g, L2: again"]


@pytest.mark.parametrize(
    "module, silent",
    [
        # Illegible in our copy: four cells, all that follows the map, two answers.
        (pen_and_paper, {"000a": 8, "000c": 1, "000d": 1}),
        (cnn_arithmetic, {}),
        (loss_landscapes, {"002a": 1}),  # a plot
        (xor, {"002i": 1, "002j": 2}),  # plots
        # 003g to 003j: printed values that our copy lacks, a plot, and what its code does; 003l:
        # what it leaves out; 004a, 004d: we ask; 004e and 004i: that it never calls eval() is in
        # its code alone.
        (mnist_mlp, {
            "003g": 1, "003i": 2, "003j": 1, "003l": 4,
            "004a": 1, "004d": 1, "004e": 1, "004i": 1,
        }),
        (copied, {}),
        # It gives no count, doesn't compare, or trains one order only. 000l, 000n: asked by us.
        (cnn_baseline, {"000l": 1, "000m": 1, "000n": 1, "001e": 1}),
        # 001g: an axis in its code, and our question; 001h and 001j: it gives no count.
        (optimizers_and_depth, {"001g": 2, "001h": 1, "001j": 1}),
        # Counts that it doesn't give; what its code does; and what we ask of that.
        (evaluation, {"002m": 1, "002n": 2, "003n": 4, "004m": 2, "004n": 1}),
        (errors_and_questions, {}),
    ],
)  # fmt: skip
def test_what_a_report_has_in_words_or_numbers_is_cited(module, silent, by_module):
    assert Counter(f.task for f in by_module[module] if not f.cites) == silent


@pytest.mark.parametrize("cites", ["two  blanks", " before", "a\nline", "one " * 10 + "more"])
def test_a_citation_is_a_few_words_on_one_line(cites):
    with pytest.raises(ValueError, match="cites: .* is invalid; use at most ten words"):
        replace(HERE, cites=cites)


def test_findings_are_read_with_their_citations(everything):
    assert any(f.cites for f in reports.rows(everything))

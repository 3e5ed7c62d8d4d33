"""The explorers: what they say without script, and what a reader does with them in a browser."""

import hashlib
import html
import itertools
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import fields
from pathlib import Path

import contrast
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from course_utils import experiments, explorers
from course_utils.evaluation import compare, mean_interval, t_quantile
from course_utils.explorers import Curves
from course_utils.reports import VERDICTS
from course_utils.training.history import History

ROOT = Path(__file__).resolve().parents[1]

HEADER = ["report", "quantity", "value", "verdict", "where"]
VALUES = [
    "98.74 %", "−2.3", "102,764,544", "78.24 ± 0.38 % (n = 10)", "about nine", "", "–", "> 97",
]  # fmt: skip
ASCENDING = [
    "−2.3", "78.24 ± 0.38 % (n = 10)", "> 97", "98.74 %", "102,764,544", "about nine", "", "–",
]  # fmt: skip
DESCENDING = [*ASCENDING[4::-1], *ASCENDING[5:]]
ROWS = [
    [report, f"number {i + 1} of `fit`", value, verdict, "The section"]
    for i, (report, value, verdict) in enumerate(
        zip(itertools.cycle(["TMU-HW4", "1RT720", "DS5220"]), VALUES, 2 * VERDICTS, strict=False)
    )
]
NOTES = ["", *(f"Because of reason {i}." for i in range(2, 9))]
LINKS = ["02_cnn_arithmetic.html#the-section", "", *6 * ["https://example.org/a.html?b=1&c=2"]]


def metrics(seeds, epochs, level, seed, *names):
    """Curves that rise (accuracies) or fall (losses) towards a level, with noise over seeds."""
    random = np.random.default_rng(seed)
    found = {}
    for name in names:
        noise = random.normal(0, 0.003, [seeds, epochs])
        rise = level - 0.2 * np.exp(-np.arange(epochs) / 4) + noise
        found[name] = np.clip(rise if "accuracy" in name else 1.2 - rise, 0, 1)
    return found


FOUR = ("test_accuracy", "test_loss", "train_accuracy", "train_loss")
TEN = metrics(10, 5, 0.95, 1, *FOUR, "as_run_accuracy")
RECORDS = [
    Curves("net-a", "A net <of> 1 & 2", "1RT720", range(10), TEN),
    Curves("net-a-again", "The same, bit for bit", "1RT720", range(10), TEN),
    Curves("net-close", "Nearly the same", "DS5220", range(10), metrics(10, 5, 0.951, 2, *FOUR)),
    Curves("net-long", "Better, longer", "DS5220", range(2, 7), metrics(5, 40, 0.99, 3, *FOUR)),
    Curves("net-one-seed", "One seed", "TMU-HW4", [2], metrics(1, 12, 0.9, 4, *FOUR)),
    Curves("net-seeds", "Seeds of its own", "TMU-HW4", [7, 8, 99], metrics(3, 1, 0.8, 5, *FOUR)),
    Curves("net-other", "Another", "TMU-HW4", range(4), metrics(4, 5, 0.949, 7, *FOUR), "other"),
    Curves("net-no-loss", "No loss", "TMU-HW4", [0, 1], metrics(2, 3, 0.5, 6, "test_accuracy")),
]  # fmt: skip

EVERY = {
    "table": explorers.table(
        HEADER,
        ROWS,
        title='Every "number" & more',
        filters=["report", "verdict"],
        links={"where": LINKS},
        notes=NOTES,
        verdicts="verdict",
    ),
    "curves": explorers.curves(RECORDS, title="Two of <eight>", first=("net-long", "net-a")),
}


# Without script


def text(element):
    return "".join(element.itertext()).replace("\N{NO-BREAK SPACE}", " ")


def source(explorer):
    """The part that is shown without script; it is parsed as XML, so it is well-formed too."""
    found = re.search(r'<div class="src">.*</div>(?=<style>)', explorer.html, re.DOTALL)
    return ElementTree.fromstring(found[0])


def data(explorer):
    """What the script of the curves reads."""
    return json.loads(html.unescape(re.search(r'data-d="([^"]*)"', explorer.html)[1]))


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("−2.3", -2.3),
        ("-2.3", -2.3),
        ("+0.62", 0.62),
        ("98.74 %", 98.74),
        ("98.74%", 98.74),
        (".967", 0.967),
        ("102,764,544", 102_764_544),
        ("78.24 ± 0.38 % (n = 10)", 78.24),
        ("> 97", 97),
        ("≈ 20", 20),
        ("7.6e-7", 7.6e-7),
        ("5, 13, 29", 5),
        ("14 × 14", 14),
        ("14×14", 14),
        ("97/10", 97),
        ("139 s", 139),
        ("0", 0),
        ("000a", None),
        ("2x", None),
        ("98.7x", None),
        ("1RT720", None),
        ("784-500", 784),
        ("about 9", None),
        ("(64, 256²)", None),
        ("", None),
        ("–", None),
        ("−", None),
    ],
)
def test_a_cell_is_sorted_by_the_number_it_begins_with(cell, key):
    assert explorers.sort_key(cell) == key


@given(st.floats(-1e9, 1e9).map(lambda x: round(x, 3)))
def test_a_number_is_its_own_key_however_it_is_written(number):
    for form in ("{:.3f}", "{:,.3f}", "{:.3f} %", "{:.3f} ± 1.2 (n = 3)"):
        assert explorers.sort_key(form.format(number)) == number
        assert explorers.sort_key(form.format(number).replace("-", "−")) == number


def test_the_plain_table_says_it_all():
    table = source(EVERY["table"]).find(".//table")
    assert [text(cell) for cell in table.find("thead/tr")] == HEADER
    bodies = table.findall("tbody")
    assert len(bodies) == len(ROWS)
    for body, row, note, href in zip(bodies, ROWS, NOTES, LINKS, strict=True):
        first, *rest = body
        assert [text(cell) for cell in first] == [cell.replace("`", "") for cell in row]
        assert [text(cell) for line in rest for cell in line] == ([note] if note else [])
        assert [code.text for code in first.iter("code")] == ["fit"]
        assert [link.get("href") for link in first.iter("a")] == ([href] if href else [])
        keys = [cell.get("data-k") for cell in first]
        assert [keys[i] for i in (0, 1, 3, 4)] == [None] * 4
        found = explorers.sort_key(row[2])
        assert keys[2] is None if found is None else float(keys[2]) == found


def test_a_verdict_has_a_mark_and_a_word():
    marks = [span for span in source(EVERY["table"]).iter("span") if span.get("data-m")]
    assert [span.text for span in marks] == [row[3] for row in ROWS]
    assert [span.get("data-m") for span in marks] == [explorers.MARKS[row[3]][0] for row in ROWS]
    assert tuple(explorers.MARKS) == VERDICTS
    assert len({mark for mark, _ in explorers.MARKS.values()}) == len(VERDICTS)


PRINTED = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "))


@settings(max_examples=50)
@given(PRINTED.filter(bool), PRINTED, PRINTED)
def test_whatever_a_text_holds_it_stays_a_text(name, cell, note):
    made = explorers.table([name], [[cell]], title=cell, notes=[note], filters=[name])
    found = source(made)
    row = found.find(".//tbody/tr")
    assert text(row) == re.sub(r"`([^`]+)`", r"\1", cell)
    assert {element.tag for element in row.iter()} <= {"tr", "td", "code"}
    assert [text(e) for e in found.findall(".//tr[@class='d']")] == (
        [re.sub(r"`([^`]+)`", r"\1", note)] if note else []
    )
    assert f' aria-label="{html.escape(cell)}" ' in made.html.split("><p")[0]


def test_cells_are_written_as_str_has_them():
    row = source(explorers.table(["a", "b", "c"], [[5, 0.25, None]], title="")).find(".//tbody/tr")
    assert [text(cell) for cell in row] == ["5", "0.25", "None"]
    assert [cell.get("data-k") for cell in row] == ["5", "0.25", None]


def test_final_values_stand_in_a_table_with_intervals():
    table = source(EVERY["curves"]).find(".//table")
    header = [text(cell) for cell in table.find("thead/tr")]
    assert header == [
        "experiment", "seeds", "epochs", "test accuracy (%)", "test loss (nats)",
        "training accuracy (%)", "training loss (nats)", "test accuracy without eval() (%)",
    ]  # fmt: skip
    bodies = table.findall("tbody")
    assert len(bodies) == len(RECORDS)
    for (row, label), record in zip(bodies, RECORDS, strict=True):
        cells = [text(cell) for cell in row]
        assert cells[:3] == [record.name, str(len(record.seeds)), str(record.epochs)]
        assert text(label) == f"{record.group}: {record.label}"
        for cell, metric in zip(cells[3:], explorers.METRICS, strict=True):
            if metric not in record.metrics:
                assert cell == ""
                continue
            found = mean_interval(np.asarray(record.metrics[metric])[:, -1])
            scale, spec = (100, ".2f") if "accuracy" in metric else (1, ".4f")
            spread = f" ± {scale * found.half_width:{spec}}" if found.n > 1 else ""
            assert cell == f"{scale * found.mean:{spec}}{spread}"


def test_bands_are_the_intervals_of_the_mean_epoch_by_epoch():
    numbers = 0
    for record, run in zip(RECORDS, data(EVERY["curves"])["runs"], strict=True):
        assert list(run["of"]) == list(record.metrics)
        for metric, values in record.metrics.items():
            found = [mean_interval(column) for column in np.asarray(values).T]
            kept = run["of"][metric]
            assert np.abs(np.array(kept["mean"]) / 1e5 - [i.mean for i in found]).max() <= 0.51e-5
            assert kept["last"] == list(np.asarray(values)[:, -1])
            if len(record.seeds) == 1:
                assert kept["half"] == []
            else:
                half = np.array([i.half_width for i in found])
                assert np.abs(np.array(kept["half"]) / 1e5 - half).max() <= 0.51e-5
            numbers += len(kept["mean"]) + len(kept["half"])
    print(f"{numbers} numbers of curves and bands are those of evaluation.mean_interval")


def test_the_quantiles_are_students():
    for n in range(2, 40):
        assert t_quantile(n) == pytest.approx(stats.t.ppf(0.975, n), abs=1e-8)
    shown = data(EVERY["curves"])
    for k, quantile in enumerate(shown["t"]):
        df = 2000 / k if k else np.inf
        assert quantile == pytest.approx(stats.t.ppf(0.975, df), abs=1e-6)
    assert len(shown["t"]) == 2001


def test_small_charts_hold_every_experiment():
    charts = source(EVERY["curves"]).findall(".//svg")
    assert [chart.get("aria-label").split(":")[0] for chart in charts] == [r.name for r in RECORDS]
    for chart, record in zip(charts, RECORDS, strict=True):
        line = chart.find("polyline").get("points").split()
        assert len(line) == max(2, record.epochs)
        assert (chart.find("g/polygon") is None) == (len(record.seeds) == 1)
        drawn = [float(y) for y in re.findall(r",(\d+)", ElementTree.tostring(chart).decode())]
        assert 190 <= min(drawn) <= max(drawn) <= 980
        assert record.final("test_accuracy") in chart.get("aria-label")
    chart = source(
        explorers.curves(
            [
                Curves("x", "", "", [0], {"test_accuracy": [[0.5, 0.75, 1.0]]}),
                Curves("y", "", "", [0], {"test_accuracy": [[0.5]]}),
            ],
            title="",
        )
    ).find(".//svg")
    assert chart.find("polyline").get("points") == "20,980 1100,585 2180,190"
    assert [e.text for e in chart.iter("text")] == ["100.00 %", "50.00 %", "3 epochs"]


def test_what_was_not_measured_is_left_out():
    kept = Curves("a", "", "", [3], {"as_run_accuracy": [[]], "test_loss": [[0.5]]})
    assert list(kept.metrics) == ["test_loss"]
    assert kept.final("test_loss") == "0.5000"


def test_metrics_are_those_of_a_history():
    assert set(explorers.METRICS) <= {field.name for field in fields(History)}


@pytest.mark.parametrize("name", EVERY)
def test_an_explorer_is_complete_in_itself(name):
    page = EVERY[name].html
    assert EVERY[name]._repr_html_() == page
    assert page.count("<script>") == page.count("</script>") == 1
    assert not re.search(r"\bid=|\bsrc=|@import|url\(|fetch\(|import\(", page)
    loaded = [u for u in re.findall(r"https?://[^\"']+", page) if "www.w3.org" not in u]
    assert set(loaded) <= {html.escape(LINKS[-1])}
    assert "mathjax_ignore" in page.split(">")[0]
    print(f"{name}: {len(page.encode()):,} bytes")


def test_reprs_are_short():
    assert repr(EVERY["table"]) == "Explorer: table, 8 rows"
    assert repr(EVERY["curves"]) == "Explorer: learning curves, 8 experiments"
    assert repr(explorers.table(["a"], [[1]], title="")) == "Explorer: table, 1 row"


def big_table(rows):
    row = [
        "CSCI4146", "004m", "test accuracy after ten epochs, `lenet-adam`", "99.25 %",
        "99.11 ± 0.09 % (n = 10)", "−0.14", "not reproduced", "06c · Does it matter?",
    ]  # fmt: skip
    return explorers.table(
        list("abcdefgh"),
        rows * [row],
        title="Many",
        links={"h": rows * ["06c_evaluation.html#what-normalised-pixels-change"]},
        notes=rows * ["One seed is outside of the interval in which a further run would lie."],
        verdicts="g",
    )


def test_three_hundred_rows_are_light_and_too_many_are_refused():
    size = len(big_table(300).html.encode())
    print(f"300 rows: {size:,} bytes")
    assert size < 300_000
    with pytest.raises(
        ValueError, match=r"table, 900 rows: \d{3},\d{3} bytes are too many; .* 300,000"
    ):
        big_table(900)


def test_forty_experiments_of_150_epochs_are_light_and_too_many_are_refused():
    values = metrics(10, 150, 0.97, 7, *explorers.METRICS)
    many = [Curves(f"net-{i}", "A net", "1RT720", range(10), values) for i in range(100)]
    size = len(explorers.curves(many[:40], title="Forty").html.encode())
    print(f"40 experiments: {size:,} bytes")
    assert size < 1_000_000
    with pytest.raises(
        ValueError, match="learning curves, 100 experiments: .* bytes are too many; .* 1,000,000"
    ):
        explorers.curves(many, title="A hundred")


def test_the_same_input_gives_the_same_bytes_without_torch():
    code = (
        "import hashlib, sys\n"
        "from course_utils import explorers\n"
        "table = explorers.table(['a', 'b'], [[1, 'x'], [2, 'y']], title='t', filters=['b'])\n"
        "runs = [explorers.Curves(n, n, 'g', [0, 1], {'test_loss': [[1, .5], [2, .25]]})"
        " for n in 'pq']\n"
        "both = table.html + explorers.curves(runs, title='u').html\n"
        "found = hashlib.sha256(both.encode()).hexdigest()\n"
    )
    here = {}
    exec(code, here)
    for seed in ("1", "2"):
        found = subprocess.run(
            [sys.executable, "-c", f"{code}assert 'torch' not in sys.modules\nprint(found)"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert found.stdout.strip() == here["found"]
    assert len(here["found"]) == hashlib.sha256().digest_size * 2


def test_the_wheel_holds_script_and_style():
    builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder(str(ROOT))
    held = {file.distribution_path for file in builder.recurse_included_files()}
    for package in ("explorers", "fragments"):
        parts = [p for p in (ROOT / "course_utils" / package).iterdir() if p.is_file()]
        assert ".css" in {path.suffix for path in parts}
        assert {f"course_utils/{package}/{path.name}" for path in parts} <= held


def make_table(**changes):
    return lambda: explorers.table(
        **{"header": ["a", "b"], "rows": [[1, 2]], "title": "", **changes}
    )


def make_curves(*records, **options):
    return lambda: explorers.curves(records, title="", **options)


def make_run(seeds=(0, 1), **values):
    return lambda: Curves("net", "", "", seeds, values or {"test_loss": [[1], [2]]})


ONE = RECORDS[0]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (make_table(header=[]), r"header: \[\] is invalid; use 1 to 12 names"),
        (make_table(header=list("abcdefghijklm")), "header: .* is invalid; use 1 to 12 names"),
        (make_table(header=["a", ""]), "none of them empty"),
        (make_table(header=["a", "a"]), "header: 'a' appears twice"),
        (make_table(rows=[]), r"rows: \[\] is invalid; use at least one"),
        (make_table(rows=[[1]]), r"rows: \[1\] is invalid; use 2 cells"),
        (make_table(rows=["ab"]), "rows: 'ab' is invalid; use 2 cells"),
        (make_table(filters=["c"]), "filters: 'c' is invalid; use 'a' or 'b'"),
        (make_table(verdicts="c"), "verdicts: 'c' is invalid; use 'a' or 'b'"),
        (make_table(verdicts="b"), "verdicts: '2' is invalid; use 'reproduced', 'not reproduced'"),
        (make_table(links={"c": [""]}), "links: 'c' is invalid; use 'a' or 'b'"),
        (make_table(links={"a": ["x", "y"]}), "links: 'a' has 2 for 1 rows"),
        (make_table(links={"a": "x"}), "links: 'a' has 1 for 1 rows; use a list"),
        (
            make_table(links={"a": ["javascript:alert(1)"]}),
            "links: 'javascript:.*' under 'a' is invalid",
        ),
        (
            make_table(links={"a": ["data:text/html,1"]}),
            "links: .* is invalid; use a relative address",
        ),
        (make_table(links={"a": ["//example.org"]}), "links: '//example.org' under 'a' is invalid"),
        (make_table(notes=["x", "y"]), "notes: 2 for 1 rows"),
        (make_curves(ONE), "records: 1 cannot be compared; use two or more"),
        (make_curves(ONE, ONE), "records: 'net-a' appears twice"),
        (
            make_curves(*RECORDS, first=("net-a", "net-z")),
            "first: 'net-z' is invalid; use 'net-a', ",
        ),
        (make_run(loss=[[1], [2]]), "metrics: 'loss' is invalid; use 'test_accuracy', 'test_loss'"),
        (make_run(test_loss=[1, 2]), r"test_loss of net has shape \(2,\); use \[2 seeds"),
        (make_run(test_loss=[[1]]), r"shape \(1, 1\); use \[2 seeds, epochs\]"),
        (make_run(seeds=(), test_loss=np.empty([0, 3])), "of one seed or more"),
        (make_run(test_loss=[[1], [float("nan")]]), "test_loss of net is not finite"),
        (make_run(test_loss=[[1], [2]], train_loss=[[1, 1], [2, 2]]), "as many epochs in each"),
        (make_run(test_loss=[[], []]), "metrics: net has {}; use as many epochs in each"),
        (make_run(seeds=(3, 3)), r"seeds: \[3, 3\] of net repeat; use each once"),
    ],
)
def test_bad_input_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=message):
        make()


# In a browser

TEXT = ".cex *:not(style, script, option, optgroup)"


@pytest.fixture
def show(open_alone):
    """Write explorers to a page and open it; no request may leave the page."""

    def show(*shown, attributes="", body_attributes="", css="", width=900, **options):
        fragments = [EVERY[one] if isinstance(one, str) else one for one in shown]
        text = contrast.page(
            fragments, attributes=attributes, body_attributes=body_attributes, css=css
        )
        return open_alone(text, width, **options)

    return show


def column(tab, number=2):
    """The texts of one column in the rows that are shown."""
    cells = tab.locator(f"tbody:visible tr:not(.d) td:nth-child({number + 1})")
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in cells.all_text_contents()]


def said(tab):
    return tab.get_by_role("status").inner_text()


def test_a_click_on_the_head_sorts_numbers_as_numbers(show):
    tab = show("table")
    head = tab.get_by_role("columnheader", name="value")
    assert (column(tab), head.get_attribute("aria-sort")) == (VALUES, None)
    head.get_by_role("button").click()
    assert (column(tab), head.get_attribute("aria-sort")) == (ASCENDING, "ascending")
    assert said(tab) == "8 of 8 rows, sorted by value, ascending"
    head.get_by_role("button").click()
    assert (column(tab), head.get_attribute("aria-sort")) == (DESCENDING, "descending")
    tab.get_by_role("columnheader", name="report").get_by_role("button").click()
    assert column(tab, 0) == sorted(row[0] for row in ROWS)
    assert tab.locator("[aria-sort]").count() == 1
    # Rows that are equal in it stay in the order in which they came.
    order = [row[1].replace("`", "") for row in sorted(ROWS, key=lambda row: row[0])]
    assert column(tab, 1) == order
    tab.get_by_role("button", name="Reset").click()
    assert (column(tab), tab.locator("[aria-sort]").count()) == (VALUES, 0)
    assert said(tab) == "8 of 8 rows"


def test_numbers_in_words_are_sorted_as_numbers_too(show):
    names = ["task 10", "task 9", "001b", "000c", "Task 1"]
    tab = show(explorers.table(["a"], [[name] for name in names], title=""))
    tab.get_by_role("columnheader").get_by_role("button").click()
    assert column(tab, 0) == ["000c", "001b", "Task 1", "task 9", "task 10"]


def test_the_keyboard_sorts_and_stays_where_it_is(show):
    tab = show("table")
    for _ in range(4 + 3):  # search, two lists and the reset; then the third column
        tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    assert column(tab) == ASCENDING
    tab.keyboard.press("Space")
    assert column(tab) == DESCENDING
    focused = "[document.activeElement.tagName, document.activeElement.textContent]"
    assert tab.evaluate(focused) == ["BUTTON", "value"]
    ring = "parseFloat(getComputedStyle(document.activeElement).outlineWidth) >= 2"
    assert tab.evaluate(ring)


def test_a_note_goes_where_its_row_goes(show):
    tab = show("table")
    tab.get_by_role("columnheader", name="value").get_by_role("button").click()
    below = tab.locator("tbody").evaluate_all(
        "(all) => all.map((b) => b.rows[1]?.textContent || '')"
    )
    assert below == [NOTES[VALUES.index(value)] for value in ASCENDING]


def test_search_and_lists_leave_the_rows_that_fit_and_count_them(show):
    tab = show("table")
    search = tab.get_by_role("searchbox", name="Search")
    report, verdict = (tab.get_by_role("combobox", name=name) for name in ("report", "verdict"))
    assert report.locator("option").all_inner_texts() == ["all", "TMU-HW4", "1RT720", "DS5220"]
    assert verdict.locator("option").all_inner_texts() == ["all", *VERDICTS]
    report.select_option("TMU-HW4")
    assert column(tab) == [VALUES[0], VALUES[3], VALUES[6]]
    assert said(tab) == "3 of 8 rows"
    verdict.select_option("cannot be told")
    assert (column(tab), said(tab)) == ([VALUES[3]], "1 of 8 rows")
    report.select_option("all")
    assert (column(tab), said(tab)) == ([VALUES[3], VALUES[7]], "2 of 8 rows")
    verdict.select_option("all")
    search.fill("REASON 4.")  # a note, in any case; all words, in any order
    assert (column(tab), said(tab)) == ([VALUES[3]], "1 of 8 rows")
    search.fill("4. reason fit ± 0.38 %")
    assert column(tab) == [VALUES[3]]
    search.fill("reason 4. nowhere")
    assert (column(tab), said(tab)) == ([], "0 of 8 rows")
    assert tab.locator(".d:visible").count() == 0
    tab.get_by_role("button", name="Reset").click()
    assert (column(tab), said(tab)) == (VALUES, "8 of 8 rows")
    assert [search.input_value(), report.input_value()] == ["", ""]


def test_what_is_sorted_stays_filtered(show):
    tab = show("table")
    tab.get_by_role("combobox", name="report").select_option("TMU-HW4")
    tab.get_by_role("columnheader", name="value").get_by_role("button").click()
    assert column(tab) == [VALUES[3], VALUES[0], VALUES[6]]
    assert said(tab) == "3 of 8 rows, sorted by value, ascending"


def test_an_empty_cell_can_be_chosen(show):
    rows = [["x", 1], ["", 2], ["x", 3]]
    tab = show(explorers.table(["a", "b"], rows, title="", filters=["a"]))
    tab.get_by_role("combobox", name="a").select_option("(empty)")
    assert column(tab, 1) == ["2"]


def test_three_hundred_rows_are_sorted_and_searched(show):
    tab = show(big_table(300))
    tab.get_by_label("Search").fill("lenet")
    assert said(tab) == "300 of 300 rows"
    box, head = tab.locator(".box"), tab.locator("th").first
    assert box.evaluate("(e) => (e.scrollTop = 5000) && e.scrollTop") == 5000
    place = [part.bounding_box()["y"] for part in (box, head)]
    assert abs(place[0] - place[1]) < 2  # the head stays in sight


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_no_page_is_wider_than_its_window(show, width, scripts):
    tab = show(*EVERY, big_table(5), width=width, java_script_enabled=scripts)
    for summary in tab.locator("summary").all():
        summary.click()
    assert tab.evaluate("document.documentElement.scrollWidth") == width
    if width < 640:  # and nothing is scrolled in a box of its own
        boxes = tab.locator(".cex, .box, .ch, .sm").evaluate_all(
            "(all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => e.className)"
        )
        assert boxes == []


def test_on_a_telephone_a_row_is_a_card_with_the_names_of_its_columns(show):
    odd = 'a "b" \\ <c>; `d`'
    made = explorers.table([odd, "other"], [["one", ""], ["two", "2"]], title="", notes=["n", ""])
    tab = show(made, width=390)
    before = "(all) => all.map((e) => getComputedStyle(e, '::before').content)"
    shown = tab.locator("tbody tr:not(.d) td:visible")
    assert shown.all_text_contents() == ["one", "two", "2"]  # an empty cell is left out
    labels = [json.loads(content) for content in shown.evaluate_all(before)]
    assert labels == ['a "b" \\ <c>; d', 'a "b" \\ <c>; d', "other"]
    assert tab.locator(".d td").evaluate_all(before) == ["none"]
    tab.get_by_role("button", name="other").click()  # the head is there to sort by
    assert shown.all_text_contents() == ["two", "2", "one"]
    tab = show(made, width=390, java_script_enabled=False)
    assert not tab.locator("thead").is_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_table_scrolls_in_a_box_that_fits_the_screen(show, width):
    tab = show(big_table(50), width=width)
    height = tab.evaluate("innerHeight")
    box = tab.locator(".box")
    assert box.evaluate("(e) => e.offsetHeight") <= 0.76 * height + 1
    assert box.evaluate("(e) => e.scrollHeight") > 3 * height
    tab.locator(".tb tbody").last.scroll_into_view_if_needed()
    assert tab.evaluate("document.documentElement.scrollHeight") < 2 * height


@pytest.mark.parametrize("width", [390, 1280])
def test_without_script_everything_is_there_to_read_and_nothing_to_press(show, width):
    tab = show(*EVERY, width=width, java_script_enabled=False)
    assert tab.locator("button, input, select, summary, .view").count() == 0
    assert tab.locator("tbody:visible").count() == len(ROWS) + len(RECORDS)
    assert tab.locator(".sm svg:visible").count() == len(RECORDS)
    sizes = tab.locator(".sm text").evaluate_all(
        "(all) => all.map((e) => e.getBoundingClientRect().height)"
    )
    assert min(sizes) >= 12  # pixels of the line, of letters of 10 or more


def test_links_lead_to_pages_in_the_book_and_to_notebooks_in_jupyterlab(show):
    links = "(all) => all.map((e) => e.getAttribute('href'))"
    assert show("table").locator("td a").evaluate_all(links) == [href for href in LINKS if href]
    lab = show("table", body_attributes=' data-jp-theme-light="true"')
    found = lab.locator("td a").evaluate_all(links)
    assert found[0] == "02_cnn_arithmetic.ipynb#the-section"
    assert found[1:] == LINKS[2:]


def test_two_of_the_same_do_not_disturb_each_other(show):
    tab = show("table", "curves", "table", "curves")
    tab.get_by_role("combobox", name="report").nth(1).select_option("TMU-HW4")
    counts = [tab.get_by_role("status").nth(i).inner_text() for i in (0, 2)]
    assert counts == ["8 of 8 rows", "3 of 8 rows"]
    tab.get_by_label("Metric").nth(1).select_option("test_loss")
    assert "Test accuracy" in tab.locator(".vd").first.inner_text()
    assert "Test loss" in tab.locator(".vd").last.inner_text()


def test_it_starts_where_a_notebook_sets_the_html_and_then_its_scripts(show):
    tab = show("table")
    for name in EVERY:
        tab.evaluate(
            """(html) => {
                const host = document.createElement("div");
                host.innerHTML = html;
                for (const old of host.querySelectorAll("script")) {
                    const made = document.createElement("script");
                    made.textContent = old.textContent;
                    old.replaceWith(made);
                }
                document.body.append(host);
            }""",
            EVERY[name].html,
        )
    assert tab.get_by_role("button", name="Reset").count() == 2
    assert tab.get_by_label("Experiment A").count() == 1


@pytest.mark.parametrize(("attributes", "system", "dark"), contrast.THEMES)
def test_text_stands_out_in_either_theme(show, attributes, system, dark):
    tab = show(*EVERY, attributes=attributes, color_scheme=system)
    tab.locator("summary").click()
    assert contrast.is_dark(tab.locator(".cex").first) == dark
    contrast.assert_text_stands_out(tab, TEXT)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_books_theme_leaves_it_as_it_is(show, theme):
    css = contrast.book_styles()
    tab = show(*EVERY, attributes=f' data-theme="{theme}"', css=css, width=390)
    contrast.assert_theme_leaves_alone(tab, 390)
    wraps = "(all) => [...new Set(all.map((e) => getComputedStyle(e).whiteSpace))]"
    assert tab.locator(".tb td, .tb code").evaluate_all(wraps) == ["normal"]
    contrast.assert_text_stands_out(tab, TEXT)


def test_on_paper_there_are_all_rows_and_no_controls(show):
    tab = show(big_table(50), "curves", color_scheme="dark")
    tab.emulate_media(media="print")
    assert tab.locator("input:visible, select:visible").count() == 0
    box = tab.locator(".box").first
    assert box.evaluate("(e) => e.scrollHeight === e.clientHeight")
    look = "(e) => { const s = getComputedStyle(e); return [s.color, s.backgroundColor]; }"
    assert tab.locator(".cex").first.evaluate(look) == ["rgb(26, 31, 38)", "rgb(255, 255, 255)"]


# Two curves

ASK = """(asked) => {
    const [a, b, metric] = document.querySelectorAll(".cex-curves select");
    return asked.map(([i, j, m]) => {
        [a.value, b.value, metric.value] = [i, j, m];
        a.dispatchEvent(new Event("change"));
        return document.querySelector(".vd").textContent;
    });
}"""
SENTENCE = re.compile(
    r"(?P<what>[\w ()]+) after the last epoch, A minus B over (?P<over>[\w ]+(?:, unpaired)?): "
    r"(?P<d>\S+) (?P<unit>points|nats), 95 % interval \[(?P<low>\S+), (?P<high>\S+)\]\. "
    r"(?:A is |A and B are )(?P<word>\w+)\.(?P<length> A was trained for .*)?"
)


def number(text):
    return float(text.replace("−", "-"))


def check_verdict(sentence, one, other, metric):
    """The sentence says what `compare` gives for the seeds that both have: its verdict."""
    for letter, run in (("A", one), ("B", other)):
        if metric not in run.metrics:
            assert sentence.endswith(f"was not measured for {letter}.")
            return "not measured"
    if one is other:
        assert sentence == "A and B are the same experiment. Choose another."
        return "same"
    paired = one.begins == other.begins
    common = sorted(set(one.seeds) & set(other.seeds))
    n = [len(common)] if paired else [len(one.seeds), len(other.seeds)]
    over = f"{len(common)} seed{'s' * (len(common) != 1)} in common"
    over = over if paired else f"{n[0]} and {n[1]} seeds, unpaired"
    if min(n) < 2:
        assert sentence == f"A and B have {over}: a verdict needs two or more."
        return "too few"
    a, b = (
        [run.last(metric)[run.seeds.index(s)] for s in common] if paired else run.last(metric)
        for run in (one, other)
    )  # fmt: skip
    higher = metric.endswith("accuracy")
    expected = compare(a, b, paired=paired, higher_is_better=higher)
    found = SENTENCE.fullmatch(sentence)
    assert found["over"] == over
    assert found["word"] == expected.verdict
    assert found["unit"] == ("points" if higher else "nats")
    assert found["what"].lower() == explorers.METRICS[metric].label
    scale, last = (100, 0.00501) if higher else (1, 0.0000501)
    for key, value in [("d", "difference"), ("low", "low"), ("high", "high")]:
        assert number(found[key]) == pytest.approx(scale * getattr(expected, value), abs=last)
        assert found[key][0] in "+−"
    assert (found["length"] is not None) == (one.epochs != other.epochs)
    return expected.verdict


def test_every_verdict_is_that_of_compare(show):
    tab = show("curves")
    asked = [
        [i, j, metric]
        for i, j in itertools.product(range(len(RECORDS)), repeat=2)
        for metric in explorers.METRICS
    ]
    found = [
        check_verdict(sentence, RECORDS[i], RECORDS[j], metric)
        for (i, j, metric), sentence in zip(asked, tab.evaluate(ASK, asked), strict=True)
    ]
    counts = {word: found.count(word) for word in sorted(set(found))}
    print(f"{len(found)} verdicts: {counts}")
    assert set(counts) == {
        "better", "worse", "indistinguishable", "not measured", "same", "too few"
    }  # fmt: skip


def test_every_verdict_on_the_recorded_experiments_is_that_of_compare(show):
    of_mnist = [name for name, e in experiments.REGISTRY.items() if e.dataset == "mnist"]
    loaded = [experiments.recorded_or_none(name) for name in of_mnist]
    records = [
        Curves(
            record.experiment.name, "", record.experiment.source, record.seeds,
            {metric: record.curves(metric) for metric in explorers.METRICS},
            experiments.beginning(record.experiment),
        )
        for record in loaded if record
    ]  # fmt: skip
    tab = show(explorers.curves(records, title="Recorded"))
    asked = [
        [i, j, metric]
        for i, j in itertools.combinations(range(len(records)), 2)
        for metric in ("test_accuracy", "test_loss")
    ]
    found = [
        check_verdict(sentence, records[i], records[j], metric)
        for (i, j, metric), sentence in zip(asked, tab.evaluate(ASK, asked), strict=True)
    ]
    print(f"{len(found)} verdicts on recorded experiments agree")
    assert "better" in found


DRAWN = """() => {
    const svg = document.querySelector(".ch svg");
    const pairs = (d) => d.replace(/[MZ]/g, "").split("L").map((p) => p.split(" ").map(Number));
    const points = (path) => (path ? pairs(path.getAttribute("d")) : []);
    const anchored = (at) => texts.filter((t) => t.getAttribute("text-anchor") === at);
    const texts = [...svg.querySelectorAll("text")];
    const box = svg.getBoundingClientRect();
    const outside = texts.filter((t) => {
        const b = t.getBoundingClientRect();
        return b.left < box.left - 0.5 || b.right > box.right + 0.5 || b.top < box.top - 0.5
            || b.bottom > box.bottom + 0.5;
    });
    return {
        ticks: anchored("end").filter((t) => t.textContent !== "epoch")
            .map((t) => [t.textContent, +t.getAttribute("y") - 5]),
        epochs: anchored("middle").map((t) => [t.textContent, +t.getAttribute("x")]),
        lines: ["a", "b"].map((c) => points(svg.querySelector(`.${c} .cv`))),
        bands: ["a", "b"].map((c) => points(svg.querySelector(`.${c} .bd`))),
        dashes: ["a", "b"].map((c) => {
            const line = svg.querySelector(`.${c} .cv`);
            return line && getComputedStyle(line).strokeDasharray;
        }),
        outside: outside.map((t) => t.textContent),
        letters: texts.map((t) => parseFloat(getComputedStyle(t).fontSize)),
        scale: box.width / svg.viewBox.baseVal.width,
        label: svg.getAttribute("aria-label"),
    };
}"""


def axis(pairs):
    """From a place on an axis to its number, through two or more labels of the axis."""
    numbers, places = zip(*[(number(text), place) for text, place in pairs], strict=True)
    slope, start = np.polyfit(places, numbers, 1)
    assert np.allclose(
        slope * np.array(places) + start, numbers, atol=1e-6 * max(map(abs, numbers))
    )
    return lambda place: slope * np.asarray(place) + start


@pytest.mark.parametrize("width", [390, 900])
@pytest.mark.parametrize("metric", ["test_accuracy", "test_loss"])
def test_lines_and_bands_are_drawn_where_the_axes_say(show, width, metric):
    tab = show("curves", width=width)
    tab.get_by_label("Metric").select_option(metric)
    drawn = tab.evaluate(DRAWN)
    assert drawn["outside"] == []
    assert min(drawn["letters"]) >= 14 and drawn["scale"] == pytest.approx(1, abs=0.01)
    assert drawn["dashes"][0] == "none" != drawn["dashes"][1]
    value, epoch = axis(drawn["ticks"]), axis(drawn["epochs"])
    factor = 100 if metric == "test_accuracy" else 1
    span = abs(value(0) - value(100)) / 100  # of one pixel
    for record, line, band in zip(
        (RECORDS[3], RECORDS[0]), drawn["lines"], drawn["bands"], strict=True
    ):
        found = [mean_interval(values) for values in np.asarray(record.metrics[metric]).T]
        x, y = np.array(line).T
        assert epoch(x) == pytest.approx(np.arange(1, record.epochs + 1), abs=0.1)
        means = [factor * interval.mean for interval in found]
        assert value(y) == pytest.approx(means, abs=0.2 * span)
        high, low = np.split(value(np.array(band)[:, 1]), 2)
        assert high == pytest.approx([factor * i.high for i in found], abs=0.2 * span)
        assert low[::-1] == pytest.approx([factor * i.low for i in found], abs=0.2 * span)


def test_the_legend_has_the_values_after_the_last_epoch(show):
    tab = show("curves")
    items = [item.inner_text().splitlines() for item in tab.locator(".lg li").all()]
    long, short = RECORDS[3], RECORDS[0]
    assert items == [
        [f"A net-long after epoch 40: {long.final('test_accuracy')} %, n = 5 seeds", long.label],
        [f"B net-a after epoch 5: {short.final('test_accuracy')} %, n = 10 seeds", short.label],
    ]
    tab.get_by_label("Experiment A").select_option("net-one-seed")
    first = tab.locator(".lg li").first.inner_text().splitlines()[0]
    assert first.endswith(f"{RECORDS[4].final('test_accuracy')} %, one seed, so no band")
    drawn = tab.evaluate(DRAWN)
    assert [len(points) for points in drawn["bands"]] == [0, 10]
    assert "A, net-one-seed, " in drawn["label"] and "Test accuracy" not in drawn["label"]


def test_the_keyboard_picks_a_pair_a_metric_and_the_first_epoch(show):
    tab = show("curves")
    focused = """() => {
        const e = document.activeElement, label = e.labels && e.labels[0];
        return [e.tagName, label ? label.firstChild.textContent : e.textContent.slice(0, 3)];
    }"""
    names = []
    for _ in range(5):
        tab.keyboard.press("Tab")
        names.append(tab.evaluate(focused))
    assert names == [
        ["SELECT", "Experiment A"], ["SELECT", "Experiment B"], ["SELECT", "Metric"],
        ["INPUT", "From epoch 1"], ["SUMMARY", "All"],
    ]  # fmt: skip
    tab.keyboard.press("Shift+Tab")
    for _ in range(9):
        tab.keyboard.press("ArrowRight")
    assert tab.get_by_label("From epoch 10").input_value() == "10"
    drawn = tab.evaluate(DRAWN)
    assert [len(points) for points in drawn["lines"]] == [31, 0]  # B ended after epoch 5
    assert axis(drawn["epochs"])(drawn["lines"][0][0][0]) == pytest.approx(10, abs=0.1)
    assert "epoch, 10 to 40. A, net-long, " in drawn["label"]
    assert "B, net-a, not drawn" in drawn["label"]
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("ArrowDown")
    assert tab.get_by_label("Metric").input_value() == "test_loss"
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("ArrowDown")
    assert "net-a-again" in tab.locator(".lg").inner_text()
    assert tab.get_by_label("From epoch 1").input_value() == "1"  # another pair, from the start
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.type("net-close")
    assert "net-close" in tab.locator(".lg").inner_text()
    assert "A is " in tab.locator(".vd").inner_text() or "A and B" in said(tab)


def test_lists_are_grouped_by_report(show):
    tab = show("curves")
    groups = tab.get_by_label("Experiment A").locator("optgroup")
    assert groups.evaluate_all("(all) => all.map((e) => e.label)") == [
        "1RT720",
        "DS5220",
        "TMU-HW4",
    ]
    assert groups.nth(1).locator("option").all_inner_texts() == ["net-close", "net-long"]


def test_the_chart_follows_the_width_of_the_window(show):
    tab = show("curves", width=900)
    wide = tab.locator(".ch svg").bounding_box()["width"]
    tab.set_viewport_size({"width": 390, "height": 700})
    tab.wait_for_function("document.querySelector('.ch svg').getBoundingClientRect().width < 390")
    drawn = tab.evaluate(DRAWN)
    assert wide > 800 and drawn["scale"] == pytest.approx(1, abs=0.01) and drawn["outside"] == []
    assert tab.evaluate("document.documentElement.scrollWidth") == 390


def test_the_table_of_all_experiments_unfolds(show):
    tab = show("curves")
    assert tab.locator("tbody:visible").count() == 0
    tab.get_by_text("All 8 experiments").click()
    assert tab.locator("tbody:visible").count() == len(RECORDS)


def test_curves_that_end_together_have_letters_apart(show):
    tab = show("curves")
    tab.evaluate(ASK, [[0, 1, "test_accuracy"]])  # the very same curves
    a, b = (text.bounding_box() for text in tab.locator(".ch .end").all())
    assert abs(a["y"] - b["y"]) >= 12

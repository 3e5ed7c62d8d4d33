"""The learning curves of many experiments, any two of them side by side."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from course_utils.basics.checks import choice
from course_utils.evaluation import t_quantile
from course_utils.explorers.markup import Explorer, explorer
from course_utils.explorers.series import METRICS, SCALE, Curves
from course_utils.explorers.tables import plain

LIMIT = 1_000_000  # bytes of one explorer

T_STEPS = 2000

WIDTH, HEIGHT = 2200, 1200  # of a small chart, in tenths of a pixel, so that points are integers
LEFT, RIGHT, TOP, BOTTOM = 20, 2180, 190, 980  # of what is drawn in it


def curves(
    records: Sequence[Curves], *, title: str, first: tuple[str, str] | None = None
) -> Explorer:
    """Let the reader hold any two experiments side by side: mean curves, bands, the verdict.

    The band is the 95 % interval of the mean over seeds, epoch by epoch. The verdict is that of
    ``evaluation.compare`` on the values after the last epoch: over the seeds that both have where
    these begin alike, else over all seeds of each.
    Without script there is a table of all final values and a small chart of each experiment.

    Parameters
    ----------
    records : two or more experiments, in the order in which they are listed, names all different.
    first : the names of the two that are shown at first; by default the first two.

    Raises
    ------
    ValueError
        For fewer records, a name twice, an unknown name, and more than 1,000,000 bytes.

    Examples
    --------
    >>> one = Curves("a", "a net", "me", [0, 1], {"test_accuracy": [[0.9, 0.96], [0.9, 0.98]]})
    >>> two = Curves("b", "its twin", "me", [0, 1], {"test_accuracy": [[0.8], [0.9]]})
    >>> curves([one, two], title="Two nets")
    Explorer: learning curves, 2 experiments
    """
    names = [record.name for record in records]
    if len(names) < 2:
        raise ValueError(f"records: {len(names)} cannot be compared; use two or more")
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise ValueError(f"records: {twice[0]!r} appears twice; use each name once")
    first = first or (names[0], names[1])
    for name in first:
        choice("first", name, names)
    measured = [m for m in METRICS if any(m in record.metrics for record in records)]
    data = {
        "scale": SCALE,
        "metrics": {m: METRICS[m]._asdict() for m in measured},
        # Over 1/df, from 0 to 1; between two of these, the script draws a straight line.
        "t": [round(t_quantile(T_STEPS / k if k else float("inf")), 6) for k in range(T_STEPS + 1)],
        "first": [names.index(name) for name in first],
        "runs": [_run(record) for record in records],
    }
    summary = f"learning curves, {len(records)} experiments"
    return explorer(
        summary,
        title,
        _final_values(records, measured) + _small_charts(records, measured[0]),
        kind="curves",
        limit=LIMIT,
        styles=("explorer.css", "table.css", "curves.css"),
        attributes={"data-d": json.dumps(data, ensure_ascii=False, separators=(",", ":"))},
    )


def _run(record: Curves) -> dict[str, object]:
    measured = {}
    for metric in record.metrics:
        mean, half = record.band(metric)
        measured[metric] = {
            "mean": mean, "half": half, "final": record.final(metric), "last": record.last(metric)
        }  # fmt: skip
    return {
        "name": record.name,
        "label": record.label,
        "group": record.group,
        "begins": record.begins,
        "seeds": record.seeds,
        "of": measured,
    }


def _final_values(records: Sequence[Curves], measured: Sequence[str]) -> str:
    units = [f"{METRICS[m].label} ({METRICS[m].unit})" for m in measured]
    header = ["experiment", "seeds", "epochs", *units]
    rows = [
        [
            f"`{record.name}`", str(len(record.seeds)), str(record.epochs),
            *(record.final(m) if m in record.metrics else "" for m in measured),
        ]
        for record in records
    ]  # fmt: skip
    words = "<p>After the last epoch: the mean over seeds ± half of its 95 % interval.</p>"
    return words + plain(header, rows, notes=[f"{r.group}: {r.label}" for r in records])


def _small_charts(records: Sequence[Curves], metric: str) -> str:
    charts = "".join(_small_chart(record, metric) for record in records if metric in record.metrics)
    label = METRICS[metric].label.capitalize()
    words = f"<p>{label} by epoch: the mean over seeds and the band of its 95 % interval.</p>"
    return f'{words}<div class="sm">{charts}</div>'


def _small_chart(record: Curves, metric: str) -> str:
    """One curve with its band; the lowest and highest value drawn stand at the axis."""
    how = METRICS[metric]
    mean, half = record.band(metric)
    half = half or [0] * len(mean)
    most = SCALE if how.unit == "%" else max(m + h for m, h in zip(mean, half, strict=True))
    top = [min(most, m + h) for m, h in zip(mean, half, strict=True)]
    bottom = [max(0, m - h) for m, h in zip(mean, half, strict=True)]
    low, high = min(bottom), max(top)

    def points(values: Sequence[int], backwards: bool = False) -> str:
        across = (RIGHT - LEFT) / max(1, len(values) - 1)
        down = (BOTTOM - TOP) / max(1, high - low)
        found = [
            f"{round(LEFT + i * across)},{round(BOTTOM - (v - low) * down)}"
            for i, v in enumerate(values)
        ]
        found *= 2 if len(found) == 1 else 1  # a line from a point to itself is a dot
        return " ".join(found[::-1] if backwards else found)

    band = f'<polygon points="{points(top)} {points(bottom, True)}"/>' if record.seeds[1:] else ""
    ends = [f"{how.write(value / SCALE)} {how.unit}" for value in (high, low)]
    epochs = f"{len(mean)} epoch{'s' * (len(mean) != 1)}"
    said = f"{record.name}: {how.label} over {epochs}, {ends[1]} to {ends[0]}; "
    said += f"at the end {record.final(metric)}"
    return (
        f'<div class="f"><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" fill="none" '
        f'stroke="currentColor" aria-label="{html.escape(f"{said} {how.unit}")}">'
        f'<path d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}" stroke-width="10"/>'
        f'<g fill="currentColor" fill-opacity=".25" stroke="none">{band}</g>'
        f'<polyline points="{points(mean)}" stroke-width="20" stroke-linecap="round"/>'
        f'<g fill="currentColor" stroke="none" font-size="120">'
        f'<text x="{LEFT}" y="130">{ends[0]}</text>'
        f'<text x="{LEFT}" y="{HEIGHT - 70}">{ends[1]}</text>'
        f'<text x="{RIGHT}" y="{HEIGHT - 70}" text-anchor="end">{epochs}</text></g></svg>'
        f"<p><code>{html.escape(record.name)}</code></p></div>"
    )

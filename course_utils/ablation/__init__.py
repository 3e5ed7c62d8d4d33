"""Your own ablation: networks that differ in one thing, compared over seeds, with a verdict.

``compare`` trains each variant with the same seeds, images and epochs, and gives a ``Study``: its
table, its figures, and the test set once, on request. ``load`` reads one that was kept in a folder.

>>> from course_utils import ablation, data, models
>>> study = ablation.compare(
...     {"784–10": lambda: models.mlp([]), "784–16–10": lambda: models.mlp([16])},
...     data.load(source="digits"),
...     epochs=2,
...     images=500,
...     seeds=2,
...     progress=False,
... )
>>> [(one.name, one.parameters, len(one.runs)) for one in study.results]
[('784–10', 7850, 2), ('784–16–10', 12730, 2)]
"""

from course_utils.ablation.comparing import compare, load
from course_utils.ablation.study import Result, Study
from course_utils.ablation.variants import Variant

__all__ = ["Result", "Study", "Variant", "compare", "load"]

"""Which numbers do the reports give, which are ours, and what survives?"""

from course_utils.data import Dataset
from course_utils.reports.by_hand import rows_by_hand
from course_utils.reports.conclusions import OUTCOMES, Conclusion, conclusions
from course_utils.reports.errata import Erratum, errata
from course_utils.reports.rows import SOURCES, VERDICTS, Place, Row, computed, measured
from course_utils.reports.trained import rows_trained

__all__ = [
    "OUTCOMES", "SOURCES", "VERDICTS", "Conclusion", "Erratum", "Place", "Row",
    "computed", "conclusions", "errata", "every_row", "measured", "rows_by_hand", "rows_trained",
]  # fmt: skip


def every_row(dataset: Dataset) -> list[Row]:
    """Hold every number of the reports beside ours, in the order of the tasks.

    What is about MNIST is computed from ``dataset``, all 60,000 training images of it; on the
    digits that stand in for it such a row says that it needs MNIST. Training runs are the records
    that ship with the course.
    """
    return sorted(rows_by_hand(dataset) + rows_trained(), key=lambda row: row.task)

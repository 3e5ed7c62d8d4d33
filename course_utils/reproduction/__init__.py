"""Which numbers do the reports give, which are ours, and what survives?"""

from course_utils.reproduction.by_hand import rows_by_hand
from course_utils.reproduction.conclusions import OUTCOMES, Conclusion, conclusions
from course_utils.reproduction.errata import Erratum, errata
from course_utils.reproduction.rows import SOURCES, VERDICTS, Place, Row, computed, measured
from course_utils.reproduction.trained import rows_trained

__all__ = [
    "OUTCOMES", "SOURCES", "VERDICTS", "Conclusion", "Erratum", "Place", "Row",
    "computed", "conclusions", "errata", "measured", "rows_by_hand", "rows_trained",
]  # fmt: skip

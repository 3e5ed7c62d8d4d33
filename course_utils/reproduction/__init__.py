"""Which numbers do the reports give, which are ours, and what survives?"""

from course_utils.reproduction.by_hand import rows_by_hand
from course_utils.reproduction.rows import SOURCES, VERDICTS, Place, Row, computed, measured

__all__ = ["SOURCES", "VERDICTS", "Place", "Row", "computed", "measured", "rows_by_hand"]

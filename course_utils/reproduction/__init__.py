"""Which numbers do the reports give, which are ours, and what survives?"""

from course_utils.reproduction.rows import SOURCES, VERDICTS, Place, Row, computed, measured

__all__ = ["SOURCES", "VERDICTS", "Place", "Row", "computed", "measured"]

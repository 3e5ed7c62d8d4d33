"""What a reader looks things up in, on a page that has no kernel.

Each function takes plain numbers and texts and returns an ``Explorer``, which a notebook shows as
one self-contained piece of HTML: script, style and data inside, nothing loaded. A table is sorted
and filtered, two learning curves are compared. Without script it is all there to read.

>>> from course_utils import explorers
>>> explorers.table(["task", "ours"], [["000a", "−2.3"], ["000j", "1,792"]], title="Two numbers")
Explorer: table, 2 rows

The same arguments give the same bytes, so stored outputs can be compared.
"""

from course_utils.explorers.curves import curves
from course_utils.explorers.markup import Explorer
from course_utils.explorers.series import METRICS, Curves
from course_utils.explorers.tables import MARKS, sort_key, table

__all__ = ["MARKS", "METRICS", "Curves", "Explorer", "curves", "sort_key", "table"]

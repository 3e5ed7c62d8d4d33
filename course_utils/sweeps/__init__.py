"""How are many runs made: checked before, shared out, shown on the way, and counted after?"""

from course_utils.sweeps.running import sweep
from course_utils.sweeps.status import Status, cost, makespan, report, status_of

__all__ = ["Status", "cost", "makespan", "report", "status_of", "sweep"]

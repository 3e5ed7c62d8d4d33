"""Networks of the course that run in the page itself, forwards and backwards, without a kernel."""

from course_utils.live.look import Look, look
from course_utils.live.networks import NETWORKS, WEIGHTS, described, load, store

__all__ = ["NETWORKS", "WEIGHTS", "Look", "described", "load", "look", "store"]

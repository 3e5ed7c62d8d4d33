"""Networks of the course that run in the page itself, forwards and backwards, without a kernel."""

from course_utils.live.networks import NETWORKS, WEIGHTS, described, load, store

__all__ = ["NETWORKS", "WEIGHTS", "described", "load", "store"]

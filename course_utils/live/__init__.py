"""Networks of the course that run in the page itself, forwards and backwards, without a kernel."""

from course_utils.live.look import Look, look
from course_utils.live.networks import NETWORKS, WEIGHTS, described, load, store
from course_utils.live.xor import XorTrainer, xor_trainer

__all__ = [
    "NETWORKS", "WEIGHTS", "Look", "XorTrainer",
    "described", "load", "look", "store", "xor_trainer",
]  # fmt: skip

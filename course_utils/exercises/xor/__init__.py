"""The exercises of the page on XOR: a network by hand, a thousand at once, how many work."""

from course_utils.exercises.xor import chances, network

__all__ = ["EXERCISES"]

EXERCISES = (*network.EXERCISES, *chances.EXERCISES)

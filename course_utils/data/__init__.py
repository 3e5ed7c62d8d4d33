"""The images and labels that the course trains on: MNIST, checked, or what takes its place.

``load`` looks in a folder of yours, in the cache and on public mirrors. With no MNIST anywhere it
falls back to the 8×8 digits that come with scikit-learn, and says so where nobody can miss it.
"""

from course_utils.data.idx import DataError
from course_utils.data.loading import load
from course_utils.data.mirrors import MIRRORS
from course_utils.data.sets import Constants, Dataset, Split

__all__ = ["MIRRORS", "Constants", "DataError", "Dataset", "Split", "load"]

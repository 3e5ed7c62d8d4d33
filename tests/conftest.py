"""What several test files share."""

import os

import pytest

# Two workers with a thread for every core would stall one another: a thread each, and as many for
# the kernels that they start, which start no further processes. Set before anything imports torch.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")

from course_utils import data


@pytest.fixture(scope="session")
def mnist() -> data.Dataset:
    """Real MNIST, all 60,000 training images in file order; nothing is downloaded for it."""
    try:
        return data.load(source="mnist", validation=0, mirrors=())
    except data.DataError:
        pytest.skip("needs real MNIST: set COURSE_DATA to a folder that holds its four files")

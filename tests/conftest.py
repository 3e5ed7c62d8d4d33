"""What several test files share."""

import pytest

from course_utils import data


@pytest.fixture(scope="session")
def mnist() -> data.Dataset:
    """Real MNIST, all 60,000 training images in file order; nothing is downloaded for it."""
    try:
        return data.load(source="mnist", validation=0, mirrors=())
    except data.DataError:
        pytest.skip("needs real MNIST: set COURSE_DATA to a folder that holds its four files")

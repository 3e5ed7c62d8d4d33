"""How many threads PyTorch has for a while: one for small tensors, whose threads only wait."""

from collections.abc import Iterator
from contextlib import contextmanager

from course_utils.basics.checks import integer


@contextmanager
def threads(n: int = 1) -> Iterator[None]:
    """Let PyTorch work with ``n`` threads, and then with as many as before.

    Small tensors are done before a second thread has begun; where another program keeps the cores
    busy, waiting for that thread takes twenty times as long as the work.

    >>> import torch
    >>> with threads(1):
    ...     torch.get_num_threads()
    1

    Raises
    ------
    ValueError
        For ``n`` below 1.
    """
    import torch  # here, so that what does not come to tensors does not wait for it

    integer("n", n)
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)

"""For what a test starts and then interrupts."""

import signal


def hear_interrupts() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so do that one's children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)

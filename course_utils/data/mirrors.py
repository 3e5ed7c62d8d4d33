"""Downloads from mirrors, over networks that break in every way there is.

Nothing here touches the disk: a file is downloaded into memory and checked before it is believed.
"""

from __future__ import annotations

import queue
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import requests
from requests.exceptions import ChunkedEncodingError
from requests.utils import prepend_scheme_if_needed
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as TransportTimeout

from course_utils.data.idx import DataError, FileSpec, parse

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
PORTS = {"https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080}
PAUSES = (0.2, 0.6)  # seconds before the second and the third try
SLOWEST = 50_000  # bytes a second; a mirror that stays below is given up


def probe(mirrors: Sequence[str], timeout: float) -> dict[str, str]:
    """What keeps us from each mirror; those that answer within ``timeout`` seconds are left out.

    All mirrors (or the proxy before them) are asked at once, and a name server that hangs costs
    no more than the time-out.
    """

    def connect(mirror: str) -> None:
        proxy = requests.utils.select_proxy(mirror, requests.utils.get_environ_proxies(mirror))
        parts = urlsplit(prepend_scheme_if_needed(proxy, "http") if proxy else mirror)
        port = parts.port or PORTS.get(parts.scheme, 80)
        socket.create_connection((parts.hostname or "", port), timeout).close()

    deadline = time.monotonic() + timeout
    answers = {mirror: _in_background(connect, mirror) for mirror in mirrors}
    problems = {}
    for mirror, answer in answers.items():
        try:
            error = answer.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            error = TimeoutError(f"no connection within {timeout:g} s")
        if error is not None:
            problems[mirror] = f"cannot be reached ({error})"
    return problems


class Downloader:
    """Asks one mirror after the other; remembers in ``attempts`` what went wrong.

    A connection that breaks and a server's own fault (5xx) are tried twice more, after a short
    pause. A missing file or a wrong one goes straight to the next mirror. A mirror that falls
    silent for ``timeout`` seconds, or stays below 50 kB/s, is not asked again.
    """

    def __init__(
        self, mirrors: Sequence[str], timeout: float, progress: bool, title: str = "MNIST"
    ) -> None:
        self.mirrors = list(mirrors)
        self.timeout = timeout
        self.attempts: list[str] = []
        self.bar = tqdm(
            desc=title, total=0, unit="B", unit_scale=True, file=sys.stderr, disable=not progress
        )

    def fetch(self, spec: FileSpec) -> tuple[npt.NDArray[np.uint8], bytes] | None:
        """One file's checked array, and its bytes as they came; None if no mirror gives it."""
        for mirror in list(self.mirrors):
            url = f"{mirror.rstrip('/')}/{spec.name}.gz"
            try:
                content = self._download(url, spec)
                return parse(content, spec, url), content
            except DataError as error:
                self.attempts.append(str(error))
            except (requests.RequestException, HTTPError, ValueError, OSError) as error:
                self.attempts.append(f"{url}: expected the file, found {error}")
                if _is_silence(error):
                    self.mirrors.remove(mirror)
        return None

    def _download(self, url: str, spec: FileSpec) -> bytes:
        for pause in PAUSES:
            try:
                return self._download_once(url, spec)
            except requests.RequestException as error:
                if not _may_pass(error):
                    raise
            time.sleep(pause)
        return self._download_once(url, spec)

    def _download_once(self, url: str, spec: FileSpec) -> bytes:
        received = bytearray()
        given_up = threading.Event()

        def receive(url: str) -> None:
            with requests.get(url, stream=True, timeout=self.timeout) as response:
                response.raise_for_status()
                response.raw.enforce_content_length = True  # urllib3 2 does, 1 takes half a file
                length = response.headers.get("Content-Length", "")  # for the bar alone
                self.bar.total += int(length) if re.fullmatch("[0-9]{1,12}", length) else 0
                for piece in response.iter_content(4096):
                    if given_up.is_set():
                        return
                    received.extend(piece)
                    self.bar.update(len(piece))

        start = time.monotonic()
        outcome = _in_background(receive, url)
        try:
            while True:
                try:
                    error = outcome.get(timeout=0.1)
                except queue.Empty:
                    seconds = time.monotonic() - start
                    if seconds > 2 * self.timeout + len(received) / SLOWEST:
                        raise requests.Timeout(
                            f"only {len(received)} bytes in {seconds:.1f} s"
                        ) from None
                    if len(received) > 2 * spec.size + 1024:
                        raise DataError(
                            f"{url}: expected {spec.size} bytes at most, "
                            f"found {len(received)} and no end"
                        ) from None
                    continue
                if error is not None:
                    raise error
                return bytes(received)
        finally:
            given_up.set()


def _is_silence(error: Exception) -> bool:
    """Whether the mirror kept us waiting; requests calls a stalled body a broken connection."""
    return isinstance(error, requests.Timeout) or any(
        isinstance(cause, TransportTimeout) for cause in error.args
    )


def _may_pass(error: requests.RequestException) -> bool:
    """Whether it is worth another try."""
    if isinstance(error, requests.HTTPError):
        return error.response is not None and error.response.status_code >= 500
    return isinstance(error, (requests.ConnectionError, ChunkedEncodingError)) and not _is_silence(
        error
    )


def _in_background(work: Callable[[str], None], argument: str) -> queue.Queue[Exception | None]:
    """Start ``work`` in a thread that is never waited for; the queue gets its error, or None.

    Only a thread can be left behind: looking up a name knows no time-out.
    """
    outcome: queue.Queue[Exception | None] = queue.Queue()

    def target() -> None:
        try:
            work(argument)
        except Exception as error:
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=target, daemon=True).start()
    return outcome

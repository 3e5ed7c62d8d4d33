"""The data: right, or an error that says what is wrong; never anything half."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

from course_utils import data
from course_utils.basics import files
from course_utils.data import folders, idx, mirrors, published

BRIEF = 0.5  # seconds that a file gets where a test is about waiting
PATIENCE = 240  # seconds for what takes less than one, unless the machine is busy


@pytest.fixture(scope="module")
def digits() -> data.Dataset:
    return data.load(source="digits")


# --- Small files that stand for MNIST's: the same code, 12 + 5 images ---

_rng = np.random.default_rng(0)
ARRAYS = [
    _rng.integers(0, 256, (12, 28, 28), np.uint8),
    np.arange(12, dtype=np.uint8) % 10,
    _rng.integers(0, 256, (5, 28, 28), np.uint8),
    np.arange(5, dtype=np.uint8),
]
CONTENT = {spec.name: idx.serialize(a) for spec, a in zip(idx.FILES, ARRAYS, strict=True)}
SMALL = tuple(
    idx.FileSpec(spec.name, array.shape, hashlib.sha256(CONTENT[spec.name]).hexdigest())
    for spec, array in zip(idx.FILES, ARRAYS, strict=True)
)
NAMES = [spec.name for spec in SMALL]
# The same as a sibling of MNIST publishes them: gzipped, with the checksum of that.
SIBLINGS = {"fashion-mnist": "FashionMNIST", "kmnist": "KMNIST"}
PACKED = {name: gzip.compress(content, mtime=0) for name, content in CONTENT.items()}
SMALL_PACKED = tuple(
    idx.FileSpec(spec.name, spec.shape, md5=hashlib.md5(PACKED[spec.name]).hexdigest())
    for spec in SMALL
)
TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS = NAMES
WEB_PAGE = b"<!DOCTYPE html><html><body>Please log in to the network.</body></html>"


@pytest.fixture(autouse=True)
def _own_surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the user's data, cache or proxies."""
    for name in ("COURSE_DATA", "http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(mirrors, "PAUSES", (0.01, 0.02))


def load_small(**changes: Any) -> data.Dataset:
    options: dict[str, Any] = {
        "source": "mnist",
        "validation": 0,
        "mirrors": (),
        "timeout": PATIENCE,
        "progress": False,
        "files": SMALL,
    }
    return data.load(**(options | changes))


def load_sibling(name: str = "fashion-mnist", **changes: Any) -> data.Dataset:
    return load_small(**({"name": name, "source": "auto", "files": SMALL_PACKED} | changes))


def assert_right(found: data.Dataset, name: str = "mnist") -> None:
    expected = [torch.tensor(array) for array in ARRAYS]
    assert (found.name, found.source, found.is_mnist) == (name, name, name == "mnist")
    assert torch.equal(found.train.images[:, 0], expected[0])
    assert torch.equal(found.train.labels, expected[1].long())
    assert torch.equal(found.test.images[:, 0], expected[2])
    assert torch.equal(found.test.labels, expected[3].long())


def assert_cache_whole(cache: Path) -> None:
    files = {path.name: path.read_bytes() for path in (cache / folders.raw("MNIST")).iterdir()}
    assert files == CONTENT


def fill(folder: Path, content: dict[str, bytes] | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in (content or CONTENT).items():
        (folder / name).write_bytes(file)
    return folder


# --- Mirrors on this machine, with every fault a mirror can have ---


class Mirror(ThreadingHTTPServer):
    """Serves the files gzipped; `faults` says how a file is answered instead; counts requests."""

    daemon_threads = True

    def __init__(self, faults: dict[str, Callable[[BaseHTTPRequestHandler], None]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.faults = faults
        self.content = CONTENT
        self.packed: dict[str, bytes] = {}  # what is served as it is, where given
        self.hits: Counter[str] = Counter()
        self.stopped = threading.Event()
        self.kept_waiting = False  # whether a client waited as long as a silent mirror can
        self.url = f"http://127.0.0.1:{self.server_address[1]}/mnist/"

    def handle_error(self, *_: object) -> None:
        """A client that hangs up is what we test; nobody need read of it."""


class Handler(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        name = self.path.rsplit("/")[-1].removesuffix(".gz")
        self.server.hits[name] += 1
        fault = self.server.faults.get(name)
        if fault:
            fault(self)
        else:
            packed = self.server.packed.get(name)
            reply(self, packed or gzip.compress(self.server.content[name], 1))

    def log_message(self, *_: object) -> None:
        pass


def reply(to: BaseHTTPRequestHandler, body: bytes, status: int = 200, length: int = -1) -> None:
    to.send_response(status)
    to.send_header("Content-Length", str(len(body) if length < 0 else length))
    to.end_headers()
    to.wfile.write(body)
    to.wfile.flush()


@pytest.fixture
def start() -> Iterator[Callable[..., Mirror]]:
    """Start mirrors: `start()` for a sound one, `start({name: fault})` for another."""
    started = []

    def start_one(faults: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}) -> Mirror:  # noqa: B006
        mirror = Mirror(faults)
        threading.Thread(target=mirror.serve_forever, args=(0.02,), daemon=True).start()
        started.append(mirror)
        return mirror

    yield start_one
    for mirror in started:
        mirror.stopped.set()
        mirror.shutdown()
        mirror.server_close()


def with_shape(content: bytes, count: int) -> bytes:
    """The file with another number of items in its header, and as many in its body."""
    dimensions = content[3]
    header = 4 + 4 * dimensions
    old = int.from_bytes(content[4:8], "big")
    item = (len(content) - header) // old
    return content[:4] + struct.pack(">I", count) + content[8 : header + count * item]


def with_flipped_bit(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


# What is wrong with a file, and what the error must say (expectation and finding).
DAMAGES: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "truncated": (TRAIN_IMAGES, lambda c: c[:5000], "expected 9424 bytes, found 5000"),
    "too long": (TRAIN_IMAGES, lambda c: c + b"x", "expected 9424 bytes, found more"),
    "header only": (TRAIN_IMAGES, lambda c: c[:6], "expected 9424 bytes, found 6"),
    "empty": (TRAIN_LABELS, lambda c: b"", "expected the magic number 2049, found 0"),
    "flipped bit": (TRAIN_IMAGES, with_flipped_bit, r"expected the SHA-256 \w{64}, found \w{64}"),
    "wrong magic": (
        TRAIN_IMAGES,
        lambda c: b"\0\0\x08\x01" + c[4:],
        "expected the magic number 2051, found 2049",
    ),
    "counts differ": (
        TEST_LABELS,
        lambda c: with_shape(c, 4),
        "expected 5 labels, one per image, found 4 labels",
    ),
    "label 10": (TEST_LABELS, lambda c: c[:-1] + b"\x0a", "expected labels from 0 to 9, found 10"),
    "web page": (
        TEST_IMAGES,
        lambda c: WEB_PAGE,
        "expected the magic number 2051, found .*<!DOCTYPE html>",
    ),
    "broken gzip": (
        TRAIN_IMAGES,
        lambda c: gzip.compress(c, mtime=0)[:4000],  # the same at any second
        "expected a whole gzip file, found 4000 bytes",
    ),
}
damages = pytest.mark.parametrize("damage", DAMAGES)


# --- Folders ---


@pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "gzipped"])
@pytest.mark.parametrize("layout", ["", "MNIST/raw"], ids=["bare", "torchvision"])
@pytest.mark.parametrize("named", ["root", "COURSE_DATA"])
def test_a_folder_is_read(
    named: str, layout: str, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{n}.gz": gzip.compress(c) for n, c in CONTENT.items()} if packed else CONTENT
    fill(tmp_path / "mine" / layout, files)
    if named == "root":
        assert_right(load_small(root=tmp_path / "mine"))
    else:
        monkeypatch.setenv("COURSE_DATA", str(tmp_path / "mine"))
        assert_right(load_small())
    assert not (tmp_path / "cache").exists()


@damages
def test_a_damaged_file_in_a_folder_is_named_and_left_alone(damage: str, tmp_path: Path) -> None:
    name, spoil, text = DAMAGES[damage]
    folder = fill(tmp_path / "mine", CONTENT | {name: spoil(CONTENT[name])})
    message = rf"{name}: {text}.*; replace this file with a sound copy"
    with pytest.raises(data.DataError, match=message):
        load_small(root=folder)

    fill(tmp_path / "cache")
    with pytest.warns(UserWarning, match=message):
        assert_right(load_small(root=folder))
    assert (folder / name).read_bytes() == spoil(CONTENT[name])


def test_a_folder_that_is_not_there_or_lacks_a_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path / "cache")
    with pytest.warns(UserWarning, match="root .*nowhere: expected a folder, found none; correct"):
        assert_right(load_small(root=tmp_path / "nowhere"))
    monkeypatch.setenv("COURSE_DATA", str(tmp_path / "nowhere"))
    with pytest.warns(UserWarning, match="COURSE_DATA .*nowhere: expected a folder"):
        assert_right(load_small())
    folder = fill(tmp_path / "mine")
    (folder / TEST_LABELS).unlink()
    with pytest.warns(UserWarning, match=f"mine: expected {TEST_LABELS} there .*; add"):
        assert_right(load_small(root=folder))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = fill(tmp_path / "mine")
    (folder / TEST_LABELS).unlink()
    (folder / TEST_LABELS).mkdir()
    with pytest.raises(data.DataError, match=rf"{TEST_LABELS}: expected to read it, found"):
        load_small(root=folder)


def dotted(name: str) -> str:
    return name.replace("-idx", ".idx")


LAYOUTS: dict[str, tuple[Callable[[str], str], str]] = {
    "7-Zip's dot": (dotted, ""),
    "a dot, gzipped by name alone": (lambda n: f"{dotted(n)}.gz", ""),
    "Kaggle's folders": (lambda n: f"{n}/{n}", ""),
    "Kaggle's folders, with a dot": (lambda n: f"{dotted(n)}/{dotted(n)}", ""),
    "torchvision's MNIST": (lambda n: f"MNIST/raw/{n}", "MNIST"),
    "torchvision's raw": (lambda n: f"MNIST/raw/{n}", "MNIST/raw"),
    "above torchvision's root": (lambda n: f"data/MNIST/raw/{n}", ""),
    "above a folder": (lambda n: f"mnist/{n}", ""),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_files_are_found_where_people_have_them(layout: str, tmp_path: Path) -> None:
    place, root = LAYOUTS[layout]
    home = tmp_path / "home"
    for name, content in CONTENT.items():
        path = home / place(name)
        fill(path.parent, {path.name: content})
    assert_right(load_small(root=home / root))


def test_another_data_set_of_the_same_names_is_passed_over(tmp_path: Path) -> None:
    other = {name: content[:-1] + b"\x07" for name, content in CONTENT.items()}
    fill(tmp_path / "FashionMNIST" / "raw", other)
    with pytest.raises(data.DataError, match=f"root .*expected {NAMES[0]}, .*found none"):
        load_small(root=tmp_path)
    fill(tmp_path / "Mine", CONTENT)
    assert_right(load_small(root=tmp_path))


WITHOUT_HOME = """
import os, pwd, sys
for name in ("HOME", "XDG_CACHE_HOME", "COURSE_CACHE", "COURSE_DATA"):
    os.environ.pop(name, None)
def unknown(*_):
    raise KeyError("uid not found")
pwd.getpwuid = pwd.getpwnam = unknown
sys.path.insert(0, sys.argv[1])
from test_data import assert_right, load_small
from course_utils.data import DataError, folders
assert_right(load_small(root=sys.argv[2]))
print(folders.cache_folder())
for named in ({"root": "~/mnist"}, {"root": "~nobody/mnist"}, {"cache": "~/mnist"}):
    try:
        load_small(**named)
    except (DataError, ValueError) as error:
        print(" ".join(str(error).split()))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows asks no table of users")
def test_no_home_folder_is_needed(tmp_path: Path) -> None:
    place = fill(tmp_path / "files", CONTENT)
    words = [sys.executable, "-c", WITHOUT_HOME, str(Path(__file__).parent), str(place)]
    temporary = {**os.environ, "TMPDIR": str(tmp_path / "files")}
    done = subprocess.run(words, capture_output=True, text=True, cwd=tmp_path, env=temporary)
    assert done.returncode == 0, done.stderr
    cache, mine, theirs, named = done.stdout.splitlines()
    assert cache == str(tmp_path / "files" / "course-utils")
    assert "root ~/mnist: expected a folder, found none; correct the path" in mine
    assert "root ~nobody/mnist: expected a folder, found none; correct the path" in theirs
    assert named.startswith("cache: '~/mnist' is invalid; use a path without ~")
    assert not list(tmp_path.glob("~*"))


def test_a_home_that_is_known_is_put_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert files.expanded("out", "~/x") == folders.cache_folder("~/x") == tmp_path / "x"
    with pytest.raises(ValueError, match="out: '~nobody-of-this-name/x' is invalid; use a path"):
        files.expanded("out", "~nobody-of-this-name/x")


# --- The cache and the mirrors ---


def test_a_download_is_kept(start: Callable[..., Mirror], tmp_path: Path) -> None:
    mirror = start()
    assert_right(load_small(mirrors=[mirror.url]))
    assert mirror.hits == Counter(NAMES)
    assert_cache_whole(tmp_path / "cache")
    assert_right(load_small())  # with no mirror
    assert_right(load_small(mirrors=[mirror.url]))
    assert mirror.hits == Counter(NAMES)


@damages
def test_a_damaged_file_in_the_cache_is_replaced(
    damage: str, start: Callable[..., Mirror], tmp_path: Path
) -> None:
    name, spoil, text = DAMAGES[damage]
    fill(tmp_path / "cache" / folders.raw("MNIST"), CONTENT | {name: spoil(CONTENT[name])})
    mirror = start()
    with pytest.warns(UserWarning, match=rf"{name}: {text}"):
        assert_right(load_small(mirrors=[mirror.url]))
    assert mirror.hits == {name: 1}
    assert_cache_whole(tmp_path / "cache")


def status(code: int) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda to: reply(to, b"no", code)


def silence(to: Handler) -> None:
    to.server.kept_waiting |= not to.server.stopped.wait(PATIENCE)


def stall(to: Handler) -> None:
    reply(to, b"\x1f\x8b", length=1000)
    silence(to)


def trickle(to: Handler) -> None:
    reply(to, b"", length=10**6)
    while not to.server.stopped.wait(0.05):
        to.wfile.write(b"\x1f")


def flood(to: Handler) -> None:
    reply(to, b"", length=10**9)
    while not to.server.stopped.is_set():
        to.wfile.write(b"\x1f\x8b" + bytes(100_000))


def hang_up(to: Handler) -> None:
    reply(to, b"\x1f\x8b", length=1000)


def reset(to: Handler) -> None:
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.connection.close()


def serve(spoil: Callable[[bytes], bytes]) -> Callable[[Handler], None]:
    """Answer with a spoilt file, soundly packed, so that only its content is at fault."""

    def fault(to: Handler) -> None:
        name = to.path.rsplit("/")[-1].removesuffix(".gz")
        body = spoil(CONTENT[name])
        reply(to, body if body.startswith((idx.GZIP, b"<")) else gzip.compress(body))

    return fault


# The fault, on which file, how often the mirror may be asked for it, what an error must say.
FAULTS: dict[str, tuple[str, Callable[..., None], int, str]] = {
    "404": (TRAIN_LABELS, status(404), 1, "expected the file, found 404"),
    "500": (TRAIN_LABELS, status(500), 3, "expected the file, found 500"),
    "silent": (TRAIN_LABELS, silence, 1, r"expected the file, found .*timed out"),
    "stalled": (TRAIN_LABELS, stall, 1, r"expected the file, found .*timed out"),
    "trickling": (TRAIN_LABELS, trickle, 1, r"expected the file, found only \d+ bytes in"),
    "endless": (TRAIN_LABELS, flood, 1, r"expected 20 bytes at most, found"),
    "hung up": (TRAIN_LABELS, hang_up, 3, "expected the file, found .*IncompleteRead"),
    "reset": (TRAIN_LABELS, reset, 3, "expected the file, found .*reset"),
} | {key: (name, serve(spoil), 1, text) for key, (name, spoil, text) in DAMAGES.items()}


WAITING = [silence, stall, trickle]


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`hurry(url)`: what begins so has a brief time-out, whatever the rest has."""
    download = mirrors.Downloader._download_once

    def hurry(url: str) -> None:
        def in_a_hurry(self: mirrors.Downloader, asked: str, spec: idx.FileSpec) -> bytes:
            self.timeout = BRIEF if asked.startswith(url) else PATIENCE
            return download(self, asked, spec)

        monkeypatch.setattr(mirrors.Downloader, "_download_once", in_a_hurry)

    return hurry


@pytest.mark.parametrize("fault", FAULTS)
def test_the_next_mirror_steps_in(
    fault: str, start: Callable[..., Mirror], hurry: Callable[[str], None], tmp_path: Path
) -> None:
    name, answer, asked, text = FAULTS[fault]
    bad, good = start({name: answer}), start()
    if answer in WAITING:
        hurry(f"{bad.url}{name}.gz")
    assert_right(load_small(mirrors=[bad.url, good.url]))
    assert bad.hits[name] == asked
    assert good.hits[name] == 1
    assert_cache_whole(tmp_path / "cache")

    with pytest.raises(data.DataError, match=rf"{bad.url}{name}.gz: {text}"):
        load_small(mirrors=[bad.url], cache=tmp_path / "other")
    assert not bad.kept_waiting
    kept = {path.name: path.read_bytes() for path in (tmp_path / "other").rglob("*-ubyte*")}
    assert kept.items() <= CONTENT.items()
    assert name not in kept


@pytest.mark.parametrize("fault", [silence, trickle])
def test_a_mirror_that_keeps_us_waiting_is_not_asked_again(
    fault: Callable[..., None], start: Callable[..., Mirror], hurry: Callable[[str], None]
) -> None:
    bad, good = start(dict.fromkeys(NAMES, fault)), start()
    hurry(bad.url)
    assert_right(load_small(mirrors=[bad.url, good.url]))
    assert bad.hits == {TRAIN_IMAGES: 1} and not bad.kept_waiting


def test_a_fault_that_passes_is_outlived(start: Callable[..., Mirror]) -> None:
    def busy_once(to: Handler) -> None:
        del to.server.faults[TEST_IMAGES]
        reply(to, b"", 503)

    mirror = start({TEST_IMAGES: busy_once})
    assert_right(load_small(mirrors=[mirror.url]))
    assert mirror.hits[TEST_IMAGES] == 2


def test_mirrors_out_of_reach_are_found_out_all_at_once(
    start: Callable[..., Mirror], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One refuses; of the others, the name server tells nothing until all are asked."""
    all_asked = threading.Barrier(12)
    look_up = socket.getaddrinfo

    def hang(host: str, *args: Any, **options: Any) -> Any:
        if host.endswith(".invalid"):
            all_asked.wait(PATIENCE / 2)
            raise OSError("there is none")
        return look_up(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        refusing = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    bad = [f"https://{i}.invalid/" for i in range(12)]
    good = start()
    assert_right(load_small(mirrors=[refusing, *bad, good.url]))
    found = mirrors.probe([refusing, *bad, good.url], PATIENCE)
    assert found.pop(refusing).startswith("cannot be reached ([Errno")
    assert found == dict.fromkeys(bad, "cannot be reached (there is none)")


def test_a_name_server_that_tells_nothing_costs_one_time_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(PATIENCE))
    bad = [f"https://{i}.invalid/" for i in range(3)]
    with pytest.raises(data.DataError) as error:
        load_small(mirrors=bad, timeout=BRIEF)
    release.set()
    for mirror in bad:
        assert f"{mirror}: cannot be reached (no connection within {BRIEF:g} s)" in str(error.value)


def test_a_proxy_is_used(start: Callable[..., Mirror], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = start()
    monkeypatch.setenv("http_proxy", proxy.url)
    assert_right(load_small(mirrors=["http://mnist.invalid/"]))
    assert proxy.hits == Counter(NAMES)


@pytest.mark.parametrize("proxy", ["http://{}", "{}", "http://user:word@{}/", "{}/"])
def test_a_proxy_needs_no_scheme(
    proxy: str,
    start: Callable[..., Mirror],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = start().url.split("/")[2]
    monkeypatch.setenv("http_proxy", proxy.format(address))
    assert_right(load_small(mirrors=["http://mirror.invalid/mnist/"]))


@pytest.mark.parametrize("proxy", ["[::1", "127.0.0.1:port", "ftp://127.0.0.1:1"])
def test_a_proxy_that_nobody_can_use_is_named(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(data.DataError, match="http://mirror.invalid/mnist/: cannot be reached"):
        load_small(mirrors=["http://mirror.invalid/mnist/"])


@pytest.mark.parametrize("length", ["{0}, {0}", "", "many", "-1", "1e3", "9" * 5000])
def test_a_content_length_is_only_for_the_bar(
    length: str,
    start: Callable[..., Mirror],
) -> None:
    def answer(to: Handler) -> None:
        body = gzip.compress(CONTENT[to.path.rsplit("/")[-1].removesuffix(".gz")])
        to.send_response(200)
        to.send_header("Content-Length", length.format(len(body)))
        to.end_headers()
        to.wfile.write(body)
        to.close_connection = True

    try:
        found = load_small(mirrors=[start(dict.fromkeys(NAMES, answer)).url])
    except data.DataError as error:  # refused by urllib3
        assert "expected the file, found" in str(error)
    else:
        assert_right(found)


def test_a_cache_that_cannot_be_written_costs_only_a_warning(
    start: Callable[..., Mirror], tmp_path: Path
) -> None:
    (tmp_path / "a file").write_text("not a folder", encoding="utf-8")
    mirror = start()
    with pytest.warns(UserWarning, match="cache .*expected a folder that can be written") as caught:
        assert_right(load_small(mirrors=[mirror.url], cache=tmp_path / "a file" / "cache"))
    assert len(caught) == 1
    assert mirror.hits == Counter(NAMES)
    assert [path.name for path in tmp_path.iterdir()] == ["a file"]


# --- Siblings of MNIST, of which only the gzipped files' checksums are published ---


@pytest.fixture
def start_sibling(start: Callable[..., Mirror]) -> Callable[..., Mirror]:
    def start_one(*faults: Any) -> Mirror:
        mirror = start(*faults)
        mirror.packed = PACKED
        return mirror

    return start_one


@pytest.mark.parametrize("name", SIBLINGS)
def test_a_sibling_is_downloaded_and_kept_as_it_was_published(
    name: str, start_sibling: Callable[..., Mirror], tmp_path: Path
) -> None:
    mirror = start_sibling()
    fill(tmp_path / "cache" / "MNIST" / "raw")  # not mixed up with it
    assert_right(load_sibling(name, mirrors=[mirror.url]), name)
    assert mirror.hits == Counter(NAMES)
    kept = {
        path.name: path.read_bytes() for path in (tmp_path / "cache" / SIBLINGS[name]).rglob("*.gz")
    }
    assert kept == {f"{file}.gz": packed for file, packed in PACKED.items()}
    assert_right(load_sibling(name), name)  # with no mirror
    assert_right(load_small())


@pytest.mark.parametrize("fault", FAULTS)
def test_a_siblings_next_mirror_steps_in(
    fault: str, start_sibling: Callable[..., Mirror], hurry: Callable[[str], None]
) -> None:
    name, answer, asked, text = FAULTS[fault]
    text = {
        "flipped bit": r"expected the MD5 \w{32}, found \w{32}",
        "web page": "expected the gzipped file, .*<!DOCTYPE html>",
    }.get(fault, text)
    bad, good = start_sibling({name: answer}), start_sibling()
    if answer in WAITING:
        hurry(f"{bad.url}{name}.gz")
    with pytest.raises(data.DataError, match=rf"FashionMNIST was.*\n(.*\n)*.*{name}.gz: {text}"):
        load_sibling(mirrors=[bad.url])
    assert bad.hits[name] == asked and not bad.kept_waiting
    assert_right(load_sibling(mirrors=[bad.url, good.url]), "fashion-mnist")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("layout", ["", "FashionMNIST/raw", "fashion"])
def test_a_sibling_is_read_from_a_folder_gzipped(layout: str, tmp_path: Path) -> None:
    """With its unpacked copies beside it, as torchvision leaves them."""
    packed = {f"{name}.gz": content for name, content in PACKED.items()}
    fill(tmp_path / "mine" / layout, packed | CONTENT)
    fill(tmp_path / "mine" / "MNIST" / "raw", dict.fromkeys(NAMES, WEB_PAGE))  # MNIST's
    assert_right(load_sibling(root=tmp_path / "mine"), "fashion-mnist")


def test_an_unpacked_file_of_a_sibling_cannot_be_checked_and_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        data.DataError, match=f"{TRAIN_IMAGES}: expected the gzipped file, of which"
    ):
        load_sibling(root=fill(tmp_path / "mine"))


@pytest.mark.filterwarnings("error")
def test_mnists_folder_is_not_a_siblings(
    start_sibling: Callable[..., Mirror], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """COURSE_DATA may hold a folder of the sibling's name; if it doesn't, nothing is wrong."""
    monkeypatch.setenv("COURSE_DATA", str(fill(tmp_path / "mine")))
    assert_right(load_sibling(mirrors=[start_sibling().url]), "fashion-mnist")
    packed = {f"{name}.gz": content for name, content in PACKED.items()}
    fill(tmp_path / "mine" / "FashionMNIST" / "raw", packed)
    assert_right(load_sibling(cache=tmp_path / "empty"), "fashion-mnist")


@pytest.mark.parametrize("name", SIBLINGS)
def test_torchvision_publishes_the_same_files_and_checksums(name: str) -> None:
    kind = getattr(datasets, SIBLINGS[name])
    title, specs, addresses = published.PUBLISHED[name]
    assert title == kind.__name__ and set(addresses) <= set(kind.mirrors)
    assert [(f"{spec.name}.gz", spec.md5) for spec in specs] == kind.resources
    assert [spec.shape for spec in specs] == [spec.shape for spec in idx.FILES]


def test_nothing_stands_in_for_a_sibling() -> None:
    with pytest.raises(data.DataError, match="KMNIST was not found.(.*\n)*To get KMNIST: connect"):
        load_sibling("kmnist", mirrors=["http://127.0.0.1:1/"])
    for source in ("digits", "mnist"):
        with pytest.raises(
            ValueError, match="is invalid; use 'auto'; nothing stands in for kmnist"
        ):
            load_sibling("kmnist", source=source)


# --- Other processes ---

PROCESS = """
import json, sys
from course_utils.data import folders, idx
mirror, cache, files, patience = json.loads(sys.argv[1])
files = [idx.FileSpec(name, tuple(shape), *sums) for name, shape, *sums in files]
{before}
found = folders.gather(None, cache, [mirror], timeout=patience, progress=False, files=files)
print(len(found.arrays))
"""


def process(mirror: Mirror, cache: Path, before: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            sys.executable,
            "-c",
            PROCESS.format(before=before),
            json.dumps([mirror.url, str(cache), SMALL, PATIENCE]),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_processes_download_once(start: Callable[..., Mirror], tmp_path: Path) -> None:
    """The mirror gives nothing until one process has said that it waits for the other."""
    said = threading.Event()

    def wait_for_both(to: Handler) -> None:
        assert said.wait(PATIENCE)
        reply(to, gzip.compress(CONTENT[TRAIN_IMAGES]))

    def listen(one: subprocess.Popen[str]) -> None:
        for line in one.stderr or ():
            if "Another process is downloading" in line:
                waiting.append(one)
                said.set()

    mirror = start({TRAIN_IMAGES: wait_for_both})
    both = [process(mirror, tmp_path / "cache") for _ in range(2)]
    waiting: list[subprocess.Popen[str]] = []
    listeners = [threading.Thread(target=listen, args=(one,)) for one in both]
    for listener in listeners:
        listener.start()
    assert [one.stdout.read() for one in both if one.stdout] == ["4\n", "4\n"]
    for one, listener in zip(both, listeners, strict=True):
        assert one.wait(PATIENCE) == 0
        listener.join()
    assert mirror.hits == Counter(NAMES)
    assert len(waiting) == 1
    assert_cache_whole(tmp_path / "cache")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_download_killed_half_way_leaves_nothing_half(
    start: Callable[..., Mirror], tmp_path: Path
) -> None:
    half_way = threading.Event()

    def half(to: Handler) -> None:
        packed = gzip.compress(CONTENT[TEST_IMAGES])
        reply(to, packed[: len(packed) // 2], length=len(packed))
        half_way.set()
        to.server.stopped.wait(PATIENCE)

    mirror = start({TEST_IMAGES: half})
    victim = process(mirror, tmp_path / "cache")
    assert half_way.wait(PATIENCE)
    victim.send_signal(signal.SIGKILL)
    assert victim.wait(PATIENCE) == -signal.SIGKILL
    left = {path.name for path in (tmp_path / "cache" / folders.raw("MNIST")).iterdir()}
    assert left == {TRAIN_IMAGES, TRAIN_LABELS}

    mirror.faults = {}
    assert_right(load_small(mirrors=[mirror.url]))
    assert mirror.hits == Counter(NAMES) + Counter([TEST_IMAGES])
    assert_cache_whole(tmp_path / "cache")


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX limits")
@pytest.mark.parametrize("killed", [True, False], ids=["killed", "disk full"])
def test_a_write_cut_short_leaves_nothing_half(
    killed: bool, start: Callable[..., Mirror], tmp_path: Path
) -> None:
    """The system stops the write of the first file after 1000 bytes; by a signal, or an error."""
    mirror = start()
    limit = "import resource, signal; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
    die = "; signal.signal(signal.SIGXFSZ, signal.SIG_DFL)" if killed else ""
    victim = process(mirror, tmp_path / "cache", limit + die)
    out, err = victim.communicate(timeout=PATIENCE)
    left = [path.name for path in (tmp_path / "cache" / folders.raw("MNIST")).iterdir()]
    if killed:
        assert victim.returncode == -signal.SIGXFSZ
        assert [name.endswith(".part") for name in left] == [True]
    else:
        assert (out, left) == ("4\n", [])
        assert "MNIST is used from memory" in err.replace("\n", " ")
    assert_right(load_small(mirrors=[mirror.url]))
    assert_cache_whole(tmp_path / "cache")


# --- No MNIST at all ---


def test_without_network_the_digits_come_after_one_wait_of_three_seconds(tmp_path: Path) -> None:
    """The name server hangs; everything else is as a user has it, the mirrors included."""
    program = """
import socket, time
hosts = []
socket.getaddrinfo = lambda host, *_, **__: hosts.append(host) or time.sleep(1e6)
from course_utils import data
print(data.load().source, *sorted(hosts))
"""
    # It does not wait for the name server at its end either: that would be a time-out here.
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=600, check=True
    )
    assert done.stdout.split() == ["digits", *sorted(url.split("/")[2] for url in data.MIRRORS)]
    boxed = " ".join(line.strip("# ") for line in done.stderr.splitlines())
    assert "THIS IS NOT MNIST" in boxed
    # A long path may turn within the box.
    assert f"cache{tmp_path / 'cache'}:expected" in boxed.replace(" ", "")
    for mirror in data.MIRRORS:
        assert f"{mirror}: cannot be reached (no connection within 3 s)" in boxed
    assert "set COURSE_DATA to that folder" in boxed
    assert {len(line) for line in done.stderr.splitlines()} == {76}


def test_source_mnist_forbids_the_digits(tmp_path: Path) -> None:
    with pytest.raises(data.DataError) as error:
        load_small(root=tmp_path / "nowhere", mirrors=["http://127.0.0.1:1/"])
    lines = str(error.value).splitlines()
    assert lines[0] == "MNIST was not found. What was tried:"
    assert [line.split(":")[0].split(" ")[1] for line in lines[1:-1]] == ["root", "cache", "http"]
    assert "set COURSE_DATA" in lines[-1]


def test_source_digits_asks_nobody(
    start: Callable[..., Mirror], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mirror = start()
    found = load_small(source="digits", root=fill(tmp_path / "mine"), mirrors=[mirror.url])
    assert found.source == "digits"
    assert not found.is_mnist
    assert not mirror.hits
    out, err = capsys.readouterr()
    assert out == ""
    assert "THIS IS NOT MNIST" in err
    assert "tried" not in err


def test_digits_have_the_form_of_mnist(digits: data.Dataset) -> None:
    sizes = {"train": 1375, "validation": 125, "test": 297}  # 125 of 1500, as 5000 of 60,000
    for name, size in sizes.items():
        split = getattr(digits, name)
        assert split.images.shape == (size, 1, 28, 28)
        assert split.images.dtype == torch.uint8
        assert split.labels.shape == (size,)
        assert split.labels.dtype == torch.int64
        assert len(split) == size
    assert torch.bincount(digits.test.labels).min() >= 28  # all ten classes, about evenly
    images = torch.cat([digits.train.images, digits.validation.images, digits.test.images])
    assert images.max() == 255
    border = images.clone()
    border[:, :, 4:24, 4:24] = 0
    assert border.max() == 0
    again = data.load(source="digits")
    assert again.checksum == digits.checksum
    assert torch.equal(again.train.images, digits.train.images)
    # Enlarged, a digit still looks like itself: shrunk again, it is the original, nearly.
    from sklearn.datasets import load_digits

    originals = torch.tensor(load_digits().images).flatten(1)
    shrunk = torch.nn.functional.interpolate(
        images[:, :, 4:24, 4:24].float() / 255 * 16, (8, 8), mode="area"
    ).flatten(1)
    nearest = torch.cdist(shrunk.double(), originals).argmin(1)
    labels = torch.cat([digits.train.labels, digits.validation.labels, digits.test.labels])
    assert (torch.tensor(load_digits().target)[nearest] == labels).all()


# --- The splits ---


def test_the_validation_split_is_disjoint_complete_and_always_the_same() -> None:
    whole = data.load(source="digits", validation=0)
    assert len(whole.validation) == 0
    assert whole.validation.inputs().shape == (0, 1, 28, 28)
    one, two = (data.load(source="digits", validation=12_000) for _ in range(2))
    assert len(one.validation) == 300
    assert torch.equal(one.validation.images, two.validation.images)
    assert torch.equal(one.train.labels, two.train.labels)

    def keys(split: data.Split) -> Counter[bytes]:
        return Counter(
            image.numpy().tobytes() + bytes([label])
            for image, label in zip(split.images, split.labels.tolist(), strict=True)
        )

    assert keys(one.train) + keys(one.validation) == keys(whole.train)
    assert len(keys(one.train) & keys(one.validation)) == 0
    assert one.constants == whole.constants
    assert one.checksum == whole.checksum
    # The permutation is frozen: the same numbers on every machine and with every version.
    assert np.random.RandomState(0).permutation(60_000)[:4].tolist() == [3048, 19563, 58303, 8870]


def test_arguments_are_checked(digits: data.Dataset) -> None:
    with pytest.raises(ValueError, match="name: 'cifar' is invalid; use 'mnist', 'fashion"):
        data.load("cifar")
    with pytest.raises(
        ValueError, match="source: 'web' is invalid; use 'auto', 'mnist' or 'digits'"
    ):
        data.load(source="web")  # type: ignore[arg-type]
    for validation in (-1, 60_000):
        with pytest.raises(
            ValueError, match=f"validation: {validation} is invalid; .* from 0 to 59999"
        ):
            data.load(validation=validation)
    with pytest.raises(ValueError, match="std: 0 is invalid; use a finite number above 0"):
        digits.normalized(0, 0)
    with pytest.raises(ValueError, match="size: 0 is invalid; use an integer of at least 1"):
        digits.resized(0)
    with pytest.raises(ValueError, match="n: -1 is invalid; use an integer of at least 0"):
        digits.train.first(-1)


# --- Constants ---


def test_constants_by_hand() -> None:
    # Pixels 1, 2, 3, 6: mean 12/4 = 3, variance (4 + 1 + 0 + 9)/4 = 3.5 (population).
    constants = data.Constants.of(torch.tensor([[1, 2], [3, 6]], dtype=torch.uint8))
    assert (constants.min, constants.max) == (1, 6)
    assert constants.mean == 12 / 4
    assert constants.std == np.float32(np.sqrt(3.5))
    assert constants.scaled_mean == np.float32(3 / 255)
    assert constants.scaled_std == np.float32(np.sqrt(3.5) / 255)


def test_constants_agree_with_numpy() -> None:
    images = ARRAYS[0]
    constants = data.Constants.of(torch.tensor(images))
    assert constants.mean == np.float32(images.mean(dtype=np.float64))
    assert constants.std == np.float32(images.std(dtype=np.float64))


def test_constants_need_bytes() -> None:
    for images in (torch.zeros(2).double(), torch.zeros(0, dtype=torch.uint8)):
        with pytest.raises(
            ValueError, match="images: torch.* is invalid; use uint8, .* and at least one pixel"
        ):
            data.Constants.of(images)


# --- Inputs, and the DataLoader way ---


@pytest.mark.parametrize("size", [28, 14, 1, 7, 10, 20, 32, 57])
def test_resized_and_normalized_are_torchvisions_bit_for_bit(
    size: int, digits: data.Dataset
) -> None:
    constants = digits.constants
    usual = transforms.Compose(
        [
            transforms.Resize(size),
            transforms.ToTensor(),
            transforms.Normalize((constants.scaled_mean,), (constants.scaled_std,)),
        ]
    )
    original = digits.test.as_dataset()
    expected = torch.stack([usual(original[i][0]) for i in range(len(original))])
    found = digits.resized(size).normalized().test.inputs()
    assert found.dtype == torch.float32
    assert torch.equal(found, expected)


def test_every_grey_level_is_scaled_as_torchvision_scales_it() -> None:
    levels = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    split = data.Split(levels, torch.tensor([0]), 0.13066047430038452, 0.30810779333114624)
    tensor = transforms.ToTensor()(Image.fromarray(levels[0, 0].numpy()))
    expected = transforms.Normalize((split.mean,), (split.std,))(tensor)
    assert torch.equal(split.inputs()[0], expected)
    assert torch.equal(data.Split(levels, torch.tensor([0])).inputs()[0], tensor)


def test_a_data_loader_gives_our_batches_for_the_same_order(tmp_path: Path) -> None:
    """Resize to 14×14, Normalize, batch 64: our own data set, and torchvision's on our cache."""
    rng = np.random.default_rng(1)
    arrays = [np.repeat(array, 20, axis=0) for array in ARRAYS]
    arrays[0] = rng.integers(0, 256, arrays[0].shape, np.uint8)
    content = {spec.name: idx.serialize(a) for spec, a in zip(idx.FILES, arrays, strict=True)}
    files = [
        idx.FileSpec(name, array.shape, hashlib.sha256(content[name]).hexdigest())
        for name, array in zip(NAMES, arrays, strict=True)
    ]
    fill(tmp_path / "cache" / folders.raw("MNIST"), content)
    plain = load_small(files=files)
    ours = plain.resized(14).normalized().train
    usual = transforms.Compose(
        [
            transforms.Resize(14),
            transforms.ToTensor(),
            transforms.Normalize((ours.mean,), (ours.std,)),
        ]
    )
    order = torch.randperm(len(ours), generator=torch.Generator().manual_seed(0))
    batches = [(ours.inputs(i), ours.labels[i]) for i in order.split(64)]
    assert [len(labels) for _, labels in batches] == [64, 64, 64, 48]
    for dataset in (
        plain.train.as_dataset(usual),
        datasets.MNIST(tmp_path / "cache", train=True, transform=usual),
    ):
        loader = DataLoader(dataset, batch_size=64, sampler=order.tolist())
        for (x, y), (images, labels) in zip(batches, loader, strict=True):
            assert torch.equal(x, images)
            assert torch.equal(y, labels)


def test_splits_share_their_pixels_when_normalized(digits: data.Dataset) -> None:
    normalized = digits.normalized(mean=0.5, std=0.25)
    assert normalized.train.images.data_ptr() == digits.train.images.data_ptr()
    assert (normalized.train.mean, normalized.test.std) == (0.5, 0.25)
    assert (digits.train.mean, digits.train.std) == (0.0, 1.0)
    assert normalized.constants == digits.constants


def test_a_split_is_indexed_and_cut() -> None:
    images, labels = torch.tensor(ARRAYS[0]), torch.tensor(ARRAYS[1])
    split = data.Split(images.unsqueeze(1), labels.long(), mean=0.1, std=0.3)
    assert torch.equal(split.inputs([3, 1]), split.inputs()[[3, 1]])
    assert torch.equal(split.inputs(torch.tensor([3, 1])), split.inputs()[[3, 1]])
    assert torch.equal(split.inputs(split.labels == 0), split.inputs([0, 10]))
    assert torch.equal(split.inputs(slice(2, 3)), split.inputs()[2:3])
    assert torch.equal(split.first(4).images, split.images[:4])
    assert split.first(4).labels.tolist() == [0, 1, 2, 3]
    assert len(split.first(100)) == 12
    assert len(pickle.dumps(split.first(1))) < 0.5 * len(pickle.dumps(split))
    moved = split.to("meta")
    assert (moved.images.device.type, moved.labels.device.type) == ("meta", "meta")
    assert moved.mean == split.mean


# --- The real thing ---


def test_mnist_constants_digit_for_digit(mnist: data.Dataset) -> None:
    assert mnist.constants == data.Constants(
        min=0,
        max=255,
        mean=33.31842041015625,
        std=78.56748962402344,
        scaled_mean=0.13066047430038452,
        scaled_std=0.30810779333114624,
    )


def test_mnist_splits(mnist: data.Dataset) -> None:
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (60_000, 0, 10_000)
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert mnist.train.labels.bincount().tolist()[:2] == [5923, 6742]


def test_mnist_at_14_pixels_needs_constants_of_its_own(mnist: data.Dataset) -> None:
    small = mnist.resized(14)
    constants = data.Constants.of(small.train.images)
    assert round(constants.scaled_mean, 5) == 0.13087
    assert round(constants.scaled_std, 5) == 0.25064
    assert round(small.normalized().train.inputs().std().item(), 3) == 0.813


def test_mnist_over_the_network(
    mnist: data.Dataset, start: Callable[..., Mirror], tmp_path: Path
) -> None:
    mirror = start()
    arrays = [part for s in (mnist.train, mnist.test) for part in (s.images[:, 0], s.labels.byte())]
    mirror.content = {
        spec.name: idx.serialize(array.numpy())
        for spec, array in zip(idx.FILES, arrays, strict=True)
    }
    found = data.load(source="mnist", mirrors=[mirror.url], timeout=PATIENCE, progress=False)
    assert found.checksum == mnist.checksum
    assert found.constants == mnist.constants
    assert (len(found.train), len(found.validation)) == (55_000, 5000)
    assert torch.equal(found.test.images, mnist.test.images)
    usual = datasets.MNIST(tmp_path / "cache", train=True)
    assert torch.equal(usual.data, mnist.train.images[:, 0])

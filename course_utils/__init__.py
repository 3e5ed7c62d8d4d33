"""The package under the course: each module's first line says which question it answers."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("course-utils")
except PackageNotFoundError:  # a folder that was copied, not installed
    __version__ = "0+unknown"

"""The package under the course: each module's first line says which question it answers."""

from importlib.metadata import version

__version__ = version("course-utils")

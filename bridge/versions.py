"""Versions of the packages that a reported number was made with."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

__all__ = ["versions"]


def versions() -> dict[str, str]:
    """Versions of synaptile, Python and the packages that results depend on."""
    found = {"python": platform.python_version()}
    for package in ("synaptile", "amaranth", "numpy", "PyNN", "neo", "mtkahypar", "scipy"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found

"""The fields of Amaranth's data layouts."""

from __future__ import annotations

from collections.abc import Iterator

from amaranth.lib import data

__all__ = ["leaves"]


def leaves(layout: data.Layout, path: tuple[str, ...] = (), low: int = 0) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Path, lowest bit and width of every field of a layout that has no fields below it."""
    for name, field in layout:
        inner = (*path, str(name))
        if isinstance(field.shape, data.Layout):
            yield from leaves(field.shape, inner, low + field.offset)
        else:
            yield inner, low + field.offset, field.width

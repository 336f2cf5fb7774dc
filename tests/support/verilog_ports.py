"""Reads an exported chip as a user would: its ports, and the packing of its payloads from the comment at its head."""

import re

__all__ = ["Fields", "fields_of", "ports_of"]

Fields = dict[str, tuple[int, int]]
"""Field: its lowest bit and its width."""


def ports_of(text: str, module: str) -> dict[str, tuple[str, int]]:
    """The ports of a module: direction (in, out) and width."""
    found = re.search(rf"^module {module}\((.*?)\);(.*?)^endmodule", text, re.MULTILINE | re.DOTALL)
    assert found is not None, f"no module {module}"
    declared = re.findall(r"^  (in|out)put (?:\[(\d+):0\] )?(\w+);", found[2], re.MULTILINE)
    ports = {name: (way, int(high or 0) + 1) for way, high, name in declared}
    assert set(ports) == set(re.split(r"\s*,\s*", found[1]))
    return ports


def fields_of(text: str, kind: str) -> Fields:
    """The packing of a kind of payload (spike, arrival)."""
    table = re.search(rf"^//   {kind}, \d+ bits\n((?://     .*\n)*)", text, re.MULTILINE)
    assert table is not None, f"no table of {kind}"
    rows = re.findall(r"\[(\d+):(\d+)\]  (\S+)", table[1])
    return {name: (int(low), int(high) - int(low) + 1) for high, low, name in rows}

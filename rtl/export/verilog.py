"""From RTLIL to Verilog that every tool reads."""

import re
from collections.abc import Collection

from ..yosys import YosysError, read_rtlil, run_yosys

__all__ = ["ExportError", "verilog_of"]


class ExportError(RuntimeError):
    """Yosys, which writes the Verilog, failed."""


def verilog_of(*modules: str, keep: Collection[str] = ()) -> str:
    """RTLIL to Verilog. Yosys removes what nothing reads and trims operators to the bits that are used.

    Parameters
    ----------
    modules
        RTLIL texts.
    keep
        Attributes that are written; all others are left out.

    Raises
    ------
    ExportError
        If Yosys fails.
    """
    drop = " ".join(f"-remove {name}" for name in _ATTRIBUTES)
    script = [
        *map(read_rtlil, modules),
        "proc -noopt" if keep else "proc",
        "memory_collect",
        f"attrmap {drop}",
        f"attrmap -modattr {drop}",
        *([] if keep else ["wreduce"]),
        "opt_clean -purge",
        f"attrmap {drop}",
        f"write_verilog -norename {'' if keep else '-noattr'}",
    ]
    try:
        text = run_yosys(script)
    except YosysError as error:
        raise ExportError(f"Yosys could not write the Verilog: {error}") from error
    return _plain_selections(text)


_ATTRIBUTES = (
    "generator", "top", "src", "amaranth.hierarchy", "amaranth.decoding", "full_case", "parallel_case", "unused_bits",
)  # fmt: skip
"""What Amaranth and Yosys note, and no reader of the Verilog needs."""

_SELECTION = re.compile(
    r"  function \[(?P<width>\d+):0\] \\\$(?P<name>\S+) ;\n"
    r"    input \[\d+:0\] a;\n    input \[\d+:0\] b;\n    input \[(?P<choices>\d+):0\] s;\n"
    r".*?  endfunction\n",
    re.DOTALL,
)
"""What Yosys makes of a choice of several values: s has a bit for each part of b, none or one of them 1."""


def _plain_selections(text: str) -> str:
    """Verilog with functions for choices that Icarus can call, as their names begin with no ``$``, and plain ones."""
    names = []

    def plain(match: re.Match[str]) -> str:
        name, width = match["name"], int(match["width"]) + 1
        names.append(name)
        parts = [f"s[{i}] ? b[{(i + 1) * width - 1}:{i * width}] : " for i in range(int(match["choices"]) + 1)]
        head = match[0].split("s;\n", 1)[0].replace(f"\\${name} ", name)
        return f"{head}s;\n    {name} = {''.join(parts)}a;\n  endfunction\n"

    text = _SELECTION.sub(plain, text)
    for name in names:
        text = text.replace(f"\\${name} (", f"{name} (")
    return text

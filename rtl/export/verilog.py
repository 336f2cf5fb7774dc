"""From RTLIL to Verilog that every tool reads."""

import re
from collections.abc import Collection

from ..yosys import YosysError, read_rtlil, run_yosys

__all__ = ["ExportError", "verilog_file", "verilog_of"]


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
        f"write_verilog {'' if keep else '-noattr'}",
    ]
    try:
        text = run_yosys(script)
    except YosysError as error:
        raise ExportError(f"Yosys could not write the Verilog: {error}") from error
    return _plain_selections(_separate_initial_values(text))


def verilog_file(header: str, comment: str, modules: str, *, waived: Collection[str]) -> str:
    """An exported file: the comment at its head, that of Yosys, and the modules.

    Verilator is told not to warn of what is ``waived`` in this file, by names that it has had in all its versions.
    """
    off = [f"/* verilator lint_off {name} */" for name in waived]
    ends = "/* verilator lint_save */", "/* verilator lint_restore */\n"
    return "\n".join([header, comment, "", ends[0], *off, "", modules.rstrip(), "", ends[1]])


_ATTRIBUTES = (
    "generator", "top", "src", "amaranth.hierarchy", "amaranth.decoding", "full_case", "parallel_case", "unused_bits",
)  # fmt: skip
"""What Amaranth and Yosys note, and no reader of the Verilog needs."""


def _separate_initial_values(text: str) -> str:
    """Verilog in which registers get their initial values by statements: lint programs warn of them in declarations."""
    return re.sub(r"^(  reg .*?(\w+)) = (.*;)$", r"\1;\n  initial \2 = \3", text, flags=re.MULTILINE)


_SELECTION = re.compile(
    r"(?P<head>  function \[(?P<high>\d+):0\] (?P<name>\w+);\n"
    r"    input \[\d+:0\] a;\n    input \[\d+:0\] b;\n    input \[(?P<choices>\d+):0\] s;\n)"
    r".*?  endfunction\n",
    re.DOTALL,
)
"""What Yosys makes of a choice of several values: s has a bit for each part of b, none or one of them 1."""


def _plain_selections(text: str) -> str:
    """Verilog in which choices are made by conditions, and not by patterns that could overlap."""

    def plain(match: re.Match[str]) -> str:
        width = int(match["high"]) + 1
        parts = [f"s[{i}] ? b[{(i + 1) * width - 1}:{i * width}] : " for i in range(int(match["choices"]) + 1)]
        return f"{match['head']}    {match['name']} = {''.join(parts)}a;\n  endfunction\n"

    return _SELECTION.sub(plain, text)

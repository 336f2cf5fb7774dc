"""Names in exported Verilog: of the chip, of its ports, and of everything in it.

Amaranth joins the parts of a name by two underscores. Verilator and some netlist tools write a name with two of them
otherwise (``spikes___05F0``), so in exported Verilog there is one.
"""

import re
from collections.abc import Iterable

from .verilog import ExportError

__all__ = ["check_name", "plain_names", "verilog_name"]


def verilog_name(path: Iterable[str | int]) -> str:
    """The name of the port of a path in exported Verilog, such as ``spikes_3_payload``."""
    return "_".join(map(str, path))


def plain_names(text: str) -> str:
    """RTLIL in which every name is one that all tools leave as it is: letters, digits and single underscores.

    A port's new name follows from its old one alone, so that modules written apart still fit together. What else in a
    module would have a name that is taken gets a number after it.

    Raises
    ------
    ExportError
        If two ports of a module would have the same name.
    """
    return re.sub(r"^module .*?^end$", lambda module: _plain_module(module[0]), text, flags=re.MULTILINE | re.DOTALL)


_DECLARED = re.compile(r"^  (?:wire|memory|cell) (.*)\\(\S+)$", re.MULTILINE)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\\S+')
"""A string, in which what looks like a name is none, or a name."""


def _plain_module(text: str) -> str:
    ports: dict[str, str] = {}
    others: dict[str, str] = {}
    for options, name in _DECLARED.findall(text):
        (ports if re.search(r"\b(?:input|output|inout) \d+ ", options) else others)[name] = _plain(name)
    taken = set(ports.values())
    if len(taken) < len(ports):
        twice = next(name for name in taken if list(ports.values()).count(name) > 1)
        raise ExportError(f"two ports of the module {text.split(maxsplit=2)[1][1:]} would be called {twice}")
    for name, plain in others.items():
        number, found = 2, plain
        while found in taken:
            found, number = f"{plain.rstrip('_')}_{number}", number + 1
        others[name] = found
        taken.add(found)

    def renamed(match: re.Match[str]) -> str:
        token = match[0]
        return token if token[0] == '"' else f"\\{others.get(token[1:]) or _plain(token[1:])}"

    lines = []
    for line in text.splitlines(keepends=True):
        # A module's name, and that of a port of another module, are none of this one's.
        start = re.match(r"module \S+|  cell \S+|    connect \S+", line)
        head = start[0] if start else ""
        foreign = re.sub(r"(?<=\\)\S+", lambda match: _plain(match[0]), head)
        lines.append(foreign + _TOKEN.sub(renamed, line[len(head) :]))
    return "".join(lines)


def _plain(name: str) -> str:
    """The same name in letters, digits and single underscores, and no keyword."""
    # Amaranth numbers names that it has had already: a$1, which is not to become a_1, for there may be one.
    plain = re.sub("[^A-Za-z0-9]+", "_", name.rstrip("]").replace("$", "_n"))
    return f"{plain}_0" if plain in _KEYWORDS else plain


def check_name(name: str) -> None:
    """Raise ``ValueError`` unless a module can have this name in every version of Verilog and SystemVerilog."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"name must be a Verilog identifier (letters, digits, _), not {name!r}")
    if "__" in name or name.endswith("_"):
        raise ValueError(f"name must have single underscores only, and none at its end, not {name!r}")
    if name in _KEYWORDS:
        raise ValueError(f"name must be no keyword of Verilog or SystemVerilog, not {name!r}")


_WORDS = """
always and assign automatic begin buf bufif0 bufif1 case casex casez cell cmos config deassign default defparam
design disable edge else end endcase endconfig endfunction endgenerate endmodule endprimitive endspecify endtable
endtask event for force forever fork function generate genvar highz0 highz1 if ifnone incdir include initial inout
input instance integer join large liblist library localparam macromodule medium module nand negedge nmos nor
noshowcancelled not notif0 notif1 or output parameter pmos posedge primitive pull0 pull1 pulldown pullup
pulsestyle_ondetect pulsestyle_onevent rcmos real realtime reg release repeat rnmos rpmos rtran rtranif0 rtranif1
scalared showcancelled signed small specify specparam strong0 strong1 supply0 supply1 table task time tran tranif0
tranif1 tri tri0 tri1 triand trior trireg unsigned use uwire vectored wait wand weak0 weak1 while wire wor xnor xor

accept_on alias always_comb always_ff always_latch assert assume before bind bins binsof bit break byte chandle
checker class clocking const constraint context continue cover covergroup coverpoint cross dist do endchecker
endclass endclocking endgroup endinterface endpackage endprogram endproperty endsequence enum eventually expect
export extends extern final first_match foreach forkjoin global iff ignore_bins illegal_bins implements implies
import inside int interconnect interface intersect join_any join_none let local logic longint matches modport
nettype new nexttime null package packed priority program property protected pure rand randc randcase randsequence
ref reject_on restrict return s_always s_eventually s_nexttime s_until s_until_with sequence shortint shortreal soft
solve static string strong struct super sync_accept_on sync_reject_on tagged this throughout timeprecision timeunit
type typedef union unique unique0 until until_with untyped var virtual void wait_order weak wildcard with within
"""
"""The reserved words of IEEE 1364-2005, annex B, and those that IEEE 1800-2017, annex B, adds: simulators read both."""

_KEYWORDS = frozenset(_WORDS.split())

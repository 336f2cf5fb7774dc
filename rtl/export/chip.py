"""The chip as synthesizable Verilog, with the node written once and instantiated for every place."""

import re

from amaranth.back import rtlil
from amaranth.hdl import Value
from amaranth.lib import wiring

from ..params import NetworkParams
from ..ports import port_name, ports_of
from ..routing import Routing
from ..tile import node_of
from .header import header
from .names import check_name, plain_names
from .top import Top
from .verilog import verilog_file, verilog_of

__all__ = ["component_rtlil", "export_verilog"]


def export_verilog(params: NetworkParams, *, routing: Routing | None = None, name: str = "synaptile_chip") -> str:
    """The whole chip as one Verilog-2005 text; the same parameters give the same bytes.

    The top module is ``name``, all others begin with ``name_``. Everything runs on ``clk`` with the synchronous,
    active-high reset ``rst``. Ports whose width is 0 are left out. With event counters, those of every tile become
    outputs of the top module. The comment at the head of the text lists the ports and how their payloads are packed.

    Parameters
    ----------
    params
        The network's parameters; ``tag_bits`` must be 0, for tags exist in simulation only.
    routing
        A routing relation for every router in place of the one that the parameters name.
    name
        Name of the top module: a Verilog identifier, and no keyword. Chips of different names can stand in one design,
        unless one name is the other followed by ``_tile`` or ``_cluster``.

    Raises
    ------
    ValueError
        If ``params.tag_bits`` is not 0, or ``name`` is not a simple Verilog identifier, or a keyword.
    ExportError
        If Yosys fails.
    """
    if params.tag_bits:
        raise ValueError(f"tag_bits must be 0 in an exported chip, not {params.tag_bits}")
    check_name(name)
    node_name = f"{name}_{params.interconnect.node_kind}"
    node = node_of(params, routing=routing)
    node_text = component_rtlil(node, node_name)
    top = Top(node, name=name, node_module=node_name)
    # Yosys writes a comment on itself, and then the modules.
    comment, _, modules = verilog_of(plain_names(_flat_names(node_text, node_name))).partition("\n\n")
    body = "\n".join([*top.verilog(), "", modules])
    return verilog_file(header(node, top), comment, body, waived=("DECLFILENAME", "UNUSED"))


def component_rtlil(component: wiring.Component, name: str) -> str:
    """A component as RTLIL, as the module ``name`` with all ports that have any width."""
    # Directions are inferred from what is driven.
    ports: dict[str, tuple[Value, None]] = {
        port_name(path): (value, None) for path, _flow, value in ports_of(component)
    }
    return rtlil.convert(component, name=name, ports=ports, emit_src=False)


def _flat_names(text: str, top: str) -> str:
    """RTLIL with plain identifiers for the modules below ``top``, which Amaranth names ``top.a.b``."""
    return re.sub(rf"(?<=\\){re.escape(top)}(?:\.\w+)+", lambda match: match[0].replace(".", "_"), text)

"""A chip of neurosynaptic cores as synthesizable Verilog, with node and core written once."""

import re

from amaranth.lib import wiring

from ..core import CoreParams
from ..core_mesh import CoreMesh
from ..core_tile import CoreTile, network_problem
from ..params import NetworkParams
from ..tile import node_of
from .chip import component_rtlil
from .core_header import core_header
from .names import check_name, plain_names
from .shared import SharedInstance
from .verilog import verilog_file, verilog_of

__all__ = ["export_core_chip"]


def export_core_chip(
    network: NetworkParams,
    core: CoreParams,
    *,
    host_tile: int = 0,
    host_key: int = 0,
    name: str = "synaptile_chip",
) -> str:
    """A whole chip of cores (`CoreMesh`) as one Verilog-2005 text; the same parameters give the same bytes.

    The top module is ``name``, all others begin with ``name_``. Everything runs on ``clk`` with the synchronous,
    active-high reset ``rst``, which leaves the cores' memories as they are. Memories are 0 at power-up and carry the
    attributes by which synthesis makes block RAM of them. Ports whose width is 0 are left out. The comment at the head
    of the text lists the ports, and how packets and configuration words are packed.

    Parameters
    ----------
    network, core, host_tile, host_key
        As for `CoreMesh`; the network's ``tag_bits`` must be 0.
    name
        Name of the top module: a Verilog identifier, and no keyword.

    Raises
    ------
    ValueError
        If there is no such chip, the network has tags, or the name is none.
    ExportError
        If Yosys fails.
    """
    if network.tag_bits:
        raise ValueError(f"tag_bits must be 0 in an exported chip, not {network.tag_bits}")
    check_name(name)
    problem = network_problem(core, network, host_tile, host_key)
    if problem is not None:
        raise ValueError(problem)
    node, tile = node_of(network), CoreTile(network, core, host_tile=host_tile, host_key=host_key)
    node_module, core_module = f"{name}_{network.interconnect.node_kind}", f"{name}_core_tile"
    chip = CoreMesh(
        network,
        core,
        host_tile=host_tile,
        host_key=host_key,
        make_node=lambda: SharedInstance(node, node_module),
        make_tile=lambda: SharedInstance(tile, core_module),
    )
    parts: dict[str, wiring.Component] = {name: chip, core_module: tile, node_module: node}
    texts = [plain_names(_flat_names(component_rtlil(part, module), module)) for module, part in parts.items()]
    comment, _, modules = verilog_of(*texts, keep=("ram_style", "no_rw_check")).partition("\n\n")
    head = core_header(chip, node, tile, name, host_tile=host_tile, host_key=host_key)
    return verilog_file(head, comment, modules, waived=("DECLFILENAME", "UNUSED", "WIDTH"))


def _flat_names(text: str, top: str) -> str:
    """RTLIL with plain identifiers for the modules below ``top`` and their instances.

    Amaranth names modules ``top.a.b``, and both them and the instance ``b$4`` where ``a`` has a signal ``b``, as of a
    variable of neurons, whose memory the instance is.
    """
    text = re.sub(r"^(  cell \S+ \\\w+)\$\d+$", r"\1_memory", text, flags=re.MULTILINE)
    modules = re.compile(rf"(?<=\\){re.escape(top)}(?:\.\w+(?:\$\d+)?)+")
    return modules.sub(lambda match: re.sub(r"\$\d+", "", match[0]).replace(".", "_"), text)

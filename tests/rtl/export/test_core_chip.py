# amaranth: UnusedElaboratable=no
"""A chip of cores as Verilog text; `tests/cocotb` runs it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Fragment
from support.verilog_ports import fields_of, ports_of

from synaptile.bridge.bench.fpga_tools import synthesise, synthesise_verilog
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.config_word import ConfigTarget, ConfigWords
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.core_tile import CoreTile, identity_of, payload_bits, payloads_of
from synaptile.rtl.export import component_rtlil, export_core_chip
from synaptile.rtl.export.names import verilog_name
from synaptile.rtl.packet import PacketLayouts
from synaptile.rtl.ports import ports_of as ports_of_component

CORE = CoreParams(axons=20, neurons=8, lanes=2, targets=12)


def network_of(core: CoreParams = CORE, **settings: Any) -> NetworkParams:
    network = NetworkParams(**{"rows": 2, "cols": 3} | settings)
    return network.replace(neurons=1 << payload_bits(core, network))


NETWORK = network_of()


def modules(text: str) -> list[str]:
    return re.findall(r"^module (\S+?) ?\(", text, re.MULTILINE)


def test_node_and_core_are_written_once_and_instantiated_everywhere() -> None:
    text = export_core_chip(NETWORK, CORE, name="my_chip")
    names = modules(text)
    assert len(set(names)) == len(names)
    assert names[0] == "my_chip"
    assert all(re.fullmatch(r"my_chip_(core_tile|tile|mesh)\w*", name) for name in names[1:])
    assert len(re.findall(r"^  my_chip_core_tile tile_\d \(", text, re.MULTILINE)) == 6
    assert len(re.findall(r"^  my_chip_tile tile_\d_\d \(", text, re.MULTILINE)) == 6


def test_instances_have_plain_names() -> None:
    text = export_core_chip(NETWORK, CORE)
    instances = re.findall(r"^  synaptile_chip\S* (\S+) \(", text, re.MULTILINE)
    assert "v_memory" in instances
    assert all(re.fullmatch(r"[a-z]\w*", name) for name in instances)


def test_memories_carry_what_synthesis_needs_to_know() -> None:
    text = export_core_chip(NETWORK, CORE)
    cores = re.findall(r"^module synaptile_chip_core_tile.*?^endmodule", text, re.MULTILINE | re.DOTALL)
    memories = [module for module in cores if re.search(r"^  reg \[\d+:0\] storage \[\d+:0\];", module, re.MULTILINE)]
    assert len(memories) == 16
    for module in memories:
        assert re.findall(r"\(\* .* \*\)", module) == ["(* no_rw_check = 32'd1 *)", '(* ram_style = "block" *)']


def test_the_ports_are_those_of_the_circuit() -> None:
    for network in (NETWORK, network_of(routing="table", table_entries=5, topology="tree", cols=2)):
        text = export_core_chip(network, CORE)
        chip = CoreMesh(network, CORE)
        Fragment.get(chip, None)  # or else Amaranth warns that it is not used
        expected = {
            verilog_name(path): (flow.name.lower(), len(value)) for path, flow, value in ports_of_component(chip)
        } | dict.fromkeys(("clk", "rst"), ("in", 1))
        assert ports_of(text, "synaptile_chip") == expected
        head = text.split("module ")[0]
        for name, (way, width) in expected.items():
            if name not in ("clk", "rst"):
                assert re.search(rf"^//   {way:3} +\[{width - 1}:0\]  {name}( |$)", head, re.MULTILINE), name


def test_the_comment_tells_how_packets_are_packed() -> None:
    text = export_core_chip(NETWORK, CORE)
    payloads, layouts = payloads_of(CORE, NETWORK), PacketLayouts(NETWORK)

    def packed(table: str, kind: int, **values: int) -> int:
        fields = fields_of(text, table)
        assert all(values[name.replace(".", "_")] < 1 << width for name, (_, width) in fields.items())
        return kind | sum(values[name.replace(".", "_")] << low for name, (low, _) in fields.items())

    text = re.sub(r"^//   (payload|word) (\w+), (?:kind|target) \d$", r"//   \2, 0 bits", text, flags=re.MULTILINE)
    assert packed("event", 0, axon=17, delay=9) == payloads.event(17, 9)
    position = layouts.position_of(5)
    assert packed("report", 1, neuron=7, position_row=1, position_col=2) == payloads.report(7, position)
    word = payloads.words.encode(ConfigTarget.SYNAPSES, 19, 6, -3)
    body = packed("synapses", 0, row=19, column=6, value=13)
    assert body == word
    assert packed("write", 2, word_target=0, word_body=word >> 3, reply=0) == payloads.write(word)
    assert packed("entries", 3, column=11, value=5) == payloads.words.encode(ConfigTarget.ENTRIES, 0, 11, 5)
    assert isinstance(payloads.words, ConfigWords)
    assert fields_of(text, "host_in")["payload"] == (layouts.address.size, payloads.bits)


def test_the_comment_tells_the_identity_that_the_chip_answers_with() -> None:
    text = export_core_chip(NETWORK, CORE, host_tile=4)
    assert f"\n// Identity: {identity_of(CORE, NETWORK, 4):#08x}, " in text
    assert "\n//   host_tile = 4\n" in text


def test_the_same_parameters_give_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; from synaptile.rtl import NetworkParams; from synaptile.rtl.core import CoreParams\n"
        "from synaptile.rtl.export import export_core_chip\n"
        f"network = NetworkParams(rows=2, cols=3, neurons={NETWORK.neurons})\n"
        "sys.stdout.write(export_core_chip(network, CoreParams(axons=20, neurons=8, lanes=2, targets=12)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONHASHSEED": "7", "AMARANTH_USE_YOSYS": "system"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == export_core_chip(NETWORK, CORE)
    assert run.stderr == ""


@pytest.mark.parametrize(
    ("change", "name", "message"),
    [
        ({"tag_bits": 3}, "chip", r"^tag_bits must be 0 in an exported chip, not 3$"),
        ({"neurons": 16}, "chip", r"^neurons of a network for these cores must be \d+, not 16$"),
        ({}, "module", r"^name must be no keyword of Verilog or SystemVerilog, not 'module'$"),
    ],
)
def test_what_cannot_be_exported_is_refused(change: dict[str, int], name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        export_core_chip(NETWORK.replace(**change), CORE, name=name)


def test_verilog_is_synthesised_to_what_the_circuit_is(tmp_path: Path) -> None:
    """No memory ends in flip-flops because an attribute got lost."""
    network = network_of(rows=1, cols=1)
    (tmp_path / "chip.v").write_text(export_core_chip(network, CORE))
    (tmp_path / "work").mkdir()
    found = synthesise_verilog([tmp_path / "chip.v"], "synaptile_chip_core_tile", "ecp5", tmp_path / "work")
    expected = synthesise(component_rtlil(CoreTile(network, CORE), "tile"), "tile", "ecp5", tmp_path / "work")
    assert found.cells["DP16KD"] == expected.cells["DP16KD"] > 10, json.dumps(found.cells)
    assert found.flip_flops <= expected.flip_flops * 1.05
    assert found.luts <= expected.luts * 1.1

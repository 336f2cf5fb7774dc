# amaranth: UnusedElaboratable=no
from amaranth.hdl import Signal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from synaptile.rtl.ports import port_name, ports_of


def test_ports_have_path_direction_value_and_width() -> None:
    component = wiring.Component({"links": Out(stream.Signature(3)).array(2), "empty": In(0), "busy": Out(1)})
    found = {port_name(path): (path, flow, value) for path, flow, value in ports_of(component)}
    assert sorted(found) == [
        "busy", *(f"links__{i}__{member}" for i in range(2) for member in ("payload", "ready", "valid"))
    ]  # fmt: skip
    path, flow, value = found["links__1__ready"]
    assert (path, flow) == (("links", 1, "ready"), wiring.In)
    assert isinstance(value, Signal)
    assert value is component.links[1].ready
    assert [len(found[name][2]) for name in ("busy", "links__0__payload")] == [1, 3]

"""A component between registers, so that place and route can measure its speed."""

from typing import Any

from amaranth.hdl import Cat, Module, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

__all__ = ["ScanRing"]


class ScanRing(wiring.Component):
    """A component whose every input comes from a register and whose every output goes into one.

    So each path through it begins and ends at a register, as in a chip where its neighbours have them. The registers
    of the inputs are a shift register, those of the outputs are shifted out through another one; two pins serve a
    component with more ports than any package has pins, and nothing can be left out as unused.

    Parameters
    ----------
    component
        The component to be measured.
    constants
        Inputs that never change in a chip, by name, with their values.

    Members
    -------
    scan_in : In(1)
    scan_out : Out(1)
    """

    def __init__(self, component: wiring.Component, *, constants: dict[str, Any] | None = None) -> None:
        self.component = component
        self._constants = constants or {}
        super().__init__({"scan_in": In(1), "scan_out": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.component = self.component
        for name, value in self._constants.items():
            m.d.comb += getattr(self.component, name).eq(value)
        inputs: list[Value] = []
        outputs: list[Value] = []
        for path, member, value in self.component.signature.flatten(self.component):
            if member.flow is wiring.Out:
                outputs.append(Value.cast(value))
            elif path[0] not in self._constants:
                inputs.append(Value.cast(value))
        driven, seen = Cat(*inputs), Cat(*outputs)
        source, sink, chain = Signal(len(driven)), Signal(len(seen)), Signal(len(seen))
        m.d.comb += [driven.eq(source), self.scan_out.eq(chain[-1:])]
        m.d.sync += [
            source.eq(Cat(self.scan_in, source)),
            sink.eq(seen),
            chain.eq((chain << 1) ^ sink),
        ]
        return m

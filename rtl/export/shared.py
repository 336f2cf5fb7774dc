"""A component that is written once as a module and instantiated wherever it stands."""

from amaranth.hdl import ClockSignal, Instance, ResetSignal, Value
from amaranth.lib import wiring

from ..ports import port_name, ports_of

__all__ = ["SharedInstance"]


class SharedInstance(wiring.Component):
    """Stands for a component, with its ports: an instance of the module that `component_rtlil` makes of it.

    Parameters
    ----------
    component
        The component, whose ports are taken over.
    module
        Name of its module.
    """

    def __init__(self, component: wiring.Component, module: str) -> None:
        self._module = module
        super().__init__(component.signature)

    def elaborate(self, platform: object) -> Instance:
        connections: dict[str, Value] = {"i_clk": ClockSignal("sync"), "i_rst": ResetSignal("sync")}
        for path, flow, value in ports_of(self):
            connections[f"{'i' if flow is wiring.In else 'o'}_{port_name(path)}"] = value
        return Instance(self._module, **connections)

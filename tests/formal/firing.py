"""Neurons without arithmetic, which would only take a solver's time."""

from typing import ClassVar

import pytest
from amaranth.hdl import Module

from synaptile.rtl.core import neurons
from synaptile.rtl.core.neuron import Neuron, Variable
from synaptile.rtl.core.params import CoreParams

__all__ = ["Firing", "firing"]


class Firing(Neuron):
    """A neuron that fires in every tick."""

    total_read: ClassVar = 0
    latency: ClassVar = 1

    @classmethod
    def variables_of(cls, params: CoreParams) -> dict[str, Variable]:
        return {"v": Variable(1, read=0)}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.d.comb += self.fired.eq(1)
        return m


@pytest.fixture
def firing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model ``delta-lif`` be these."""
    monkeypatch.setitem(neurons._MODELS, "delta-lif", Firing)

"""What a network on hardware would have done in software: the same network, run beside it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from ..cosim import NoReference
from ..engine.logged_source import LoggedSource
from ..engine.populations import PopulationBlock
from ..engine.simulation import Engine
from ..neurons.model import NeuronModel
from ..settings import Progress
from ..synapses.dynamics import Dynamics
from ..trace import Trace
from .interfaces import PopulationLike, ProjectionLike
from .network import Network

__all__ = ["SoftwareReference"]


class SoftwareReference:
    """A network in software that follows one on hardware.

    Neurons and plastic synapses are twins of those of the script, taken before the first step. Sources fire as they
    have with the hardware, so that both have the same stimuli whatever a script makes of them. It is run up to where
    the hardware is when something is about to change, and when its `trace` is asked for; so a change of weights,
    parameters, currents, states or reward between two runs of a script acts at the same step.

    Parameters
    ----------
    network
        The network, as it stands before its first step.
    engine
        That which runs it on the hardware.
    segment
        The number of resets so far.
    progress
        Called a few times per second while it runs.
    """

    def __init__(self, network: Network, engine: Engine, segment: int, progress: Progress | None = None) -> None:
        self._network = network.copy()
        self._followed = engine
        self._segment = segment
        self._engine = Engine(network.grid, progress=progress)
        self._is_loaded = False
        self._refusal: str | None = None
        self._kept: Trace | None = None
        self._twins: dict[int, NeuronModel] = {}
        self._blocks: list[PopulationBlock] = []
        for population in network.populations:
            first, stop = int(population.first_id), int(population.last_id) + 1
            model: NeuronModel | LoggedSource = LoggedSource(engine.log, first, population.size)
            if isinstance(population.model, NeuronModel):
                model = self._twins[id(population)] = population.model.twin()
            self._blocks.append(PopulationBlock(first, stop, model))
        plastic = [projection for projection in network.chemical() if not projection.is_static]
        self._dynamics: dict[int, Dynamics] = {id(part): deepcopy(part.dynamics()) for part in plastic}
        self._waves: tuple[Any, ...] = ()
        self.follow()

    def follow(self) -> None:
        """Take over the parameters of neurons and the currents as they are now, from the present step on."""
        waves = tuple(wave for electrode in self._network.electrodes for wave in electrode.waveforms())
        if len(waves) != len(self._waves) or any(a is not b for a, b in zip(waves, self._waves, strict=True)):
            self.catch_up()
            self._waves = waves
            self._engine.set_electrodes(waves)
        changed = [
            (twin, population.model.parameters)
            for population, twin in self._neurons()
            if isinstance(population.model, NeuronModel)
            and any(not np.array_equal(twin.parameters[name], now) for name, now in population.model.parameters.items())
        ]
        if changed:
            self.catch_up()
            for twin, parameters in changed:
                for name, now in parameters.items():
                    twin.parameters[name][:] = now
            self._engine.prepare()

    def before_synapses_change(self, projection: ProjectionLike, index: Any, values: Mapping[str, Any]) -> None:
        """Run with the synapses as they are; then take what some of a projection are about to become."""
        self.catch_up()
        self._is_loaded = False
        dynamics = self._dynamics.get(id(projection))
        if dynamics is None:  # those of fixed weight are looked up anew
            return
        for name, value in values.items():
            if name == "weight":
                dynamics.synapses.weight[index] = value
            elif name in dynamics.parameters and name != "dendritic_delay_fraction":
                dynamics.parameters[name][index] = value
            else:
                self._refuse(f"{name} of the plastic projection {projection.label!r} was set in the middle of the run")

    def synapses_initialized(self, projection: ProjectionLike, variable: str, values: npt.NDArray[np.float64]) -> None:
        """Take a state variable that was set of all synapses of a plastic projection."""
        self.catch_up()
        self._dynamics[id(projection)].initialize(variable, values, self._engine.step)

    def rewarded(self, projection: ProjectionLike, amount: float) -> None:
        """Take a reward that was given to the synapses of a projection."""
        self.catch_up()
        self._dynamics[id(projection)].reward(self._engine.step, amount)

    def states_changed(
        self,
        population: PopulationLike,
        variable: str,
        values: npt.NDArray[np.float64],
        index: npt.NDArray[np.int64],
    ) -> None:
        """Take a state variable that was set of some neurons."""
        if id(population) in self._twins:
            self.catch_up()
            self._twins[id(population)].state[variable][index] = values

    def catch_up(self) -> None:
        """Run to where the hardware is.

        Raises ``KeyboardInterrupt`` on Ctrl-C; what is then missing is run at the next call.
        """
        target = self._followed.step
        done = self._engine.started and self._engine.step >= target
        if not self._followed.started or done or self._refusal is not None or self._kept is not None:
            return
        try:
            if not self._is_loaded:
                self._load()
            self._engine.run(target)
        except (MemoryError, FloatingPointError) as error:
            self._refuse(f"in software, {error}" if str(error) else "there is no memory for it")

    def keep(self) -> None:
        """Run to where the hardware is, before that is forgotten; this is the trace from now on."""
        self.catch_up()
        if self._kept is None and self._refusal is None:
            self._kept = self.trace()

    def trace(self) -> Trace:
        """Return the trace of the network in software, as far as the hardware has come.

        Raises `NoReference` if it cannot be known.
        """
        if self._kept is not None:
            return self._kept
        self.catch_up()
        if self._refusal is not None:
            raise NoReference(self._refusal)
        trace = self._network.trace(self._engine, segment=self._segment, partial=False)
        return replace(trace, weight=self._weights(trace.weight)) if self._dynamics else trace

    def _load(self) -> None:
        chemical = self._network.chemical()
        static = [part for projection in chemical if projection.is_static for part in projection.parts()]
        dynamics = []
        for projection in chemical:
            if not projection.is_static:
                dynamics.append(self._dynamics[id(projection)])
                projection.follow_receptors(dynamics[-1])
        gaps = [projection.gaps() for projection in self._network.projections if projection.is_electrical]
        self._engine.load(self._blocks, static, None, dynamics, gaps)
        self._engine.set_electrodes(self._waves)
        self._is_loaded = True

    def _neurons(self) -> list[tuple[PopulationLike, NeuronModel]]:
        return [(p, self._twins[id(p)]) for p in self._network.populations if id(p) in self._twins]

    def _weights(self, weight: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """The weights of all synapses, of plastic ones those that they have in software."""
        own, start = weight.copy(), 0
        for projection in self._network.chemical():
            if not projection.is_static:
                own[start : start + len(projection)] = self._dynamics[id(projection)].synapses.weight
            start += len(projection)
        return own

    def _refuse(self, reason: str) -> None:
        self._refusal = self._refusal or reason

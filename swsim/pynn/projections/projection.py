"""Projections: connections between populations, as arrays."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from pyNN import common, errors
from pyNN.connectors import Connector
from pyNN.parameters import ParameterSpace
from pyNN.space import Space

from ...base.random_streams import streams
from ...engine.memory import announce
from ...neurons.model import NeuronModel
from ...synapses.dynamics import Dynamics
from ...synapses.edge_list import Synapses
from ...synapses.gap_junctions import GapJunctions
from .. import simulator
from ..connectors.expected_count import BYTES, expected_connections
from ..groups import members, root
from ..seeding import seed_all, seed_connector
from ..standardmodels.synapses import StaticSynapse, SynapseType
from ..unavailable import refuse_other
from ..validation import check_weight, delay_steps, is_negative, takes_whole_weights
from .connection import Connection, Connections
from .connection_table import Columns, matrix
from .weight_recording import RecordedWeights

__all__ = ["Projection"]

_GAP = "source_section.gap"
_PART_CONNECTIONS = 1 << 20  # connections that are handed over together


class Projection(RecordedWeights, common.Projection):
    """All connections of one kind between two populations, views or assemblies."""

    _simulator = simulator
    _static_synapse_class = StaticSynapse

    def __init__(
        self,
        presynaptic_population: Any,
        postsynaptic_population: Any,
        connector: Any,
        synapse_type: Any = None,
        source: Any = None,
        receptor_type: str | None = None,
        space: Any = None,
        label: str | None = None,
    ) -> None:
        for side, group in (("presynaptic", presynaptic_population), ("postsynaptic", postsynaptic_population)):
            if not isinstance(group, common.BasePopulation | common.Assembly):
                raise errors.ConnectionError(
                    f"{side}_population must be a Population, PopulationView or Assembly, not {group!r}"
                )
            for member in members(group):
                if isinstance(member, common.BasePopulation):
                    simulator.state.network.require_present(root(member))
        if not isinstance(connector, Connector):
            raise TypeError(f"connector must be a connector such as sim.AllToAllConnector(), not {connector!r}")
        if synapse_type is not None and not isinstance(synapse_type, SynapseType):
            refuse_other("synapse_type", synapse_type, "a synapse type such as sim.StaticSynapse(weight=0.1)")
        if not isinstance(receptor_type, str | None):
            raise TypeError(f"receptor_type must be a text such as 'excitatory', not {receptor_type!r}")
        if not isinstance(space, Space | None):
            raise TypeError(f"space must be a Space, not {space!r}")
        if getattr(postsynaptic_population, "receptor_types", True) in ((), []):
            raise errors.ConnectionError(
                f"the postsynaptic neurons must be able to receive spikes; {postsynaptic_population.label!r} cannot"
            )
        if synapse_type is not None:
            seed_all(synapse_type.parameter_space)
        super().__init__(
            presynaptic_population,
            postsynaptic_population,
            connector,
            synapse_type,
            source,
            receptor_type,
            Space() if space is None else space,
            label,
        )
        self._check_receptor()
        self.parameters = tuple(self.synapse_type.get_native_names())
        others = [name for name in self.parameters if name not in ("weight", "delay")]
        self._columns = Columns(others, shared=not self.is_static)
        # Where `restart` goes back to; static weights stay as they are set.
        self._initial_weight: npt.NDArray[np.float64] | None = None
        self._dynamics: Dynamics | None = None
        self._initial_state: dict[str, npt.NDArray[np.float64]] = {}
        seed_connector(connector)
        count = expected_connections(connector, *self.shape)
        if count is not None:
            announce(count * (BYTES + 8 * len(others)), f"the connections {self.label}")
        connector.connect(self)
        simulator.state.network.projections.append(self)
        simulator.state.network_changed()

    def __getitem__(self, index: int) -> Connection:
        return Connections(self)[index]

    @property
    def connections(self) -> Sequence[Connection]:
        """All connections, in the order in which they were made."""
        return Connections(self)

    def _convergent_connect(
        self, presynaptic_indices: Any, postsynaptic_index: Any, location_selector: Any = None, **parameters: Any
    ) -> None:
        """Connect neurons to one neuron; indices are those in the populations of the projection."""
        if location_selector is not None:
            raise errors.ConnectionError(f"location_selector must be None for point neurons, not {location_selector!r}")
        self.connect_pairs(presynaptic_indices, postsynaptic_index, **parameters)

    def connect_pairs(self, pre: npt.ArrayLike, post: npt.ArrayLike, **parameters: Any) -> None:
        """Make connections: indices in the populations and all parameters, broadcast to one shape (n,); delays in ms.

        Raises ``pyNN.errors.InvalidParameterValueError`` or ``ConnectionError`` with parameter, rule and value.
        """
        others = {name: value for name, value in parameters.items() if name not in ("weight", "delay")}
        self._check(others)
        delay = delay_steps(parameters["delay"]) if "delay" in parameters else 1
        ends = {"presynaptic_index": pre, "postsynaptic_index": post}
        self._columns.add(**ends, weight=parameters["weight"], delay=delay, **others)

    def _check_receptor(self) -> None:
        if self.is_electrical:
            for side in (self.pre, self.post):
                for member in members(side):
                    if not isinstance(root(member).model, NeuronModel):
                        raise errors.ConnectionError(
                            f"an electrical synapse needs a neuron on both sides; {member.label!r} is a spike source"
                        )
            if simulator.state.hardware is not None:
                raise errors.ConnectionError("hardware carries spikes only: it has no electrical synapses")
        elif self.receptor_type == _GAP:
            raise errors.ConnectionError(f"receptor_type {_GAP} is for ElectricalSynapse only")
        if self.takes_whole_weights and not self.is_static:
            raise errors.ConnectionError(
                f"synapses must be StaticSynapse onto neurons that calculate in whole numbers, "
                f"not {type(self.synapse_type).__name__}"
            )

    def _check(self, parameters: Mapping[str, Any]) -> None:
        try:
            self.synapse_type.check({name: np.asarray(value, float) for name, value in parameters.items()})
        except ValueError as error:
            raise errors.InvalidParameterValueError(f"{self.label}: {error}") from None

    @property
    def _joined(self) -> Columns:
        """All connections, put together."""
        if self._columns.joined() and not self.is_static:
            self._initial_weight = self._columns["weight"].copy()
        return self._columns

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return an attribute of all connections; delays in ms, and variables of a synapse at the present time."""
        if name not in ("presynaptic_index", "postsynaptic_index", *self.parameters):
            if self.is_static or self.is_electrical or name not in self.dynamics().variables():
                raise errors.NonExistentParameterError(name, type(self.synapse_type).__name__, list(self.parameters))
            return self.dynamics().value(name, simulator.state.engine.step)
        values = self._joined[name]
        return simulator.state.grid.times(values) if name == "delay" else values

    def set_columns(self, index: Any, **values: Any) -> None:
        """Set parameters, delays in ms, of some connections; all or, if one breaks a rule, none."""
        if "weight" in values:
            check_weight(values["weight"], self)
        if "delay" in values:
            values["delay"] = delay_steps(values["delay"])
        columns = self._joined
        others = {name: columns[name].copy() for name in self.parameters}
        for name, value in values.items():
            others[name][index] = value
        self._check({name: array for name, array in others.items() if name not in ("weight", "delay")})
        simulator.state.before_synapses_change(self, index, values)
        for name, value in values.items():
            columns.write(name, index, value)
        if "weight" in values and self._initial_weight is not None:
            self._initial_weight[index] = values["weight"]
        if "delay" in values or "dendritic_delay_fraction" in values:
            self._forget_dynamics()
        simulator.state.network_changed()

    @property
    def is_static(self) -> bool:
        """True of synapses without a state."""
        static: bool = self.synapse_type.is_static
        return static

    @property
    def changes_weight(self) -> bool | None:
        """True of synapses whose weight is written anew at each spike of either neuron; None if that is not known."""
        changes: bool | None = self.synapse_type.changes_weight
        return changes

    @property
    def is_electrical(self) -> bool:
        """True of gap junctions."""
        electrical: bool = self.synapse_type.is_electrical
        return electrical

    @property
    def takes_whole_weights(self) -> bool:
        """True of connections onto neurons that calculate in whole numbers."""
        return takes_whole_weights(self.post)

    def dynamics(self) -> Dynamics:
        """Return the engine's synapses, whose weights are those of the connections; not for static ones."""
        if self._dynamics is None:
            columns = self._joined
            own = {name: columns[name] for name in self.parameters if name not in ("weight", "delay")}
            self._dynamics = self.synapse_type.build(
                replace(self.synapses(), weight=columns["weight"]), own, self._streams(), negative=is_negative(self)
            )
            self._restore_state()
        self.follow_receptors(self._dynamics)
        return self._dynamics

    def follow_receptors(self, dynamics: Dynamics) -> None:
        """Give the engine's synapses what they follow of the postsynaptic neurons, as it is now."""
        self.synapse_type.follow_receptors(dynamics, self._tau_syn)

    def _streams(self) -> npt.NDArray[np.uint64]:
        """Return the key of each synapse's random numbers in the present segment."""
        position = simulator.state.network.projections.index(self)
        return streams(simulator.state.projection_seed(position), len(self))

    def _forget_dynamics(self) -> None:
        """Build the engine's synapses anew: traces and resources begin as after a reset."""
        self._dynamics = None

    def _tau_syn(self) -> npt.NDArray[np.float64]:
        """Return the time constant (ms) of the receptor of each connection, 0 where it has none, shape (n,)."""
        taus = [_receptor_tau(member, self.receptor_type) for member in members(self.post)]
        tau: npt.NDArray[np.float64] = np.concatenate(taus)[self._joined["postsynaptic_index"]]
        return tau

    def gaps(self) -> GapJunctions:
        """Return the engine's gap junctions."""
        synapses = self.synapses()
        return GapJunctions(synapses.pre, synapses.post, synapses.weight)

    def initialize(self, **initial_values: Any) -> None:
        """Set state variables of the synapses now and for every reset; values as for `set`.

        Raises ``pyNN.errors.NonExistentParameterError`` for a variable that the synapse type does not have.
        """
        known = () if self.is_static or self.is_electrical else self.dynamics().variables()
        for variable in initial_values:
            if variable not in known:
                raise errors.NonExistentParameterError(variable, type(self.synapse_type).__name__, list(known))
        space = self._handle_distance_expressions(ParameterSpace(initial_values, shape=self.shape))
        seed_all(space)
        space.evaluate(simplify=False)
        pre, post = self.column("presynaptic_index"), self.column("postsynaptic_index")
        for variable, values in space.items():
            initial = np.broadcast_to(values, self.shape)[pre, post].astype(np.float64)
            if not np.isfinite(initial).all():
                raise errors.InvalidParameterValueError(f"{self.label}: initial {variable} must be finite")
            try:
                self.dynamics().initialize(variable, initial, simulator.state.engine.step)
            except ValueError as error:
                raise errors.InvalidParameterValueError(f"{self.label}: initial {error}") from None
            simulator.state.synapses_initialized(self, variable, initial)
            self._initial_state[variable] = self.initial_values[variable] = initial

    def _restore_state(self) -> None:
        if self._dynamics is None:
            return
        for name, values in self._initial_state.items():
            self._dynamics.initialize(name, values, simulator.state.engine.step)

    def restart(self) -> None:
        """Go back to the weights that were set last, and to the initial states."""
        columns = self._joined
        if self._initial_weight is not None:
            columns.write("weight", slice(None), self._initial_weight)
        if self._dynamics is not None:
            self._dynamics.stream = self._streams()
            self._dynamics.restart()
            self._restore_state()
        if self._sampler is not None:
            self._sampler.restart(0)

    def reward(self, amount: float) -> None:
        """Raise the reward that its synapses see, after all that happens at the present time; it decays from there.

        For `RewardModulatedRule` only. Raises ``TypeError`` for other synapses and ``ValueError`` unless the amount is
        a finite number.
        """
        if not self.synapse_type.takes_reward:
            raise TypeError(f"{self.label} must have an STDPMechanism with RewardModulatedRule to be rewarded")
        if not math.isfinite(amount):
            raise ValueError(f"amount must be finite, not {amount}")
        self.dynamics().reward(simulator.state.engine.step, float(amount))
        simulator.state.rewarded(self, float(amount))

    def delay_range(self) -> tuple[int, int]:
        """Return shortest and longest delay in steps; the projection must not be empty."""
        delays = self._joined["delay"]
        return int(delays.min()), int(delays.max())

    def synapses(self, which: slice = slice(None), weight: npt.NDArray[Any] | None = None) -> Synapses:
        """Return connections as the engine sees them, with neuron ids, in arrays of their own.

        With other weights, shape (connections,), if these are given.
        """
        columns = self._joined
        weight = columns["weight"] if weight is None else weight
        pre, post = columns["presynaptic_index"][which], columns["postsynaptic_index"][which]
        return Synapses(
            pre=self.pre.all_cells.astype(np.int32)[pre],
            post=self.post.all_cells.astype(np.int32)[post],
            receptor=self._receptors()[post],
            weight=weight[which].copy(),
            delay=columns["delay"][which].copy(),
        )

    def parts(self, weight: npt.NDArray[Any] | None = None) -> list[Callable[[], Synapses]]:
        """Return functions that make its synapses part by part, so that they are never in memory twice all at once."""
        starts = range(0, len(self), _PART_CONNECTIONS)
        return [partial(self.synapses, slice(start, start + _PART_CONNECTIONS), weight) for start in starts]

    def _receptors(self) -> npt.NDArray[np.int8]:
        """Return the index of the receptor among those of each postsynaptic neuron, shape (post,)."""
        groups = members(self.post)
        index = [group.celltype.receptor_types.index(self.receptor_type) for group in groups]
        return np.repeat(np.array(index, np.int8), [group.size for group in groups])

    def _set_attributes(self, parameter_space: Any) -> None:
        seed_all(parameter_space)
        parameter_space.evaluate(simplify=True)
        pre, post = self.column("presynaptic_index"), self.column("postsynaptic_index")
        values = {
            name: value[pre, post] if isinstance(value, np.ndarray) else value
            for name, value in parameter_space.items()
        }
        self.set_columns(slice(None), **values)

    def _get_attributes_as_list(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        return list(zip(*(self.column(name).tolist() for name in names), strict=True))

    def _get_attributes_as_arrays(
        self, names: Sequence[str], multiple_synapses: str = "sum"
    ) -> list[npt.NDArray[np.float64]]:
        address = (self.column("presynaptic_index"), self.column("postsynaptic_index"))
        return [matrix(self.shape, address, self.column(name), multiple_synapses) for name in names]


def _receptor_tau(neurons: Any, receptor_type: str) -> npt.NDArray[np.float64]:
    """Return the time constant (ms) of a receptor of all neurons of a population or view, 0 if it has none."""
    population = root(neurons)
    index = neurons.all_cells.astype(np.int64) - int(population.first_id)
    receptors = getattr(population.model, "RECEPTORS", ())
    number = population.celltype.receptor_types.index(receptor_type)
    if number >= len(receptors):
        return np.zeros(len(index))
    tau: npt.NDArray[np.float64] = population.model.parameters[receptors[number].tau][index]
    return tau

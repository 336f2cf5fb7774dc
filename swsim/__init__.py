"""A PyNN 0.13 backend that leaves a spike trace for hardware, or runs in lock-step with it.

``import synaptile.swsim as sim`` gives the whole PyNN API; PyNN itself finds it as ``pyNN.synaptile`` from then on.
Beyond PyNN: ``setup(seed=..., hardware=...)``, `get_trace` and `save_trace`.

Time. Everything happens on the grid ``k * dt``. A neuron that crosses its threshold between grid points k - 1 and k
fires at k; with a delay of d steps this acts at grid point k + d. Recorded signals begin with the initial value, so
that n steps give n + 1 samples.

Repeatability. `setup(seed)` and the script determine everything. `reset` goes back to the initial states, so that a
network without random sources repeats its spikes; `SpikeSourcePoisson` draws new trains after each reset, as trials
need them, and the same ones again in the next run of the script.
"""

import sys as _sys
from types import ModuleType as _ModuleType
from typing import Any as _Any

import pyNN as _pyNN
from pyNN import errors as errors
from pyNN import random as random
from pyNN import space as space
from pyNN.network import Network as Network
from pyNN.parameters import Sequence as Sequence
from pyNN.random import GSLRNG as GSLRNG
from pyNN.random import NumpyRNG as NumpyRNG
from pyNN.random import RandomDistribution as RandomDistribution
from pyNN.space import Cuboid as Cuboid
from pyNN.space import Grid2D as Grid2D
from pyNN.space import Grid3D as Grid3D
from pyNN.space import Line as Line
from pyNN.space import RandomStructure as RandomStructure
from pyNN.space import Space as Space
from pyNN.space import Sphere as Sphere
from pyNN.standardmodels import StandardCellType as _StandardCellType

from .cosim import CoSimulator as CoSimulator
from .cosim import NeuronHardware as NeuronHardware
from .cosim import NoReference as NoReference
from .cosim import WantsReference as WantsReference
from .cosim import Wiring as Wiring
from .onchip import OnChipNetwork as OnChipNetwork
from .pynn import unavailable as _unavailable
from .pynn.cell_types import CELL_TYPES as _CELL_TYPES
from .pynn.connectors.small_world import SmallWorldConnector as SmallWorldConnector
from .pynn.connectors.standard import AllToAllConnector as AllToAllConnector
from .pynn.connectors.standard import ArrayConnector as ArrayConnector
from .pynn.connectors.standard import CloneConnector as CloneConnector
from .pynn.connectors.standard import CSAConnector as CSAConnector
from .pynn.connectors.standard import (
    DisplacementDependentProbabilityConnector as DisplacementDependentProbabilityConnector,
)
from .pynn.connectors.standard import DistanceDependentProbabilityConnector as DistanceDependentProbabilityConnector
from .pynn.connectors.standard import FixedNumberPostConnector as FixedNumberPostConnector
from .pynn.connectors.standard import FixedNumberPreConnector as FixedNumberPreConnector
from .pynn.connectors.standard import FixedProbabilityConnector as FixedProbabilityConnector
from .pynn.connectors.standard import FixedTotalNumberConnector as FixedTotalNumberConnector
from .pynn.connectors.standard import FromFileConnector as FromFileConnector
from .pynn.connectors.standard import FromListConnector as FromListConnector
from .pynn.connectors.standard import IndexBasedProbabilityConnector as IndexBasedProbabilityConnector
from .pynn.connectors.standard import OneToOneConnector as OneToOneConnector
from .pynn.control import connect as connect
from .pynn.control import create as create
from .pynn.control import end as end
from .pynn.control import get_current_time as get_current_time
from .pynn.control import get_max_delay as get_max_delay
from .pynn.control import get_min_delay as get_min_delay
from .pynn.control import get_time_step as get_time_step
from .pynn.control import get_trace as get_trace
from .pynn.control import initialize as initialize
from .pynn.control import num_processes as num_processes
from .pynn.control import rank as rank
from .pynn.control import record as record
from .pynn.control import record_gsyn as record_gsyn
from .pynn.control import record_v as record_v
from .pynn.control import reset as reset
from .pynn.control import run as run
from .pynn.control import run_for as run_for
from .pynn.control import run_until as run_until
from .pynn.control import save_trace as save_trace
from .pynn.control import set as set
from .pynn.control import setup as setup
from .pynn.execution_paths import ExecutionPath as ExecutionPath
from .pynn.execution_paths import execution_paths as execution_paths
from .pynn.execution_paths import in_one_line as in_one_line
from .pynn.extensions.cells import FixedPointCurrentLIF as FixedPointCurrentLIF
from .pynn.extensions.cells import FixedPointLIF as FixedPointLIF
from .pynn.extensions.cells import FixedPointTwoCurrentLIF as FixedPointTwoCurrentLIF
from .pynn.extensions.cells import Izhikevich9 as Izhikevich9
from .pynn.extensions.cells import TrueNorthNeuron as TrueNorthNeuron
from .pynn.extensions.define_cell import DefinitionError as DefinitionError
from .pynn.extensions.define_cell import define_cell as define_cell
from .pynn.extensions.define_synapse import define_synapse as define_synapse
from .pynn.extensions.plasticity import NearestSpikePairRule as NearestSpikePairRule
from .pynn.extensions.plasticity import RewardModulatedRule as RewardModulatedRule
from .pynn.extensions.plasticity import TripletRule as TripletRule
from .pynn.populations import Assembly as Assembly
from .pynn.populations import Population as Population
from .pynn.populations import PopulationView as PopulationView
from .pynn.projections.projection import Projection as Projection
from .pynn.seeding import NativeRNG as NativeRNG
from .pynn.simulator import state as state
from .pynn.standardmodels.cells import EIF_cond_alpha_isfa_ista as EIF_cond_alpha_isfa_ista
from .pynn.standardmodels.cells import EIF_cond_exp_isfa_ista as EIF_cond_exp_isfa_ista
from .pynn.standardmodels.cells import GIF_cond_exp as GIF_cond_exp
from .pynn.standardmodels.cells import HH_cond_exp as HH_cond_exp
from .pynn.standardmodels.cells import IF_cond_alpha as IF_cond_alpha
from .pynn.standardmodels.cells import IF_cond_exp as IF_cond_exp
from .pynn.standardmodels.cells import IF_cond_exp_gsfa_grr as IF_cond_exp_gsfa_grr
from .pynn.standardmodels.cells import IF_curr_alpha as IF_curr_alpha
from .pynn.standardmodels.cells import IF_curr_delta as IF_curr_delta
from .pynn.standardmodels.cells import IF_curr_exp as IF_curr_exp
from .pynn.standardmodels.cells import IF_facets_hardware1 as IF_facets_hardware1
from .pynn.standardmodels.cells import Izhikevich as Izhikevich
from .pynn.standardmodels.cells import SpikeSourceArray as SpikeSourceArray
from .pynn.standardmodels.cells import SpikeSourceGamma as SpikeSourceGamma
from .pynn.standardmodels.cells import SpikeSourceInhGamma as SpikeSourceInhGamma
from .pynn.standardmodels.cells import SpikeSourcePoisson as SpikeSourcePoisson
from .pynn.standardmodels.cells import SpikeSourcePoissonRefractory as SpikeSourcePoissonRefractory
from .pynn.standardmodels.electrodes import ACSource as ACSource
from .pynn.standardmodels.electrodes import DCSource as DCSource
from .pynn.standardmodels.electrodes import NoisyCurrentSource as NoisyCurrentSource
from .pynn.standardmodels.electrodes import StepCurrentSource as StepCurrentSource
from .pynn.standardmodels.point_neuron import LIF as LIF
from .pynn.standardmodels.point_neuron import AdExp as AdExp
from .pynn.standardmodels.point_neuron import AlphaPSR as AlphaPSR
from .pynn.standardmodels.point_neuron import BetaPSR as BetaPSR
from .pynn.standardmodels.point_neuron import CondAlphaPostSynapticResponse as CondAlphaPostSynapticResponse
from .pynn.standardmodels.point_neuron import CondBetaPostSynapticResponse as CondBetaPostSynapticResponse
from .pynn.standardmodels.point_neuron import CondExpPostSynapticResponse as CondExpPostSynapticResponse
from .pynn.standardmodels.point_neuron import CurrExpPostSynapticResponse as CurrExpPostSynapticResponse
from .pynn.standardmodels.point_neuron import ExpPSR as ExpPSR
from .pynn.standardmodels.point_neuron import PointNeuron as PointNeuron
from .pynn.standardmodels.synapses import (
    AdditivePotentiationMultiplicativeDepression as AdditivePotentiationMultiplicativeDepression,
)
from .pynn.standardmodels.synapses import AdditiveWeightDependence as AdditiveWeightDependence
from .pynn.standardmodels.synapses import ElectricalSynapse as ElectricalSynapse
from .pynn.standardmodels.synapses import GutigWeightDependence as GutigWeightDependence
from .pynn.standardmodels.synapses import MultiplicativeWeightDependence as MultiplicativeWeightDependence
from .pynn.standardmodels.synapses import MultiQuantalSynapse as MultiQuantalSynapse
from .pynn.standardmodels.synapses import SimpleStochasticSynapse as SimpleStochasticSynapse
from .pynn.standardmodels.synapses import SpikePairRule as SpikePairRule
from .pynn.standardmodels.synapses import StaticSynapse as StaticSynapse
from .pynn.standardmodels.synapses import STDPMechanism as STDPMechanism
from .pynn.standardmodels.synapses import StochasticTsodyksMarkramSynapse as StochasticTsodyksMarkramSynapse
from .pynn.standardmodels.synapses import TsodyksMarkramSynapse as TsodyksMarkramSynapse
from .pynn.standardmodels.synapses import Vogels2011Rule as Vogels2011Rule
from .pynn.unavailable import UnavailableError as UnavailableError
from .settings import Defaults as Defaults
from .settings import defaults as defaults
from .settings import set_defaults as set_defaults
from .trace import PopulationSlice as PopulationSlice
from .trace import Trace as Trace
from .trace import TraceError as TraceError


def list_standard_models() -> list[str]:
    """Return the names of the standard cell types that are available."""
    return sorted(name for name, cell in _CELL_TYPES.items() if issubclass(cell, _StandardCellType))


def __getattr__(name: str) -> _Any:
    """Return classes for models that PyNN has and this backend has not, which say so when they are used."""
    found = _unavailable.find(name)
    if found is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_unavailable.names()})


def _is_own_module(value: _Any) -> bool:
    return isinstance(value, _ModuleType) and value.__name__.startswith(f"{__name__}.")


# All that is imported or defined above without an underscore.
__all__ = sorted(name for name, value in globals().items() if name[0] != "_" and not _is_own_module(value))

_sys.modules["pyNN.synaptile"] = _sys.modules[__name__]
setattr(_pyNN, "synaptile", _sys.modules[__name__])  # noqa: B010 (mypy knows no such attribute)

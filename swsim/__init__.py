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

from __future__ import annotations

import sys
from typing import Any

import pyNN
from pyNN import errors, random, space
from pyNN.network import Network
from pyNN.parameters import Sequence
from pyNN.random import GSLRNG, NumpyRNG, RandomDistribution
from pyNN.space import Cuboid, Grid2D, Grid3D, Line, RandomStructure, Space, Sphere
from pyNN.standardmodels import StandardCellType

from .cosim import CoSimulator, Wiring
from .pynn.connectors.small_world import SmallWorldConnector
from .pynn.connectors.standard import (
    AllToAllConnector,
    ArrayConnector,
    CloneConnector,
    CSAConnector,
    DisplacementDependentProbabilityConnector,
    DistanceDependentProbabilityConnector,
    FixedNumberPostConnector,
    FixedNumberPreConnector,
    FixedProbabilityConnector,
    FixedTotalNumberConnector,
    FromFileConnector,
    FromListConnector,
    IndexBasedProbabilityConnector,
    OneToOneConnector,
)
from .pynn.control import (
    connect,
    create,
    end,
    get_current_time,
    get_max_delay,
    get_min_delay,
    get_time_step,
    get_trace,
    initialize,
    num_processes,
    rank,
    record,
    record_gsyn,
    record_v,
    reset,
    run,
    run_for,
    run_until,
    save_trace,
    set,
    setup,
)
from .pynn.extensions.cells import FixedPointLIF, Izhikevich9
from .pynn.extensions.define_cell import DefinitionError, define_cell
from .pynn.extensions.define_synapse import define_synapse
from .pynn.extensions.plasticity import NearestSpikePairRule, RewardModulatedRule, TripletRule
from .pynn.populations import Assembly, Population, PopulationView
from .pynn.projections.projection import Projection
from .pynn.seeding import NativeRNG
from .pynn.simulator import state
from .pynn.standardmodels.cells import (
    EIF_cond_alpha_isfa_ista,
    EIF_cond_exp_isfa_ista,
    GIF_cond_exp,
    HH_cond_exp,
    IF_cond_alpha,
    IF_cond_exp,
    IF_cond_exp_gsfa_grr,
    IF_curr_alpha,
    IF_curr_delta,
    IF_curr_exp,
    IF_facets_hardware1,
    Izhikevich,
    SpikeSourceArray,
    SpikeSourceGamma,
    SpikeSourceInhGamma,
    SpikeSourcePoisson,
    SpikeSourcePoissonRefractory,
)
from .pynn.standardmodels.electrodes import ACSource, DCSource, NoisyCurrentSource, StepCurrentSource
from .pynn.standardmodels.point_neuron import (
    LIF,
    AdExp,
    AlphaPSR,
    BetaPSR,
    CondAlphaPostSynapticResponse,
    CondBetaPostSynapticResponse,
    CondExpPostSynapticResponse,
    CurrExpPostSynapticResponse,
    ExpPSR,
    PointNeuron,
)
from .pynn.standardmodels.synapses import (
    AdditivePotentiationMultiplicativeDepression,
    AdditiveWeightDependence,
    ElectricalSynapse,
    GutigWeightDependence,
    MultiplicativeWeightDependence,
    MultiQuantalSynapse,
    SimpleStochasticSynapse,
    SpikePairRule,
    StaticSynapse,
    STDPMechanism,
    StochasticTsodyksMarkramSynapse,
    TsodyksMarkramSynapse,
    Vogels2011Rule,
)
from .pynn.unavailable import UnavailableError
from .pynn.unavailable import find as _find_unavailable
from .pynn.unavailable import names as _unavailable_names
from .settings import Defaults, defaults, set_defaults
from .trace import PopulationSlice, Trace, TraceError

__all__ = [
    "GSLRNG",
    "LIF",
    "ACSource",
    "AdExp",
    "AdditivePotentiationMultiplicativeDepression",
    "AdditiveWeightDependence",
    "AllToAllConnector",
    "AlphaPSR",
    "ArrayConnector",
    "Assembly",
    "BetaPSR",
    "CSAConnector",
    "CloneConnector",
    "CoSimulator",
    "CondAlphaPostSynapticResponse",
    "CondBetaPostSynapticResponse",
    "CondExpPostSynapticResponse",
    "Cuboid",
    "CurrExpPostSynapticResponse",
    "DCSource",
    "Defaults",
    "DefinitionError",
    "DisplacementDependentProbabilityConnector",
    "DistanceDependentProbabilityConnector",
    "EIF_cond_alpha_isfa_ista",
    "EIF_cond_exp_isfa_ista",
    "ElectricalSynapse",
    "ExpPSR",
    "FixedNumberPostConnector",
    "FixedNumberPreConnector",
    "FixedPointLIF",
    "FixedProbabilityConnector",
    "FixedTotalNumberConnector",
    "FromFileConnector",
    "FromListConnector",
    "GIF_cond_exp",
    "Grid2D",
    "Grid3D",
    "GutigWeightDependence",
    "HH_cond_exp",
    "IF_cond_alpha",
    "IF_cond_exp",
    "IF_cond_exp_gsfa_grr",
    "IF_curr_alpha",
    "IF_curr_delta",
    "IF_curr_exp",
    "IF_facets_hardware1",
    "IndexBasedProbabilityConnector",
    "Izhikevich",
    "Izhikevich9",
    "Line",
    "MultiQuantalSynapse",
    "MultiplicativeWeightDependence",
    "NativeRNG",
    "NearestSpikePairRule",
    "Network",
    "NoisyCurrentSource",
    "NumpyRNG",
    "OneToOneConnector",
    "PointNeuron",
    "Population",
    "PopulationSlice",
    "PopulationView",
    "Projection",
    "RandomDistribution",
    "RandomStructure",
    "RewardModulatedRule",
    "STDPMechanism",
    "Sequence",
    "SimpleStochasticSynapse",
    "SmallWorldConnector",
    "Space",
    "Sphere",
    "SpikePairRule",
    "SpikeSourceArray",
    "SpikeSourceGamma",
    "SpikeSourceInhGamma",
    "SpikeSourcePoisson",
    "SpikeSourcePoissonRefractory",
    "StaticSynapse",
    "StepCurrentSource",
    "StochasticTsodyksMarkramSynapse",
    "Trace",
    "TraceError",
    "TripletRule",
    "TsodyksMarkramSynapse",
    "UnavailableError",
    "Vogels2011Rule",
    "Wiring",
    "connect",
    "create",
    "defaults",
    "define_cell",
    "define_synapse",
    "end",
    "errors",
    "get_current_time",
    "get_max_delay",
    "get_min_delay",
    "get_time_step",
    "get_trace",
    "initialize",
    "list_standard_models",
    "num_processes",
    "random",
    "rank",
    "record",
    "record_gsyn",
    "record_v",
    "reset",
    "run",
    "run_for",
    "run_until",
    "save_trace",
    "set",
    "set_defaults",
    "setup",
    "space",
    "state",
]


def list_standard_models() -> list[str]:
    """The names of the standard cell types that are available."""
    return sorted(
        name
        for name, value in globals().items()
        if isinstance(value, type) and issubclass(value, StandardCellType) and value is not StandardCellType
    )


def __getattr__(name: str) -> Any:
    """Models that PyNN has and this backend has not: classes that say so when they are used."""
    unavailable = _find_unavailable(name)
    if unavailable is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return unavailable


def __dir__() -> list[str]:
    return sorted({*globals(), *_unavailable_names()})


sys.modules["pyNN.synaptile"] = sys.modules[__name__]
setattr(pyNN, "synaptile", sys.modules[__name__])  # noqa: B010 (mypy knows no such attribute)

"""The house rules: who may import whom, what is packaged, which test covers a module, and no paths of a machine."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
FOLDERS = ("rtl", "swsim", "bridge")

# What each package may import besides the standard library and itself.
ALLOWED = {
    "rtl": {"amaranth"},
    "swsim": {"numpy", "numba", "llvmlite", "scipy", "pyNN", "neo", "quantities", "lazyarray", "h5py"},
}


# What the packages and top modules of each of the three may import of one another, lowest first; "__init__" is the
# public face. Imports inside functions and for types count too.
LAYERS = {
    "rtl": {
        "topology": "",
        "routing": "topology",
        "parameter": "",
        "rules": "parameter routing topology",
        "params": "parameter routing rules topology",
        "core": "parameter",
        "packet": "params",
        "arbitration": "",
        "channel": "packet params topology",
        "selection": "arbitration channel packet params routing topology",
        "router": "arbitration channel packet params routing selection topology",
        "tile": "channel packet params router routing topology",
        "mesh": "packet params router routing tile topology",
        "core_tile": "core packet params",
        "core_mesh": "core core_tile mesh params router",
        "ports": "",
        "yosys": "",
        "sources": "",
        "export": "core core_mesh core_tile mesh packet params ports routing tile topology yosys",
        "fpga": "core core_mesh core_tile params router",
        "__init__": "mesh packet params router routing sources tile topology",
    },
    "swsim": {
        "base": "",
        "trace": "base",
        "foreign": "trace",
        "onchip": "trace",
        "cosim": "onchip trace",
        "settings": "cosim trace",
        "integration": "base",
        "sources": "base",
        "neurons": "base integration",
        "synapses": "base integration",
        "plasticity": "base synapses",
        "kernels": "base integration neurons plasticity synapses",
        "recording": "kernels",
        "codegen": "base kernels neurons plasticity synapses",
        "engine": "base cosim kernels neurons recording settings sources synapses",
        "pynn": (
            "base codegen cosim engine kernels neurons onchip plasticity recording settings sources synapses trace"
        ),
        "__init__": "cosim onchip pynn settings trace",
        "precompile": "__init__ cosim trace",
    },
    "bridge": {
        "lazy_names": "",
        "json_text": "",
        "text_table": "",
        "si_text": "",
        "process": "",
        "errors": "",
        "versions": "",
        "tile_grid": "",
        "config": "errors lazy_names text_table",
        "engines": "tile_grid",
        "mapping": "config engines errors lazy_names tile_grid",
        "limits": "config engines errors mapping",
        "waves": "engines",
        "metrics": "config engines mapping si_text tile_grid",
        "traffic": "config engines lazy_names mapping metrics tile_grid",
        "onchip": "config engines errors lazy_names mapping tile_grid",
        "fpga": "engines errors json_text mapping onchip text_table tile_grid versions",
        "comparison": "engines errors metrics text_table",
        "saved_run": "comparison config limits mapping metrics onchip",
        "tables": "config engines errors limits mapping metrics",
        "plots": "comparison config engines lazy_names mapping metrics tile_grid traffic waves",
        "report": "comparison config engines lazy_names mapping metrics plots si_text tile_grid traffic versions",
        "run": (
            "comparison config engines json_text limits mapping metrics onchip plots report saved_run tables "
            "text_table versions"
        ),
        "session": "config engines limits mapping",
        "core_waves": "engines onchip waves",
        "core_work": "engines metrics onchip",
        "core_session": "config core_waves core_work engines errors fpga limits mapping metrics onchip waves",
        "core_evidence": "comparison core_session engines metrics onchip",
        "export": "config engines errors mapping onchip tile_grid",
        "finished": "comparison core_evidence core_session metrics onchip run session",
        "chip": "comparison config core_session engines export finished limits mapping run session waves",
        "mapped_trace": "chip config mapping text_table versions",
        "mapped_front": "config mapped_trace mapping text_table versions",
        "user_script": "errors fpga",
        "profiling": "text_table",
        "apps": "",
        "bench": "apps chip config engines errors fpga json_text mapped_trace mapping traffic versions",
        "area": "bench config errors fpga",
        "explore": (
            "area bench chip comparison config engines errors json_text lazy_names mapping metrics run si_text "
            "user_script versions"
        ),
        "cli": (
            "apps area bench chip comparison config engines errors explore export fpga json_text mapped_front "
            "mapped_trace mapping metrics onchip process profiling report run si_text tables text_table traffic "
            "user_script versions waves"
        ),
        "__init__": "chip comparison config errors lazy_names mapped_front mapped_trace mapping run waves",
    },
}

MAX_LINES = 400
MAX_MODULES = 20

# Modules longer than this need a test of their own name, or a line in COVERED_BY.
UNTESTED_LINES = 100

# Which test covers a module that has none of its own name, and a package that has no folder of tests.
COVERED_BY = {
    "bridge/finished.py": "tests/bridge/test_chip.py",
    "bridge/bench/table_iv.py": "tests/bridge/cli/test_bench_table_iv.py",
    "bridge/cli/bench/table_iv.py": "tests/bridge/cli/test_bench_table_iv.py",
    "bridge/config/blocks.py": "tests/bridge/config/test_limits.py",
    "bridge/cli/presets.py": "tests/bridge/cli/test_commands.py",
    "bridge/session.py": "tests/bridge/test_chip.py",
    "bridge/mapping/tile_mapping.py": "tests/bridge/mapping/test_mapper.py",
    "bridge/mapped_front.py": "tests/bridge/cli/test_map_front.py",
    "bridge/mapped_trace.py": "tests/bridge/cli/test_map.py",
    "bridge/mapping/search/front.py": "tests/bridge/cli/test_map_front.py",
    "swsim/kernels/synapses/frame.py": "tests/swsim/engine/test_lock_step.py",
    "bridge/cli/bench/every.py": "tests/bridge/cli/test_bench_all.py",
    "bridge/profiling/flame.py": "tests/bridge/profiling/test_profiling.py",
    "bridge/profiling/stacks.py": "tests/bridge/profiling/test_profiling.py",
    "bridge/mapping/search/automatic.py": "tests/bridge/mapping/search/test_find.py",
    "bridge/mapping/search/attempts.py": "tests/bridge/mapping/search/test_find.py",
    "bridge/config/technology_terms.py": "tests/bridge/config/test_technology.py",
    "bridge/config/energy_price.py": "tests/bridge/config/test_energy_table.py",
    "bridge/config/energy_terms.py": "tests/bridge/config/test_energy_table.py",
    "bridge/mapping/placement/balance_kernel.py": "tests/bridge/mapping/placement/test_on_chip.py",
    "bridge/mapping/placement/costs.py": "tests/bridge/mapping/placement/test_loads.py",
    "bridge/mapping/placement/nsga.py": "tests/bridge/mapping/placement/test_pareto.py",
    "bridge/mapping/placement/walks.py": "tests/bridge/mapping/placement/test_loads.py",
    "bridge/mapping/placement/distances.py": "tests/bridge/mapping/placement/methods/test_methods.py",
    "bridge/mapping/placement/methods/exact.py": "tests/bridge/mapping/placement/methods/test_methods.py",
    "bridge/mapping/placement/methods/kernels.py": "tests/bridge/mapping/placement/methods/test_methods.py",
    "bridge/mapping/placement/methods/starts.py": "tests/bridge/mapping/placement/methods/test_methods.py",
    "bridge/metrics/run_data.py": "tests/bridge/metrics/test_summary.py",
    "bridge/metrics/congestion/ways.py": "tests/bridge/metrics/congestion/test_load.py",
    "bridge/fpga/design.py": "tests/bridge/fpga/test_boards.py",
    "bridge/fpga/flow.py": "tests/bridge/fpga/test_build.py",
    "bridge/fpga/report.py": "tests/bridge/fpga/test_build.py",
    "rtl/core/block_ram.py": "tests/rtl/core/test_weight_ram.py",
    "rtl/fpga/board/clock_source.py": "tests/rtl/fpga/board/test_board_top.py",
    "bridge/waves/neuron_save.py": "tests/bridge/waves/test_neuron_recorder.py",
    "bridge/cli/export.py": "tests/bridge/export/test_command.py",
    "bridge/explore/names.py": "tests/bridge/explore/test_space.py",
    "bridge/explore/trial.py": "tests/bridge/explore/test_exploration.py",
    "bridge/explore/running/evaluation.py": "tests/bridge/explore/running/test_workers.py",
    "bridge/explore/running/job.py": "tests/bridge/explore/results/test_command.py",
    "bridge/export/core_bench.py": "tests/bridge/export/test_testbench.py",
    "bridge/export/network_bench.py": "tests/bridge/export/test_testbench.py",
    "bridge/export/random_network.py": "tests/bridge/export/test_testbench.py",
    "bridge/export/traffic.py": "tests/bridge/export/test_testbench.py",
    "rtl/core/config_word.py": "tests/rtl/core/test_payload.py",
    "rtl/core/neuron.py": "tests/rtl/core/test_neurosynaptic_core.py",
    "rtl/core/neurons.py": "tests/rtl/core/test_neurosynaptic_core.py",
    "rtl/core/spike_sender.py": "tests/rtl/core/test_neurosynaptic_core.py",
    "rtl/core/truenorth.py": "tests/rtl/core/test_neurosynaptic_core.py",
    "rtl/core/typed_synapses.py": "tests/rtl/core/test_neurosynaptic_core.py",
    "rtl/export/core_header.py": "tests/rtl/export/test_core_chip.py",
    "rtl/fpga/command_port.py": "tests/rtl/fpga/test_hosted_chip.py",
    "rtl/fpga/counters.py": "tests/rtl/fpga/test_hosted_chip.py",
    "rtl/fpga/host_bridge.py": "tests/rtl/fpga/test_hosted_chip.py",
    "rtl/fpga/link_input.py": "tests/rtl/fpga/test_link.py",
    "rtl/fpga/link_output.py": "tests/rtl/fpga/test_link.py",
    "rtl/fpga/message_port.py": "tests/rtl/fpga/test_hosted_chip.py",
    "rtl/router/input_unit.py": "tests/rtl/router/test_wormhole_router.py",
    "rtl/router/output_unit.py": "tests/rtl/router/test_wormhole_router.py",
    "rtl/router/route_unit.py": "tests/rtl/router/test_wormhole_router.py",
    "rtl/router/switch.py": "tests/rtl/router/test_wormhole_router.py",
    "rtl/routing/relation.py": "tests/rtl/routing/test_relations.py",
    "rtl/rules.py": "tests/rtl/test_params.py",
    "swsim/__init__.py": "tests/swsim/pynn/test_unavailable.py",
    "swsim/cosim.py": "tests/swsim/pynn/test_on_chip.py",
    "swsim/codegen/equations.py": "tests/swsim/codegen/test_neuron_model.py",
    "swsim/codegen/neuron_definition.py": "tests/swsim/codegen/test_neuron_model.py",
    "swsim/codegen/neuron_source.py": "tests/swsim/codegen/test_neuron_model.py",
    "swsim/codegen/synapse_definition.py": "tests/swsim/codegen/test_synapse_model.py",
    "swsim/codegen/synapse_source.py": "tests/swsim/codegen/test_synapse_model.py",
    "swsim/codegen/user_functions.py": "tests/swsim/pynn/extensions/test_define_synapse.py",
    "swsim/kernels/synapses/short_term.py": "tests/swsim/engine/test_compiled_synapses.py",
    "swsim/kernels/synapses/spike_timing.py": "tests/swsim/engine/test_compiled_synapses.py",
    "swsim/plasticity/compiled_pre_post.py": "tests/swsim/engine/test_compiled_synapses.py",
    "swsim/plasticity/compiled_timing.py": "tests/swsim/engine/test_compiled_synapses.py",
    "swsim/synapses/compiled_group.py": "tests/swsim/engine/test_compiled_synapses.py",
    "swsim/engine/on_chip.py": "tests/swsim/pynn/test_on_chip.py",
    "swsim/kernels/dispatch.py": "tests/swsim/engine/test_called_kernels.py",
    "swsim/kernels/frame.py": "tests/swsim/engine/test_called_kernels.py",
    "swsim/kernels/hodgkin_huxley.py": "tests/swsim/engine/test_called_kernels.py",
    "swsim/kernels/leaky.py": "tests/swsim/engine/test_called_kernels.py",
    "swsim/kernels/lif.py": "tests/swsim/engine/test_compiled_network.py",
    "swsim/kernels/loop.py": "tests/swsim/engine/test_compiled_network.py",
    "swsim/kernels/network.py": "tests/swsim/engine/test_compiled_network.py",
    "swsim/kernels/runge_kutta.py": "tests/swsim/engine/test_called_kernels.py",
    "swsim/neurons/conductance_based.py": "tests/swsim/neurons/test_lif.py",
    "swsim/neurons/point_neuron.py": "tests/swsim/pynn/standardmodels/test_cells.py",
    "swsim/pynn/connectors/fixed_total_number.py": "tests/swsim/pynn/connectors/test_standard.py",
    "swsim/pynn/interfaces.py": "tests/swsim/pynn/test_network.py",
    "swsim/pynn/standardmodels/point_neuron.py": "tests/swsim/pynn/standardmodels/test_cells.py",
    "bridge/bench/mapping_networks.py": "tests/bridge/bench/test_mapping.py",
    "bridge/bench/networks.py": "tests/bridge/bench/test_simulators.py",
    "bridge/cli/bench/engines.py": "tests/bridge/cli/test_commands.py",
    "bridge/cli/foreign.py": "tests/bridge/cli/test_replay_foreign.py",
    "bridge/cli/main.py": "tests/bridge/cli/test_commands.py",
    "bridge/cli/options.py": "tests/bridge/cli/test_commands.py",
    "bridge/cli/outcome.py": "tests/bridge/cli/test_commands.py",
    "bridge/cli/run.py": "tests/bridge/cli/test_commands.py",
    "bridge/cli/traffic/command.py": "tests/bridge/cli/test_commands.py",
    "bridge/config/presets": "tests/bridge/config/test_presets.py",
    "bridge/config/schema.py": "tests/bridge/config/test_chip_config.py",
    "bridge/core_session.py": "tests/bridge/test_chip_on_chip.py",
    "bridge/engines/__init__.py": "tests/bridge/traffic/test_measurement.py",
    "bridge/engines/base.py": "tests/bridge/engines/test_amaranth.py",
    "bridge/engines/cores/base.py": "tests/bridge/engines/cores/test_image.py",
    "bridge/engines/cores/amaranth.py": "tests/bridge/engines/cores/test_engines.py",
    "bridge/engines/cores/checks.py": "tests/bridge/engines/cores/test_refusals.py",
    "bridge/engines/cores/compiled.py": "tests/bridge/engines/cores/test_engines.py",
    "bridge/engines/cores/contents.py": "tests/bridge/engines/cores/test_engines.py",
    "bridge/engines/cores/observer.py": "tests/bridge/engines/cores/test_engines.py",
    "bridge/engines/ledger.py": "tests/bridge/engines/test_amaranth.py",
    "bridge/engines/native/build.py": "tests/bridge/engines/test_compiled_cache.py",
    "bridge/engines/native/core_circuit.py": "tests/bridge/engines/cores/test_engines.py",
    "bridge/engines/native/cores_library.py": "tests/bridge/engines/cores/test_engines.py",
    "bridge/engines/native/cut.py": "tests/bridge/engines/test_compiled.py",
    "bridge/engines/native/exchange.py": "tests/bridge/test_chip_carried.py",
    "bridge/engines/native/functions.py": "tests/bridge/engines/test_compiled.py",
    "bridge/engines/native/glue.py": "tests/bridge/engines/test_compiled.py",
    "bridge/engines/native/islands.py": "tests/bridge/engines/cores/test_engines.py",
    "bridge/engines/native/library.py": "tests/bridge/engines/test_compiled.py",
    "bridge/engines/scoreboard.py": "tests/bridge/engines/test_amaranth.py",
    "bridge/metrics/hardware_log_checks.py": "tests/bridge/metrics/test_hardware_log.py",
    "bridge/tables/run_tables.py": "tests/bridge/tables/test_export.py",
    "bridge/tables/table.py": "tests/bridge/tables/test_detail_tables.py",
    "bridge/metrics/metric.py": "tests/bridge/metrics/test_summary.py",
    "bridge/onchip/cells.py": "tests/bridge/onchip/test_convert.py",
    "bridge/onchip/destinations.py": "tests/bridge/onchip/test_convert.py",
    "bridge/onchip/images.py": "tests/bridge/onchip/test_convert.py",
    "bridge/onchip/neuron_arrays.py": "tests/bridge/onchip/test_model.py",
    "bridge/onchip/program.py": "tests/bridge/onchip/test_convert.py",
    "bridge/onchip/variables.py": "tests/bridge/onchip/test_refusals.py",
    "bridge/fpga/board.py": "tests/bridge/fpga/test_host_link.py",
    "bridge/fpga/link_end.py": "tests/rtl/fpga/test_link.py",
    "bridge/fpga/serial_port.py": "tests/bridge/fpga/test_host_link.py",
    "bridge/fpga/self_test.py": "tests/bridge/fpga/test_engine.py",
    "bridge/fpga/simulated": "tests/bridge/fpga/test_simulated.py",
    "bridge/fpga/simulated/gates.py": "tests/bridge/fpga/test_simulated.py",
    "bridge/fpga/simulated/line.py": "tests/bridge/fpga/test_simulated.py",
    "bridge/plots/load_curves.py": "tests/bridge/plots/test_plots.py",
    "bridge/plots/rhythm.py": "tests/bridge/plots/test_plots.py",
    "bridge/plots/mesh_load.py": "tests/bridge/report/test_figures.py",
    "bridge/plots/latencies.py": "tests/bridge/report/test_figures.py",
    "bridge/plots/tiles.py": "tests/bridge/report/test_figures.py",
    "bridge/plots/spikes.py": "tests/bridge/report/test_figures.py",
}


@cache
def declared() -> set[str]:
    """The import names of the distributions that the project depends on, those for boards and tables included."""
    extras = PROJECT["project"]["optional-dependencies"]
    lines = PROJECT["project"]["dependencies"] + extras["fpga"] + extras["sonata"] + extras["tables"]
    lines += extras["explore"] + extras["dask"] + extras["profile"] + ["sqlalchemy"]  # the last comes with Optuna
    required = {_normal(re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0]) for line in lines}
    installed = metadata.packages_distributions()
    found = {name for name, owners in installed.items() if required & {_normal(owner) for owner in owners}}
    # A distribution that is a single extension module is not listed there, but is called like its module.
    return found | {name.replace("-", "_") for name in required}


def _normal(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def sources(folder: str) -> list[Path]:
    return sorted(path for path in (ROOT / folder).rglob("*.py"))


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(("synaptile", *parts)).removesuffix(".__init__")


def imports(text: str, module: str, *, package: bool) -> Iterator[tuple[int, str]]:
    """Line and full name of everything that a module imports, relative imports resolved, strings included."""
    parents = module.split(".") if package else module.split(".")[:-1]
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = parents[: len(parents) - node.level + 1] if node.level else []
            for alias in node.names:
                yield node.lineno, ".".join([*base, *([node.module] if node.module else []), alias.name])
        elif isinstance(node, ast.Call):
            function = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            named = node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
            if function in ("import_module", "__import__") and named:
                name: str = node.args[0].value  # type: ignore[attr-defined]
                level = len(name) - len(name.lstrip("."))
                base = parents[: len(parents) - level + 1] if level else []
                yield node.lineno, ".".join([*base, name[level:]])


def owner(name: str) -> str:
    """The part of an imported name that the rules speak of: ``numpy``, ``synaptile.rtl``."""
    parts = name.split(".")
    return ".".join(parts[:2]) if parts[0] == "synaptile" else parts[0]


def strangers(folder: str, found: Iterator[tuple[int, str]]) -> list[str]:
    """What a folder imports against the rules, as ``line: name``."""
    allowed = ALLOWED.get(folder, declared() | {f"synaptile.{other}" for other in FOLDERS})
    allowed = allowed | sys.stdlib_module_names | {f"synaptile.{folder}"}
    return [f"{line}: {name}" for line, name in found if owner(name) not in allowed]


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_import_arrows(folder: str) -> None:
    assert sources(folder)
    wrong = []
    for path in sources(folder):
        found = imports(path.read_text(), module_of(path), package=path.name == "__init__.py")
        wrong += [f"{path.relative_to(ROOT)}:{stranger}" for stranger in strangers(folder, found)]
    assert not wrong


@pytest.mark.parametrize(
    ("folder", "line", "caught"),
    [
        ("rtl", "import numpy as np", True),
        ("rtl", "from synaptile.swsim import Trace", True),
        ("rtl", "from synaptile import bridge", True),
        ("rtl", "from .. import swsim", True),
        ("rtl", "from ..bridge import Chip", True),
        ("rtl", "def f():\n    import importlib\n    importlib.import_module('numpy')", True),
        ("rtl", "from .params import NetworkParams\nimport amaranth.sim\nfrom . import mesh\nimport re", False),
        ("swsim", "from amaranth.hdl import Module", True),
        ("swsim", "import synaptile.rtl", True),
        ("swsim", "import numpy.typing\nfrom pyNN import common\nfrom ..swsim import trace", False),
        ("bridge", "import harness", True),
        ("bridge", "import pytest", True),
        ("bridge", "import yaml, vcd\nfrom synaptile.rtl import Mesh\nfrom ..swsim import trace", False),
    ],
)
def test_the_arrows_are_seen(folder: str, line: str, caught: bool) -> None:
    assert bool(strangers(folder, imports(line, f"synaptile.{folder}.module", package=False))) == caught


def unit(module: str) -> tuple[str, str]:
    """The one of the three that a module belongs to, and its package or top module there."""
    _, folder, *rest = module.split(".")
    return folder, rest[0] if rest else "__init__"


def imported_modules(path: Path, module: str, known: Collection[str]) -> set[str]:
    """The modules among ``known`` that a file imports, wherever the import stands: submodules, or their names."""
    found = set()
    for _, name in imports(path.read_text(), module, package=path.name == "__init__.py"):
        while name and name not in known:
            name = name.rpartition(".")[0]
        if name and name != module:
            found.add(name)
    return found


@cache
def graph() -> Mapping[str, frozenset[str]]:
    """What every module of the three imports of them."""
    paths = {module_of(path): path for folder in FOLDERS for path in sources(folder)}
    return {module: frozenset(imported_modules(path, module, paths)) for module, path in paths.items()}


def against_the_layers(arrows: Mapping[str, Collection[str]]) -> list[str]:
    """Imports from one package or top module to another that LAYERS does not allow."""
    wrong = []
    for module, targets in arrows.items():
        folder, own = unit(module)
        for target in sorted(targets):
            other_folder, other = unit(target)
            if folder == other_folder and own != other and other not in LAYERS[folder].get(own, "").split():
                wrong.append(f"{module} imports {target}")
    return wrong


def circle(arrows: Mapping[str, Collection[str]]) -> list[str]:
    """Some modules each of which imports the next, and the last the first; none if there are no such."""
    left = {module: set(targets) for module, targets in arrows.items()}
    while True:
        lowest = {module for module, targets in left.items() if not targets & left.keys()}
        if not lowest:
            break
        left = {module: targets for module, targets in left.items() if module not in lowest}
    path: list[str] = []
    while left:
        module = min(left if not path else left[path[-1]] & left.keys())
        if module in path:
            return path[path.index(module) :]
        path.append(module)
    return []


@pytest.mark.parametrize("folder", FOLDERS)
def test_layers_lists_all_packages_and_only_arrows_downward(folder: str) -> None:
    assert set(LAYERS[folder]) == {unit(module_of(path))[1] for path in sources(folder)}
    lower: set[str] = set()
    for name, allowed in LAYERS[folder].items():
        assert set(allowed.split()) <= lower, f"{name} may import what stands below it in LAYERS"
        lower.add(name)


def test_the_layers_are_kept() -> None:
    assert against_the_layers(graph()) == []


def test_no_circle_of_files() -> None:
    assert circle(graph()) == []


@pytest.mark.parametrize(
    ("module", "line", "layer", "closed"),
    [
        ("rtl.topology", "from .params import NetworkParams", True, True),
        ("rtl.topology", "def f():\n    from .params import NetworkParams", True, True),
        ("swsim.pynn.simulator", "if TYPE_CHECKING:\n    from .populations import Population", False, True),
        ("swsim.base.archive", "from ..trace import Trace", True, True),
        ("swsim.base.arrays", "from . import archive", False, False),
        ("bridge.engines.base", "from synaptile.bridge.cli import traffic", True, True),
        ("bridge.cli.main", "from ..chip import Chip", False, False),
    ],
)
def test_upward_arrows_and_circles_are_seen(module: str, line: str, layer: bool, closed: bool, tmp_path: Path) -> None:
    (tmp_path / "module.py").write_text(line)
    name = f"synaptile.{module}"
    added = imported_modules(tmp_path / "module.py", name, graph())
    arrows = {**graph(), name: graph()[name] | added}
    assert bool(against_the_layers(arrows)) == layer
    assert bool(circle(arrows)) == closed


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("folder", FOLDERS)
def test_modules_and_folders_are_small(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".h", ".cc")]
    assert [f"{path.relative_to(ROOT)}: {lines_of(path)}" for path in files if lines_of(path) > MAX_LINES] == []
    modules = Counter(path.parent.relative_to(ROOT).as_posix() for path in sources(folder) if path.stem != "__init__")
    assert {name: count for name, count in modules.items() if count > MAX_MODULES} == {}


def folder_of_tests(path: Path) -> Path:
    """Where the tests of a module, or of the modules of a folder, belong."""
    return ROOT / "tests" / path.relative_to(ROOT)


def uncovered() -> set[str]:
    """Long modules without a test of their own name, and packages without a folder of tests."""
    found = set()
    for folder in FOLDERS:
        for path in sources(folder):
            test = folder_of_tests(path.parent) / f"test_{path.name}"
            if lines_of(path) > UNTESTED_LINES and not test.is_file():
                found.add(path.relative_to(ROOT).as_posix())
            if path.name == "__init__.py" and not any(folder_of_tests(path.parent).glob("test_*.py")):
                found.add(path.parent.relative_to(ROOT).as_posix())
    return found


def test_every_long_module_and_every_package_has_its_tests() -> None:
    assert sorted(uncovered() - COVERED_BY.keys()) == [], "add a test of that name, or a line in COVERED_BY"
    assert sorted(COVERED_BY.keys() - uncovered()) == [], "has a test of its own: its line in COVERED_BY can go"


def reached(test: Path) -> set[str]:
    """The modules of the three that a test imports, itself or by way of what it imports."""
    arrows: dict[str, Collection[str]] = {**graph()}
    support = {f"support.{path.stem}": path for path in (ROOT / "tests" / "support").glob("*.py")}
    for module, path in support.items():
        arrows[module] = imported_modules(path, module, {*graph(), *support})
    left, found = imported_modules(test, "test", arrows), set[str]()
    if "synaptile.bridge.cli.main" in left:
        # It imports a command when that is named.
        left |= {f"synaptile.bridge.cli.{name}" for name in re.findall(r'"(\w+)"', test.read_text())} & {*arrows}
    while left:
        module = left.pop()
        found.add(module)
        left |= {*arrows[module]} - found
    return found


@pytest.mark.parametrize(("covered", "test"), COVERED_BY.items(), ids=list(COVERED_BY))
def test_what_covers_a_module_uses_it(covered: str, test: str) -> None:
    assert (ROOT / test).is_file()
    modules = reached(ROOT / test)
    if (ROOT / covered).is_dir():
        package = module_of(ROOT / covered / "__init__.py")
        assert any(module == package or module.startswith(f"{package}.") for module in modules)
    else:
        assert module_of(ROOT / covered) in modules


def test_what_covers_nothing_is_seen() -> None:
    modules = reached(ROOT / "tests" / "rtl" / "test_packet.py")
    assert "synaptile.rtl.packet" in modules
    assert "synaptile.bridge.chip" not in modules


def test_every_folder_of_modules_is_packaged() -> None:
    folders = {path.parent.relative_to(ROOT) for folder in FOLDERS for path in sources(folder)}
    expected = {".".join(("synaptile", *folder.parts)): folder.as_posix() for folder in folders}
    expected["pyNN.synaptile"] = "pynn_backend"
    assert PROJECT["tool"]["setuptools"]["package-dir"] == expected
    assert sorted(PROJECT["tool"]["setuptools"]["packages"]) == sorted(expected)
    for folder in folders:
        assert (ROOT / folder / "__init__.py").is_file(), f"{folder} has modules but no __init__.py"


def test_everything_that_is_installed_is_pinned() -> None:
    """With ``constraints.txt`` an installation is repeatable: each dependency is in it, with a version that will do."""
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pins = {_normal(name): version for name, _, version in (line.partition("==") for line in lines)}
    assert len(pins) == len(lines)
    wanted = list(PROJECT["project"]["dependencies"])
    for extra in ("fpga", "sonata", "tables", "explore", "dask", "test", "dev"):
        wanted += PROJECT["project"]["optional-dependencies"][extra]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(pins[_normal(requirement.name)]), requirement


def test_every_other_file_of_a_package_is_packaged_as_its_data() -> None:
    folders: dict[str, str] = PROJECT["tool"]["setuptools"]["package-dir"]
    patterns: dict[str, list[str]] = PROJECT["tool"]["setuptools"]["package-data"]
    packaged = {
        file for package, globs in patterns.items() for glob in globs for file in (ROOT / folders[package]).glob(glob)
    }
    found = {
        path
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.is_file()
        and path.suffix not in (".py", ".pyc")
        and not path.name.startswith(".")
        # Numba keeps what it has compiled there.
        and "__pycache__" not in path.parts
    }
    assert sorted(str(path.relative_to(ROOT)) for path in found - packaged) == []
    for package, globs in patterns.items():
        for glob in globs:
            assert any((ROOT / folders[package]).glob(glob)), f"nothing in {package} matches {glob}"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_package_is_typed(folder: str) -> None:
    assert (ROOT / folder / "py.typed").is_file()


def test_the_type_checker_s_links_lead_to_the_packages() -> None:
    links = {path.name: path for path in (ROOT / ".typing" / "synaptile").iterdir()}
    assert set(links) == set(FOLDERS)
    for folder, link in links.items():
        assert link.is_symlink()
        assert not link.readlink().is_absolute()
        assert link.resolve() == (ROOT / folder).resolve()


def committed() -> list[Path]:
    """The files of the repository, those still to be committed included."""
    run = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        pytest.skip(f"not a git repository: {run.stderr.strip()}")
    return [path for name in run.stdout.split("\0") if name and (path := ROOT / name).is_file()]


# Put together here, so that this file does not contain what it looks for.
_HOMES = ("home/" + r"\w", "Users/" + r"\w", "root/")
HOMES = re.compile("|".join([*(rf"(?<![\w.])/{place}" for place in _HOMES), r"C:\\+Users\\"]).encode())


def test_no_file_names_a_place_on_someone_s_machine() -> None:
    found = []
    for path in committed():
        text = path.read_bytes()
        match = HOMES.search(text)
        if match or (len(ROOT.parts) > 2 and str(ROOT).encode() in text):
            found.append(str(path.relative_to(ROOT)))
    assert not found


@pytest.mark.parametrize("text", ["open('/{}/ann/x')", "cd /{}/ann", "C:\\{}\\ann"])
@pytest.mark.parametrize("place", ["home", "root", "Users"])
def test_such_places_are_seen(text: str, place: str) -> None:
    expected = place == "Users" or "C:" not in text
    assert bool(HOMES.search(text.format(place).encode())) == expected


@pytest.mark.parametrize("text", ["https://example.org/home/page", "the root/leaf", "examples/home/x", "~/x"])
def test_others_are_not(text: str) -> None:
    assert not HOMES.search(text.encode())


@pytest.mark.parametrize("module", [module_of(path) for folder in FOLDERS for path in sources(folder)])
def test_every_public_name_exists(module: str) -> None:
    imported = importlib.import_module(module)
    names = getattr(imported, "__all__", ())
    assert len(set(names)) == len(names)
    assert [name for name in names if not hasattr(imported, name)] == []

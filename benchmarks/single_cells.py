"""The processor time of single cells at fine steps: the first run of a process, another one, and many short runs.

``python benchmarks/single_cells.py [--peer nest]``; with a peer the same script runs on that backend of PyNN, in an
environment that has it. See README.md beside this file.
"""

import argparse
import importlib
import json
import platform
import subprocess
import sys
import time

TIMESTEP = 0.01  # ms
DURATION = 200.0  # ms: 20,000 steps
SHORT = 2000  # runs

CELLS = {
    "EIF_cond_exp_isfa_ista": {"i_offset": 1.0},
    "EIF_cond_alpha_isfa_ista": {"i_offset": 1.0},
    "HH_cond_exp": {"i_offset": 0.5},
    "Izhikevich": {"i_offset": 0.01},
    "IF_cond_exp": {"i_offset": 1.0},
    "IF_cond_alpha": {"i_offset": 1.0},
    "IF_curr_exp": {"i_offset": 1.0},
    "IF_curr_alpha": {"i_offset": 1.0},
    "IF_cond_exp_gsfa_grr": {"i_offset": 1.0},
    "GIF_cond_exp": {"i_offset": 1.0},
}
SOURCES = {
    "none": None,
    "DCSource": {"amplitude": 0.1, "start": 20.0, "stop": 350.0},
    "StepCurrentSource": {"times": [20.0, 160.0, 320.0], "amplitudes": [0.1, -0.1, 0.2]},
    "ACSource": {"amplitude": 0.1, "frequency": 40.0, "start": 0.0, "stop": 1000.0},
    "NoisyCurrentSource": {"mean": 0.1, "stdev": 0.05, "start": 0.0, "stop": 1000.0, "dt": TIMESTEP},
}


def measure(backend: str, cell: str, source: str) -> dict[str, float]:
    """Return processor times (s) of one cell in this process, which must be a fresh one."""
    name = "synaptile.swsim" if backend == "synaptile" else f"pyNN.{backend}"
    sim = importlib.import_module(name)
    sim.setup(timestep=TIMESTEP, min_delay=TIMESTEP)
    cells = sim.Population(1, getattr(sim, cell)(**CELLS[cell]))
    cells.record(["spikes", "v"])
    parameters = SOURCES[source]
    if parameters is not None:
        getattr(sim, source)(**parameters).inject_into(cells)
    begun = time.process_time()
    sim.run(DURATION)
    first = time.process_time() - begun
    begun = time.process_time()
    sim.run(DURATION)
    found = {"first": first, "run": time.process_time() - begun}
    begun = time.process_time()
    for _ in range(SHORT):
        sim.run(10 * TIMESTEP)
    found["short"] = time.process_time() - begun
    return found


def main() -> None:
    """Print a table, a line for each case, and the versions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", default="synaptile", help="a backend of PyNN in this environment, such as nest")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.case:
        cell, source = options.case.split(",")
        print(json.dumps(measure(options.peer, cell, source)))
        return
    print(f"{options.peer}, Python {platform.python_version()}, {platform.machine()}")
    print(f"one cell, {DURATION:g} ms at {TIMESTEP:g} ms, v recorded at each step; processor time in s")
    print(f"{'cell':26s}{'source':20s}{'first run':>10s}{'run':>8s}{f'{SHORT} short':>12s}")
    cases = [(cell, "none") for cell in CELLS] + [("EIF_cond_exp_isfa_ista", source) for source in list(SOURCES)[1:]]
    for cell, source in cases:
        command = [sys.executable, __file__, "--peer", options.peer, "--case", f"{cell},{source}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{cell:26s}{source:20s}  failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        found = json.loads(done.stdout.strip().splitlines()[-1])
        print(f"{cell:26s}{source:20s}{found['first']:10.3f}{found['run']:8.3f}{found['short']:12.3f}", flush=True)


if __name__ == "__main__":
    main()

"""A chip for a network, chosen in Python: the front of latency and energy, as a table and a picture.

python examples/choose_a_chip.py
"""

from pathlib import Path

from matplotlib.figure import Figure

from synaptile.bridge.explore import Study, explore
from synaptile.bridge.explore.results.plot import draw_front

HERE = Path(__file__).parent

if __name__ == "__main__":  # with workers, each of them imports this file
    study = Study(
        script=str(HERE / "balanced_network.py"),
        arguments=["synaptile"],
        chip={"preset": "demo", "crossbar": "128x16"},
        space={
            "partition": {"choice": ["in-order", "km1"]},
            "placement": {"choice": ["in-order", "optimised"]},
            "cycles_per_step": {"choice": [16, 64]},
        },
        objectives=["latency_mean", "energy"],
        sampler="grid",
    )
    found = explore(study)
    print(found)
    figure = Figure(figsize=(5, 4), layout="constrained")
    draw_front(figure.add_subplot(), found)
    figure.savefig("front.png")

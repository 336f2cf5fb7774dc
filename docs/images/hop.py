"""Draws hop.png: a packet of two flits crosses a router from west to east, as the simulated circuit does it.

Usage: python docs/images/hop.py [FOLDER]   (default: the folder of this file)
"""

import sys
import tempfile
from pathlib import Path

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.report.figures import to_png, wave_figure
from synaptile.bridge.waves.recorder import VcdRecorder
from synaptile.rtl import NetworkParams

CLOCK_HZ = 100e6
CYCLES = range(0, 5)
ROUTER = "chip.tile_0_1"
ROWS = [
    ("west input", ""),
    ("valid", f"{ROUTER}.west_in.valid"),
    ("ready", f"{ROUTER}.west_in.ready"),
    ("flit", f"{ROUTER}.west_in.kind"),
    ("flits in the queue", f"{ROUTER}.west_in.level"),
    ("east output", ""),
    ("valid", f"{ROUTER}.east_out.valid"),
    ("ready", f"{ROUTER}.east_out.ready"),
    ("flit", f"{ROUTER}.east_out.kind"),
    ("connected to", f"{ROUTER}.east_out.chosen"),
    ("held", f"{ROUTER}.east_out.held"),
    ("owner", f"{ROUTER}.east_out.owner"),
]


def record(path: Path) -> None:
    """Run the packet from tile (0, 0) to tile (0, 2), and record the router between them."""
    with VcdRecorder(path, clock_hz=CLOCK_HZ, tiles=[(0, 1)]) as waves:
        engine = AmaranthEngine(NetworkParams(rows=1, cols=3, neurons=4), waves=waves)
        # Created in cycle 0, on the link to the router in cycle 1.
        engine.inject(Packets(cycle=[0], source=[0], destination=[2], neuron=[1], stamp=[0]))
        engine.run(8)


def main() -> None:
    """Run it and write the picture."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    with tempfile.TemporaryDirectory() as temporary:
        dump = Path(temporary) / "hop.vcd"
        record(dump)
        title = "A packet of two flits crosses a router"
        figure = wave_figure(dump, ROWS, CYCLES, clock_hz=CLOCK_HZ, title=title)
    (folder / "hop.png").write_bytes(to_png(figure))


if __name__ == "__main__":
    main()

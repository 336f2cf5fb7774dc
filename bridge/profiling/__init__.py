"""Where the time of a run goes: ``synaptile profile``."""

from .flame import draw_flame_graph
from .phases import PHASES, phase_of
from .stacks import Profile, profiled

__all__ = ["PHASES", "Profile", "draw_flame_graph", "phase_of", "profiled"]

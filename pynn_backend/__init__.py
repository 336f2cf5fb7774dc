"""``pyNN.synaptile``: what PyNN's ``get_simulator`` imports for the name "synaptile".

Installed beside PyNN's own back ends, so that ``python script.py synaptile`` works in any process, as for NEST or
Brian2. The module is `synaptile.swsim` itself, under a second name.
"""

import sys

import synaptile.swsim

# Whoever imports this gets what stands here: one module with one state, whichever name it was imported by.
sys.modules[__name__] = synaptile.swsim

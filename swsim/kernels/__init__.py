"""Compiled loops: the simulation loop, and the same neurons, synapses and recording as in NumPy."""

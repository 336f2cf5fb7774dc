"""Synapses: the edge list, its compressed rows, delivery through a ring buffer, and what changes with use."""

"""Kernels of synapses with a state, and how the loop calls them."""

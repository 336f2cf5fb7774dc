"""The neurosynaptic core of a tile: axon events, synapses, neurons."""

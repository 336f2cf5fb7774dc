"""Neurons and synapses defined by equations and rules, from text or Python to compiled functions."""

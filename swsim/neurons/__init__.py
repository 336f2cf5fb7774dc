"""Neuron models: a file for each, and what they share."""

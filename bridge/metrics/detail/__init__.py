"""Figures of each neuron, connection, pair of populations, link and router, and over time; made when asked for."""

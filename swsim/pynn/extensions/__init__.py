"""Cells, plasticity and definitions that PyNN does not have."""

"""Projections, their connections, and recorded weights."""

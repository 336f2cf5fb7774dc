"""Trials as they are run: what a worker is told, what it does, and where workers are."""

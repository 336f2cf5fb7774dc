"""PyNN's standard models."""

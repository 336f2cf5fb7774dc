"""The engine: populations of neurons and sources, step by step, in NumPy or in compiled loops."""

"""Waveforms of a running chip: VCD, and save files that decode it in a viewer."""

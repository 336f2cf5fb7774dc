"""Circuits around a chip, or a part of it, on an FPGA."""

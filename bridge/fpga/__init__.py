"""Onto a board: the chip with its top level, through synthesis, place and route to a bitstream."""

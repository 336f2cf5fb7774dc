"""Measurements of speed, run by hand or by ``synaptile bench``; never part of the tests."""

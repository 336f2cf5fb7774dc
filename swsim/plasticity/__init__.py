"""Rules of plasticity."""

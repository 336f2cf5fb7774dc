"""Rules of plasticity: spike timing, triplets, and reward."""

"""The engine's buffers for recorded data: every spike, and samples of variables; PyNN's recorders read them."""

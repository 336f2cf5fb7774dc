"""The compiled engine's native code: a tile's circuit as C++, the harness around it, the compiler and its cache."""

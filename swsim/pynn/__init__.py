"""The PyNN 0.13 backend on top of the engine; users import `synaptile.swsim`."""

"""Methods of integration: exact, exponential Euler, Runge-Kutta, with and without a choice of steps."""

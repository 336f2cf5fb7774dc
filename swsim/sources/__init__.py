"""Sources of spikes and of electrode currents."""

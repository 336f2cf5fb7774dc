"""The neuron with a current against the emulator of Loihi in Nengo, where that is installed (`make peers`)."""

import warnings

import numpy as np
import pytest

from synaptile.swsim.neurons.fixed_point import FixedPointCurrentLIF

pytestmark = pytest.mark.slow

STEPS = 600


@pytest.fixture(scope="module")
def emulator():
    """Makes the emulator's state of n compartments; skips the test where there is none."""
    with warnings.catch_warnings():
        # It is as old as Loihi's first generation, and says so to newer versions of Nengo.
        warnings.simplefilter("ignore")
        pytest.importorskip("nengo_loihi", reason="nengo-loihi is not installed here", exc_type=ImportError)
        from nengo_loihi.block import LoihiBlock
        from nengo_loihi.emulator.interface import BlockInfo, CompartmentState

    def make(**settings):
        block = LoihiBlock(len(settings["vth"]))
        vars(block.compartment).update({name: np.asarray(values, np.int32) for name, values in settings.items()})
        vars(block.compartment).update(vmin=-(2**23), vmax=2**23 - 1, scale_u=False, scale_v=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # it makes arrays of whole numbers from NaN
            return CompartmentState(BlockInfo([block]))

    return make


@pytest.mark.parametrize("seed", range(5))
def test_currents_potentials_and_spikes_are_the_emulators(emulator, seed):
    """There a current keeps 4095 - its decay of 4096, a neuron fires above its threshold, and the refractory period
    counts the step of the spike.
    """
    rng = np.random.default_rng(seed)
    n = 200
    u_decay = rng.choice([100, 512, 4095, *rng.integers(60, 4096, 20)], n)
    v_decay = rng.choice([0, 1, 128, 4095, 4096, *rng.integers(0, 4097, 20)], n)
    threshold = rng.choice([64, 5000, 2**17, 2**22], n) + rng.integers(0, 64, n)
    bias, period = rng.integers(-200, 400, n), rng.integers(1, 64, n)
    theirs = emulator(vth=threshold, bias=bias, decay_u=u_decay, decay_v=v_decay, refract_delay=period)
    ours = FixedPointCurrentLIF(
        {
            "bits": np.full(n, 24), "u_decay": u_decay + 1, "v_decay": v_decay, "weight_shift": np.full(n, 6),
            "bias": bias, "v_thresh": threshold + 1, "v_reset": np.zeros(n), "subtract": np.zeros(n),
            "refractory": period - 1,
        }
    )  # fmt: skip
    ours.prepare(1.0)
    spikes, noise = 0, np.random.RandomState(0)  # of which none is used
    for _ in range(STEPS):
        weights = rng.integers(-120, 160, n) * (rng.random(n) < 0.2)
        theirs.input[0] = weights << 6
        theirs.update(noise)
        fired = ours.advance(np.array([np.maximum(weights, 0), np.minimum(weights, 0)], float), None)
        assert ours.state["u"].tolist() == theirs.current.tolist()
        assert fired.tolist() == np.flatnonzero(theirs.spiked).tolist()
        assert ours.state["v"].tolist() == theirs.voltage.tolist()
        spikes += len(fired)
    assert spikes > 1000

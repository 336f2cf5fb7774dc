"""Weight dependences: how much one pair of spikes changes a weight, and the bounds."""

import numpy as np
import pytest
from support.single_synapse import run, synapse, weight

from synaptile.swsim.plasticity.weight_dependence import WEIGHT_DEPENDENCES


@pytest.mark.parametrize("dependence", WEIGHT_DEPENDENCES)
@pytest.mark.parametrize("gap", [8, -8])
def test_one_pair_of_spikes(dependence, gap):
    extra = {"mu_plus": 0.3, "mu_minus": 0.7} if dependence == "gutig" else {}
    model = synapse(dependence=dependence, w_min=0.4, weight=0.9, **extra)
    # A dendritic delay of one step: the spikes meet at the synapse `gap` steps apart.
    run(model, [20], [19 + gap])
    up, down = {
        "additive": (1.6, 1.6),
        "multiplicative": (1.1, 0.5),
        "mixed": (1.6, 0.5),
        "gutig": (1.6 * (1.1 / 1.6) ** 0.3, 1.6 * (0.5 / 1.6) ** 0.7),
    }[dependence]
    expected = 0.01 * up * np.exp(-4 / 15) if gap > 0 else -0.012 * down * np.exp(-4 / 30)
    assert weight(model) - 0.9 == pytest.approx(expected, rel=1e-12)


def test_bounds_must_be_in_order():
    _, bounds, *_ = WEIGHT_DEPENDENCES["additive"].rules
    with pytest.raises(ValueError, match=r"^w_max must be at least w_min, not 0$"):
        bounds({"w_min": np.array(1.0), "w_max": np.array(0.0)})

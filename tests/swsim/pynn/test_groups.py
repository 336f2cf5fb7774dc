import synaptile.swsim as sim
from synaptile.swsim.pynn.groups import members, root


def test_groups_are_taken_apart():
    sim.setup()
    first, second = sim.Population(4, sim.IF_curr_exp()), sim.Population(3, sim.IF_curr_exp())
    view = first[1:4][0:2]
    assert members(first) == [first]
    assert members(view) == [view]
    assert members(view + second) == [view, second]
    assert root(view) is first
    assert root(first) is first

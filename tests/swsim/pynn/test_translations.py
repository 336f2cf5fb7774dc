from pyNN.standardmodels import cells

from synaptile.swsim.pynn.translations import identity_translations, same_names


def test_parameters_are_translated_to_themselves_both_ways():
    translations = identity_translations(cells.IF_curr_exp)
    assert set(translations) == set(cells.IF_curr_exp.default_parameters)
    for name, translation in translations.items():
        ways = [translation[key] for key in ("translated_name", "forward_transform", "reverse_transform")]
        assert ways == [name] * 3


def test_names_keep_their_order():
    assert list(same_names(("weight", "delay"))) == ["weight", "delay"]

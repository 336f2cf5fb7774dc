from synaptile.swsim import settings


def test_set_defaults_replaces_all():
    assert settings.defaults == settings.Defaults()
    try:
        settings.set_defaults(seed=3, progress=print)
        assert settings.defaults == settings.Defaults(None, 3, print, None)
    finally:
        settings.set_defaults()
    assert settings.defaults == settings.Defaults()

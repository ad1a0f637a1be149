import gc

from im.processes.collector import spare_imports


def test_what_is_imported_is_not_looked_through_again() -> None:
    assert len(gc.get_objects()) > 10_000

    spare_imports()
    left = len(gc.get_objects())
    gc.unfreeze()

    assert left < 1_000

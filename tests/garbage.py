"""When Python looks for garbage in a long run: a tenth of its time, as Python comes."""

import gc


def collect_seldom() -> None:
    """Look through nothing that is there now, and less often through what is new."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)

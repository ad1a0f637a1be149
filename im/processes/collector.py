"""What Python's garbage collector need not look at."""

import gc


def spare_imports() -> None:
    """Leave all that is there now out of every further collection.

    Modules and the schema are a hundred thousand objects that live as long as the
    process. Looking through them takes 0.1 s, in which nothing is answered, and
    comes round with every dozen of large answers.
    """
    gc.collect()
    gc.freeze()

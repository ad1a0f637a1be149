"""The arguments that lists share."""

from typing import Annotated

import strawberry

First = Annotated[
    int | None,
    strawberry.argument(description="How many rows from the start of the list, 1 to 100."),
]
After = Annotated[
    str | None, strawberry.argument(description="Begin after the row of this `endCursor`.")
]
Last = Annotated[
    int | None,
    strawberry.argument(description="How many rows from the end instead of `first`, 1 to 100."),
]
Before = Annotated[
    str | None, strawberry.argument(description="With `last`: end before this `startCursor`.")
]
GlobalId = Annotated[strawberry.ID, strawberry.argument(description="The global id.")]

"""What a job is given."""

from typing import TypedDict

from operations.runtime import Runtime


class Ctx(TypedDict):
    """arq's context, with what we put into it at start."""

    runtime: Runtime

"""What an actor may see, for everything in the graph that reads."""

from operations.access.scope import scope_of

__all__ = ["scope_of"]

"""How reads of many keys are gathered: a loader for each question."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Generic, Protocol, TypeVar

from strawberry.dataloader import DataLoader

from models.reads.scope import Scope

A = TypeVar("A")
T = TypeVar("T")
Read = Callable[[Scope, Collection[str]], Awaitable[Mapping[str, T]]]


class MakeLoader(Protocol):
    """Makes a loader of a read, within the actor's scope."""

    def __call__(self, read: Read[T], /) -> DataLoader[str, T | None]:
        """Return a loader; a key without a row gives None."""
        ...


class Each(Generic[A, T]):
    """A loader for each set of arguments that its fields were asked with."""

    def __init__(self, make: Callable[[A], DataLoader[str, T | None]]) -> None:
        """Make a loader when its arguments come up."""
        self._make = make
        self._loaders: dict[A, DataLoader[str, T | None]] = {}

    def __getitem__(self, arguments: A) -> DataLoader[str, T | None]:
        """Return the loader of these arguments, always the same."""
        if arguments not in self._loaders:
            self._loaders[arguments] = self._make(arguments)
        return self._loaders[arguments]

"""Which end of a list comes first."""

from enum import StrEnum


class SortDirection(StrEnum):
    """A direction."""

    ASC = "ASC"
    DESC = "DESC"

"""Where service levels are written, and the refusal to start without any."""

from importlib.resources import files
from pathlib import Path
from typing import Final

from im.refusal import StartRefusedError
from operations.runtime import Runtime
from operations.sla.first_policy import first_policy
from operations.sla.look import PolicySource

_USUAL: Final = Path("sla_config.yaml")


def policy_source(path: Path | None) -> PolicySource:
    """Return the file at a path; for None the usual one, with the packaged one as its spare."""
    if path is not None:
        return PolicySource(path=path)
    return PolicySource(path=_USUAL, spare=Path(str(files("policies") / _USUAL.name)))


async def need_policy(runtime: Runtime) -> None:
    """Raise StartRefusedError when no service levels are in force and the file has none."""
    if (fault := await first_policy(runtime)) is not None:
        raise StartRefusedError(f"{fault}; `im sla check` looks at a file")

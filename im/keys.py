"""The keys that seal vendor credentials: from the settings, or from a file of our own."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from im.refusal import StartRefusedError
from im.values import KEY_BYTES, CredentialKey
from models.sealed import Key, KeyRing

_FILE: Final = "credential.key"
_FILE_KEY_ID: Final = "file"


def key_ring(
    given: Sequence[CredentialKey], *, folder: Path, random_bytes: Callable[[int], bytes]
) -> KeyRing:
    """Return the keys given, or the one in the folder's ``credential.key``.

    The file is made at the first start, readable by its owner only. Raises
    StartRefusedError when it is not what was made.
    """
    keys = [Key(id=key.id, secret=key.key) for key in given]
    if not keys:
        keys = [Key(id=_FILE_KEY_ID, secret=_from_file(folder / _FILE, random_bytes))]
    return KeyRing(keys, random_bytes=random_bytes)


def _from_file(path: Path, random_bytes: Callable[[int], bytes]) -> bytes:
    with suppress(FileExistsError):
        fresh = path.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, random_bytes(KEY_BYTES))
            os.fsync(descriptor)
            # A link fails where the file is there: two first starts agree on one key.
            os.link(fresh, path)
        finally:
            os.close(descriptor)
            fresh.unlink()
    secret = path.read_bytes()
    if len(secret) != KEY_BYTES:
        raise StartRefusedError(
            f"{path} has {len(secret)} bytes and must have 32; restore it from a backup,"
            " or delete it and set all credentials again"
        )
    return secret

"""Replaces what a file holds, wholly or not at all."""

import os
import tempfile
from pathlib import Path

from konductor.errors import KonductorError


def rewrite(path: Path, content: bytes) -> None:
    """Give a file a new content, with its mode and owner as they were.

    What was there stays until all of the new is on the disk. A link stays one, to the same file.

    Raises:
        KonductorError: it cannot be written; it is as it was.
    """
    try:
        _replace(path.resolve(strict=True), content)
    except OSError as error:
        raise KonductorError(
            f"{path} cannot be written: {error.strerror or error}", hint="it is as it was"
        ) from error


def _replace(path: Path, content: bytes) -> None:
    before = path.stat()
    if not os.access(path, os.W_OK):
        raise PermissionError(None, "the file is read-only")
    handle, fresh = tempfile.mkstemp(prefix=".koncli-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fchmod(file.fileno(), before.st_mode & 0o7777)
            os.fsync(file.fileno())
        Path(fresh).replace(path)
    except BaseException:
        Path(fresh).unlink(missing_ok=True)
        raise

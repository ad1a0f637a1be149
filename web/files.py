"""Static files, kept by browsers as long as their names allow."""

import os
import re
from typing import Final

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

# ``graphiql-U3FMLFM4.js``: the build puts a hash of the content into the name.
_HASHED: Final = re.compile(r"-[A-Z0-9]{8}\.\w+$")
_YEAR: Final = "public, max-age=31536000, immutable"
_ASK_FIRST: Final = "no-cache"


class Files(StaticFiles):
    """A folder of files; those named after their content never change."""

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """Answer with the file, and say how long it may be kept."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        is_hashed = _HASHED.search(os.fspath(full_path)) is not None
        response.headers["Cache-Control"] = _YEAR if is_hashed else _ASK_FIRST
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

"""
Everything Mesh can refuse, and how it says so.

* MeshError               (an answer in the error envelope)
  + BadRequest            400
  + Unauthorized          401
  + NotFound              404
  + MethodNotAllowed      405
  + RequestTimeout        408
  + Conflict              409
  + PayloadTooLarge       413
  + UnsupportedMediaType  415
  + DefinitionMissing     500, which the bot waits for before it registers a definition
* StartupError            (the server cannot start; one line says why)
"""

from __future__ import annotations

from typing import ClassVar


class MeshError(Exception):
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, code: str | None = None, details: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details = details

    def envelope(self) -> dict[str, object]:
        error = {"message": self.message, "code": self.code, "details": self.details}
        return {"success": False, "error": {key: value for key, value in error.items() if value is not None}}


class BadRequest(MeshError):
    status = 400


class Unauthorized(MeshError):
    status = 401


class NotFound(MeshError):
    status = 404


class MethodNotAllowed(MeshError):
    status = 405


class RequestTimeout(MeshError):
    status = 408


class Conflict(MeshError):
    status = 409


class PayloadTooLarge(MeshError):
    status = 413


class UnsupportedMediaType(MeshError):
    status = 415


class DefinitionMissing(MeshError):
    status = 500

    def __init__(self, type_name: str) -> None:
        super().__init__(
            f'Internal error: Content definition for type "{type_name}" not found.', code="CONTENT_CREATE_ERR"
        )


class StartupError(Exception):
    """
    The server cannot start; the text says why, in one line.
    """

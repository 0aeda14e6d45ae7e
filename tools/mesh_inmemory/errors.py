"""
Everything Mesh can refuse, and how it says so.

* MeshError                    (an answer in the error envelope)
  + BadRequestError            400
  + UnauthorizedError          401
  + NotFoundError              404
  + MethodNotAllowedError      405
  + NotAcceptableError         406
  + RequestTimeoutError        408
  + ConflictError              409
  + PayloadTooLargeError       413
  + UnsupportedMediaTypeError  415
  + DefinitionMissingError     500, which the bot waits for before it registers a definition
  + UnavailableError           503
* StartupError                 (the server cannot start; one line says why)
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


class BadRequestError(MeshError):
    status = 400


class UnauthorizedError(MeshError):
    status = 401


class NotFoundError(MeshError):
    status = 404


class MethodNotAllowedError(MeshError):
    status = 405


class NotAcceptableError(MeshError):
    status = 406


class RequestTimeoutError(MeshError):
    status = 408


class ConflictError(MeshError):
    status = 409


class PayloadTooLargeError(MeshError):
    status = 413


class UnsupportedMediaTypeError(MeshError):
    status = 415


class DefinitionMissingError(MeshError):
    status = 500

    def __init__(self, type_name: str) -> None:
        super().__init__(
            f'Internal error: Content definition for type "{type_name}" not found.', code="CONTENT_CREATE_ERR"
        )


class UnavailableError(MeshError):
    status = 503


class StartupError(Exception):
    """
    The server cannot start; the text says why, in one line.
    """


def not_installed(error: ModuleNotFoundError) -> str:
    """
    What to say, and what to type, when one of the server's own libraries is missing.
    """
    return f"{error.name} is not installed; try: pip install -e '.[record]'"

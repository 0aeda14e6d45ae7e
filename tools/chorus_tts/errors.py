"""
Everything Chorus can refuse, and how it says so.

* ChorusError                  (an answer in the error envelope, or an ``error`` event)
  + BadRequestError            400
  + UnauthorizedError          401
  + NotFoundError              404
    - UnknownVoiceError        404, with the voices there are
  + MethodNotAllowedError      405
  + RequestTimeoutError        408
  + PayloadTooLargeError       413
  + UnsupportedMediaTypeError  415
  + UnspeakableError           422, a text that no voice can say
  + NotReadyError              503
* StartupError                 (the server cannot start; one line says why)
"""

from __future__ import annotations

from typing import ClassVar


class ChorusError(Exception):
    status: ClassVar[int] = 500

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.message = message
        self.code = code

    def envelope(self) -> dict[str, object]:
        return {"error": {"code": self.code, "message": self.message}}


class BadRequestError(ChorusError):
    status = 400


class UnauthorizedError(ChorusError):
    status = 401


class NotFoundError(ChorusError):
    status = 404


class UnknownVoiceError(NotFoundError):
    pass


class MethodNotAllowedError(ChorusError):
    status = 405


class RequestTimeoutError(ChorusError):
    status = 408


class PayloadTooLargeError(ChorusError):
    status = 413


class UnsupportedMediaTypeError(ChorusError):
    status = 415


class UnspeakableError(ChorusError):
    status = 422


class NotReadyError(ChorusError):
    status = 503


class StartupError(Exception):
    """
    The server cannot start; the text says why, in one line.
    """


def not_installed(error: ModuleNotFoundError) -> str:
    """
    What to say, and what to type, when one of the server's own libraries is missing.
    """
    extra = "kokoro" if error.name == "onnxruntime" else "chorus"
    return f"{error.name} is not installed; try: pip install -e '.[{extra}]'"

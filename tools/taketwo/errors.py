"""
Everything the toolkit can raise.

* TakeTwoError
  + MissingPackage         (a package of an extra is needed, and not installed)
  + ConfigError            (``[tool.taketwo]`` cannot be used; lists every mistake)
  + CassetteError
    - CassetteFormatError  (the file is damaged, or of a version this release does not know)
    - CassetteBusy         (another process records or changes it, and does not end)
  + RecordingRefused            (a recording that must not reach the disk)
    - SecretLeak           (a secret is still in it)
  + ServiceError           (a service did not start, died, or could not be reset)
    - ServiceUnreachable   (nothing listens at its address)
  + ContractError          (a contract could not be fetched or read)
  + StoreError             (what is kept outside of the repository is missing, damaged, or cannot be reached)
  + LateRequest            (a thread or task of a test asks for something after the test has ended)
  + NetworkBlocked         (something tried to reach what may not be reached now)
* Unanswered               (a request of a test finds no recorded answer, and none can be recorded)
  + CassetteNotFound       (the test has no cassette)
  + NoMatch                (its cassette has no answer to the request)
  + CannotRecord           (its client can be neither recorded nor replayed)
  + QuotaExceeded          (its service refuses it for the number of requests, longer than is waited)
  + WaitsForever           (with a fault: the client waits, or repeats the request, without an end)
  + RepeatedRequest        (with a fault: the client repeats a request that the service may have carried out)

Every message says what happened, what was nearest or expected, and what to type next.
None holds the value of a secret.
"""

from __future__ import annotations


class TakeTwoError(Exception):
    """
    The base of every error the toolkit raises on purpose.
    """


class MissingPackage(TakeTwoError):  # noqa: N818 - it reads as what happened
    """
    A package of an extra is needed, and not installed; the message has the command that installs it.
    """


class ConfigError(TakeTwoError):
    """
    ``[tool.taketwo]`` cannot be used; the message lists every mistake.
    """


class CassetteError(TakeTwoError):
    """
    Something about one cassette.
    """


class CassetteFormatError(CassetteError):
    """
    A cassette that cannot be read; the message names file, line and reason.

    ``place`` are the steps from the top of the file to what is wrong, where that is known.
    """

    def __init__(self, message: str, place: tuple[str | int, ...] = ()) -> None:
        super().__init__(message)
        self.place = place


class CassetteBusy(CassetteError):  # noqa: N818 - it reads as what happened
    """
    Another process has it, and did not let it go in time.
    """


class RecordingRefused(TakeTwoError):  # noqa: N818 - it reads as what happened
    """
    A recording that must not reach the disk.
    """


class SecretLeak(RecordingRefused):
    """
    A secret is still in the recording after redaction; the message names the place, never the value.
    """


class ServiceError(TakeTwoError):
    """
    A service did not start, died, or could not be reset.
    """


class ServiceUnreachable(ServiceError):  # noqa: N818 - it reads as what happened
    """
    Nothing listens at the address of a service, or its host has no address; ``reason`` says which.
    """

    def __init__(self, call: str, reason: str) -> None:
        super().__init__(f"{call}: {reason}")
        self.reason = reason


class ContractError(TakeTwoError):
    """
    A contract could not be fetched, or is not what its kind promises.
    """


class StoreError(TakeTwoError):
    """
    What is kept outside of the repository is missing or damaged, or its store cannot be reached.
    """


class LateRequest(TakeTwoError):  # noqa: N818 - it reads as what happened
    """
    A thread or a task of a test asks for something after the test has ended.
    """


class NetworkBlocked(TakeTwoError, RuntimeError):  # noqa: N818 - it reads as what happened
    """
    Something tried to reach a host while the network is closed; a ``RuntimeError``, as with pytest-recording.

    ``advice`` says who closed it and how to allow the host, where the message does not.
    """

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class Unanswered(BaseException):
    """
    A request of a test finds no recorded answer.

    It is no ``Exception``, as the outcomes of pytest are none: no ``except Exception`` of the code under test
    hides it, no client wraps it (openai, anthropic, botocore), and no retry repeats the request (tenacity).

    While tests run it replaces ``vcr.errors.CannotOverwriteExistingCassetteException``, so that
    who catches that one catches this: ``cassette`` and ``failed_request`` are what VCR.py itself gives it.
    """

    def __init__(self, *messages: object, cassette: object = None, failed_request: object = None) -> None:
        if not messages and failed_request is not None:
            messages = (f"the cassette {getattr(cassette, '_path', '')} has no answer to {failed_request}",)
        super().__init__(*messages)
        self.cassette = cassette
        self.failed_request = failed_request


class CassetteNotFound(Unanswered):
    """
    The test has no cassette.
    """


class NoMatch(Unanswered):
    """
    The cassette has no unplayed answer to the request.
    """


class CannotRecord(Unanswered):
    """
    The client of the request can be neither recorded nor replayed.
    """


class QuotaExceeded(Unanswered):
    """
    The service refuses the request for the number of requests, and does so for longer than is waited.
    """


class WaitsForever(Unanswered):
    """
    With a fault that the test asks for, its client waits or repeats a request without an end.
    """


class RepeatedRequest(Unanswered):
    """
    With a fault of ``repeat=False``, the client sends a request again that the service may have carried out.
    """

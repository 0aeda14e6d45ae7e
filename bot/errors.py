"""
Everything the bot's service layer can raise.

* BotError
  + SettingsError            (the environment cannot be used; every mistake at once)
  + InvalidValueError        (an action was given what it cannot take, and sent nothing; a ValueError too)
  + NotAllowedError          (the user may not do this to that thing)
  + MeshError                (a call to Mesh failed)
    - MeshRejectedError      (Mesh answered and said no)
      . MeshNotFoundError    (there is no such thing)
      . MeshConflictError    (there already is something with this id)
      . MeshNoDefinitionError  (content of a type whose definition the tenant does not have yet)
    - MeshGraphQLError       (a GraphQL document could not be executed)
    - MeshAnswerError        (what came back is not Mesh's language)
    - MeshUnreachableError   (nothing came back)
    - MeshTimeoutError       (nothing came back in time)
  + ChorusError              (something could not be spoken)
    - ChorusRejectedError    (Chorus answered and said no)
    - ChorusAnswerError      (what came back is not Chorus's language)
    - ChorusUnreachableError (no connection, or it broke before the speech was complete)
    - ChorusTimeoutError     (no sign of life in time)
  + HearingError             (speech could not be written down)
    - HearingRejectedError   (the recogniser answered and said no)
    - HearingAnswerError     (what came back is no transcription)
    - HearingUnreachableError (no connection, or it broke before the answer was complete)
    - HearingTimeoutError    (no complete answer in time)

A message names the call, its method and path, and never holds a secret: whoever raises masks first.
"""

from __future__ import annotations


class BotError(Exception):
    """
    The base of every error the service layer raises on purpose.
    """


class SettingsError(BotError):
    """
    The environment cannot be used; *problems* holds one sentence for each mistake.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        return "\n".join(("the bot's settings cannot be used:", *(f"  - {each}" for each in self.problems)))


class InvalidValueError(BotError, ValueError):
    """
    An action was given what it cannot take: an empty title, an id that is none. Nothing was sent.
    """


class NotAllowedError(BotError):
    """
    The user may not do this to that thing; *action* is a verb: read, change, delete, share.
    """

    def __init__(self, user_id: str, action: str, resource_type: str, resource_id: str) -> None:
        super().__init__(user_id, action, resource_type, resource_id)
        self.user_id = user_id
        self.action = action
        self.resource_type = resource_type
        self.resource_id = resource_id

    def __str__(self) -> str:
        return f"user {self.user_id} may not {self.action} {self.resource_type} {self.resource_id}"


class MeshError(BotError):
    """
    A call to Mesh failed; *call* is its method and path.
    """

    def __init__(self, call: str, reason: str) -> None:
        super().__init__(call, reason)
        self.call = call
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.call}: {self.reason}"


class MeshRejectedError(MeshError):
    """
    Mesh answered and said no; *code* is its own word for it, where it has one.
    """

    def __init__(self, call: str, status: int, code: str | None, message: str) -> None:
        super().__init__(call, message)
        # Exceptions travel between processes by their arguments.
        self.args = (call, status, code, message)
        self.status = status
        self.code = code
        self.message = message

    def __str__(self) -> str:
        named = " ".join(filter(None, (str(self.status), self.code)))
        return f"{self.call}: Mesh refused, {named}: {self.message}{self._advice()}"

    def _advice(self) -> str:
        unauthorized = 401
        if self.status != unauthorized:
            return ""
        return " (are MESH_SHARED_SECRET and BOT_CONTROL_SHARED_SECRET the ones Mesh was started with?)"


class MeshNotFoundError(MeshRejectedError):
    """
    Mesh has no such thing, or not for this tenant.
    """


class MeshConflictError(MeshRejectedError):
    """
    Mesh already has something with the id that was to be given.
    """


class MeshNoDefinitionError(MeshRejectedError):
    """
    The tenant has no definition of this type of content; register it and repeat the call.
    """


class MeshGraphQLError(MeshError):
    """
    Mesh could not execute a GraphQL document; *messages* are its errors, in order.
    """

    def __init__(self, call: str, messages: tuple[str, ...]) -> None:
        super().__init__(call, "; ".join(messages))
        self.args = (call, messages)
        self.messages = messages

    def __str__(self) -> str:
        return f"{self.call}: GraphQL errors: {self.reason}"


class MeshAnswerError(MeshError):
    """
    What came back is not what Mesh promises: a proxy's page, half a body, an answer without its data.
    """

    def __init__(self, call: str, status: int, reason: str) -> None:
        super().__init__(call, reason)
        self.args = (call, status, reason)
        self.status = status

    def __str__(self) -> str:
        return f"{self.call}: status {self.status}, but {self.reason}"


class MeshUnreachableError(MeshError):
    """
    The connection could not be made, or broke before the answer was complete.
    """

    def __str__(self) -> str:
        return f"{self.call}: Mesh cannot be reached: {self.reason}"


class MeshTimeoutError(MeshError):
    """
    The answer was not complete in time; whether Mesh did what it was asked is not known.
    """

    def __init__(self, call: str, seconds: float) -> None:
        super().__init__(call, f"no complete answer within {seconds:g} s (MESH_TIMEOUT)")
        self.args = (call, seconds)
        self.seconds = seconds


class ChorusError(BotError):
    """
    Something could not be spoken; *call* is what was asked of Chorus.
    """

    def __init__(self, call: str, reason: str) -> None:
        super().__init__(call, reason)
        self.call = call
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.call}: {self.reason}"


class ChorusRejectedError(ChorusError):
    """
    Chorus answered and said no: an unknown voice, a text that cannot be spoken, a wrong key.

    *status* is that of the HTTP answer; None when it was said over an open connection, which is then still
    usable.
    """

    def __init__(self, call: str, status: int | None, message: str) -> None:
        super().__init__(call, message)
        self.args = (call, status, message)
        self.status = status
        self.message = message

    def __str__(self) -> str:
        named = f", {self.status}" if self.status else ""
        return f"{self.call}: Chorus refused{named}: {self.message}{self._advice()}"

    def _advice(self) -> str:
        return " (is KOKORO_TTS_API_KEY one of its keys?)" if self.status in {401, 403} else ""


class ChorusAnswerError(ChorusError):
    """
    What came back is not what Chorus promises: another server's page, a greeting that is none.
    """

    def __str__(self) -> str:
        return f"{self.call}: this is not how Chorus answers: {self.reason}"


class ChorusUnreachableError(ChorusError):
    """
    The connection could not be made, or broke before the speech was complete.
    """

    def __str__(self) -> str:
        return f"{self.call}: Chorus cannot be reached: {self.reason}"


class ChorusTimeoutError(ChorusError):
    """
    There was no sign of life in time.
    """

    def __init__(self, call: str, seconds: float) -> None:
        super().__init__(call, f"nothing came for {seconds:g} s (KOKORO_TTS_TIMEOUT)")
        self.args = (call, seconds)
        self.seconds = seconds


class HearingError(BotError):
    """
    Speech could not be written down; *call* is what was asked of the recogniser.
    """

    def __init__(self, call: str, reason: str) -> None:
        super().__init__(call, reason)
        self.call = call
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.call}: {self.reason}"


class HearingRejectedError(HearingError):
    """
    The recogniser answered and said no; *status* is that of its answer.
    """

    def __init__(self, call: str, status: int, message: str) -> None:
        super().__init__(call, message)
        self.args = (call, status, message)
        self.status = status

    def __str__(self) -> str:
        advice = " (is BOT_STT_API_KEY one of its keys?)" if self.status in {401, 403} else ""
        return f"{self.call}: the recogniser refused, {self.status}: {self.reason}{advice}"


class HearingAnswerError(HearingError):
    """
    What came back is not what a recogniser promises: another server's page, an answer without a text.
    """

    def __str__(self) -> str:
        return f"{self.call}: this is not how a recogniser answers: {self.reason}"


class HearingUnreachableError(HearingError):
    """
    The connection could not be made, or broke before the answer was complete.
    """

    def __str__(self) -> str:
        return f"{self.call}: the recogniser cannot be reached: {self.reason}"


class HearingTimeoutError(HearingError):
    """
    The answer was not complete in time.
    """

    def __init__(self, call: str, seconds: float) -> None:
        super().__init__(call, f"no complete answer within {seconds:g} s (BOT_STT_TIMEOUT)")
        self.args = (call, seconds)
        self.seconds = seconds

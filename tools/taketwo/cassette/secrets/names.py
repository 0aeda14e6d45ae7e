"""
Which names say that a value is a secret: headers, parameters, fields, members, arguments, cookies alike.

A name is read by its words, split where kebab, snake and camel case split them. The last word says what the
value is: ``token_type`` is a type and ``max_tokens`` are tokens, neither is a token.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache


class Kind(Enum):
    """
    What a name says about its value.

    * ``LISTED`` is a name that the project lists: whatever is there is a secret
    * ``STORED`` is one under which a cassette that is played has a secret: each text there is one
    * ``SECRET`` holds nothing but secrets: a password, an access token
    * ``CREDENTIAL`` holds a secret, or a word or an address that is none: a token, a session
    * ``RANDOM`` holds a secret only where the value looks random: a key, a signature, a code
    * ``CODE`` is a code that somebody types, of a few digits
    """

    HARMLESS = "harmless"
    LISTED = "listed"
    STORED = "stored"
    SECRET = "secret"  # noqa: S105 - the word
    CREDENTIAL = "credential"
    RANDOM = "random"
    CODE = "code"


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SEPARATORS = re.compile(r"[-_. ]")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Words that are often written together; of the others that end so, such as "monkey", none is a secret.
_COMPOUNDS = re.compile(
    r"(?:(.*?)(api|app|access|secret|private|signing|account|auth|master|encryption|subscription|session|"
    r"shared)(key)|"
    r"(.*?)(connect)(sid)|(.*)(sess)(id)|(.*?)(session)(id|token|key)|"
    r"(.*?)(auth|id|access|refresh|csrf|xsrf|middleware)(token)|(connection)(string)|(saml)(response|request|art)|"
    r"(.+)(token|secret|password|passwd|passphrase|passcode|credentials?)|(password)(confirmation|confirm))"
)
_WRITTEN_APART = frozenset(
    {
        ("connection", "string"),
        ("connection", "strings"),
        ("connection", "str"),
        ("conn", "str"),
        ("seed", "phrase"),
        ("recovery", "phrase"),
    }
)
_SECRETS = _set("password passwd passw passphrase pwd passcode secret authorization authorisation mnemonic")
_CREDENTIALS = _set(
    "token tokens session sess sid sessid cookie cookies auth authentication credential "
    "credentials jwt csrf xsrf bearer pass dpop secrets ticket clearance remember saml"
)
_RANDOM = _set("key keys signature sig code hmac verifier assertion sas dsn crumb")
# A sum of what anybody may see is none, that of a secret is.
_SUMS = _set("hash digest")
_SUMMED = _set("api password passwd pass pwd passphrase secret token auth session hmac key pin otp csrf")
_CODES = _set("otp totp hotp pin cvv cvc cvv2 tan mfa")
# Behind these the word before counts: a password that is confirmed is a password.
_TAILS = _set(
    "value text plain raw confirmation confirm confirmed again repeat old new current header b64 "
    "base64 encoded encrypted hex data str string"
)
# Words that only behind a secret are part of its name: "id_token_hint", "secret_key_base", "appsecret_proof".
_TAILS_OF = {"hint": _set("token"), "base": _set("key"), "proof": _set("secret")}
_SECRET_KEYS = _set(
    "api access secret private signing encryption master account auth subscription server "
    "service deploy shared hmac webhook admin app ssh session integration primary secondary "
    "consumer functions"
)
_SECRET_TOKENS = _set(
    "access refresh id auth api bearer session csrf xsrf middleware csrfmiddleware reset bot "
    "user app client security authenticity verification confirmation invite invitation device "
    "registration personal deploy oauth oauth2 service secret webhook share download upload "
    "magic login signin remember temporary sas vault request admin private account password"
)
_PAGES = _set("page next previous prev continuation cursor sync pagination start resume marker change delta")
_HARMLESS_BEFORE = {
    "key": _set(
        "public primary foreign sort partition cache idempotency object routing message "
        "translation project issue i18n group hash range map metric event index lookup dedup "
        "deduplication"
    ),
    "code": _set(
        "status error country currency zip postal language lang area exit reason response "
        "product color source http result return state region airport qr bar promo discount"
    ),
    "signature": _set("thought thinking reasoning"),
    "session": _set("parallel work training"),
}
_TYPED_CODES = _set(
    "verification auth authorization mfa otp sms confirmation security recovery backup device "
    "invite pairing login"
)


def words_of(name: str) -> list[str]:
    """
    The words of *name*, in lower case.
    """
    found: list[str] = []
    for word in _WORD.findall(name):
        found += _parts_of(word.lower())
    return found


def _parts_of(word: str) -> list[str]:
    compound = _COMPOUNDS.fullmatch(word)
    parts = [part for part in compound.groups() if part] if compound else [word]
    return [*_parts_of(parts[0]), *parts[1:]] if len(parts) > 1 else parts


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind:
    """
    What *name* says about its value.
    """
    words = words_of(name)
    if tuple(words[-2:]) in _WRITTEN_APART:
        return Kind.SECRET
    while len(words) > 1 and _is_tail(words):
        words.pop()
    if not words:
        return Kind.HARMLESS
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last == "id" and before in {"session", "sess", "sid"}:
        return Kind.CREDENTIAL
    if words[0] == "saml":
        return Kind.RANDOM
    return _kind(last, before, words)


def _is_tail(words: list[str]) -> bool:
    last = words[-1]
    return last in _TAILS or last.isdigit() or words[-2] in _TAILS_OF.get(last, ())


def _kind(last: str, before: str, words: list[str]) -> Kind:
    kind = Kind.HARMLESS
    if last in _SECRETS:
        kind = Kind.SECRET
    elif last in _CODES or (last in {"code", "codes"} and before in _TYPED_CODES):
        kind = Kind.CODE
    elif before in _HARMLESS_BEFORE.get(last.removesuffix("s"), ()):
        kind = Kind.SECRET if (before, last) == ("primary", "key") and "account" in words else Kind.HARMLESS
    elif last in _CREDENTIALS:
        kind = _kind_of_token(before, words) if last == "token" else Kind.CREDENTIAL
    elif last in _SUMS:
        kind = Kind.RANDOM if before in _SUMMED else Kind.HARMLESS
    elif last in _RANDOM:
        kind = Kind.SECRET if last == "key" and before in _SECRET_KEYS else Kind.RANDOM
    return kind


def _kind_of_token(before: str, words: list[str]) -> Kind:
    if _PAGES.intersection(words):
        return Kind.HARMLESS
    return Kind.SECRET if before in _SECRET_TOKENS else Kind.CREDENTIAL


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """
    *name* without what separates its words, as names that a project lists are compared.
    """
    return _SEPARATORS.sub("", name).lower()

"""
Which values under a doubtful name are secrets: by length, alphabet and how random they look.

Numbers, short words, dates, addresses and sentences are none.
"""

from __future__ import annotations

import re
from collections import Counter
from math import log2

from taketwo.cassette.secrets.names import Kind

_NO_SECRETS = re.compile(
    "true|false|null|none|nil|undefined|yes|no|on|off|string|text|number|integer|boolean|object|array|required|"
    "optional|enabled|disabled|valid|invalid|missing|expired|active|inactive|revoked|unknown|default|basic|"
    "bearer|digest|token|session|cookie|public|private|same-origin|include|omit|any|all"
)
_MASK = re.compile(r"[*•·.xX_\-\s]*\w{0,4}|.{0,6}[*•]{3,}.{0,6}")
_MASKED = re.compile(r"[*•]{3}|^[xX]{4,}$|^\.{3,}$")
_ORDINARY = r"[(\"\u201c]?[^\W\d_]+(?:['\u2019-][^\W\d_]+)*[)\"\u201d,;:]*"
_SENTENCE = re.compile(
    rf"{_ORDINARY} +{_ORDINARY}(?: +(?:\d{{1,4}}[),]?|{_ORDINARY}))+[.!?]?|{_ORDINARY}(?: +{_ORDINARY})+[.!?]"
)
# What is put in by whoever uses a text: "${TOKEN}", "{{ token }}", "<token>", "%(token)s", "YOUR_API_KEY".
_BLANK = re.compile(
    r"\$\{?[A-Za-z_][\w.]*\}?|\$?\{\{.*\}\}|<[\w |./-]+>|\[[A-Za-z_ ]+\]|%\(\w+\)s|\{\w*\}|"
    r"(?i:your|insert|enter)(?:[-_ ][A-Za-z]+){1,5}|\.{3}|\u2026"
)
# What a field for a secret is called in many interfaces; any other word may be somebody's password.
_LABEL = re.compile(
    r"(?:(?:New|Old|Neues|Altes|Nouveau|Nueva|Nova) )?"
    r"(?:Pass(?:word|wort|code|phrase)s?|Kennw(?:ort|örter)|Geheimnis|Geheimzahl|Einmal(?:code|passwort|kennwort)|"
    r"Mot de passe|Contraseña|Clave|Senha|Palavra-passe|Wachtwoord|Lösenord|Adgangskode|Passord|Salasana|"
    r"Hasło|Heslo|Parola|Şifre|Jelszó|Пароль|Secret|Token|Pin|Code|Otp)(?: [^\W\d_]+)?"
)
_WORDS = re.compile(r"[^\W\d_]{2,20}(?: [^\W\d_]+)?")
_SUM = re.compile(r"(?:sha\d{1,3}|md5|crc32c?|blake\w{1,3})[:=-].*")
_NUMBERED = re.compile(r"[A-Za-z]{2,}-?\d{1,3}")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)*%?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ][\d:.,]+(?:Z|[+-]\d\d:?\d\d)?)?")
_ADDRESS = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*://[^\s@]*|[^@\s/]+@[^@\s/]+\.[A-Za-z]+|"
    # Before the first letter of a folder there is none, lest each way to read a long word is tried.
    r"(?:\.{0,2}/)?(?:(?:[^\WA-Za-z]|[.-])*[A-Za-z][\w.-]*/)+[\w.-]*\.[a-z]{2,5}"
)
UUID = re.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_PLAIN_WORDS = re.compile(r"(?:[A-Za-z]+|\d{1,4})(?:[^A-Za-z0-9]+(?:[A-Za-z]+|\d{1,4}))*[^A-Za-z0-9]*")
_CODE = re.compile(r"\d{4,10}|(?=.*\d)[A-Za-z0-9-]{6,}")
_CHANGE = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[0-9])")
_SHORTEST_CREDENTIAL = 8
_SHORTEST_SESSION = 6
_SHORTEST_RANDOM = 16
_LONG_WORD = 24
_LEAST_CHANGES = 3
_LEAST_ENTROPY = 3.0
_LONGEST_WORD = 12


def is_secret_value(kind: Kind, value: str) -> bool:
    """
    Whether *value* is a secret under a name of that *kind*.
    """
    text = value.strip()
    if kind is Kind.HARMLESS or not text:
        return False
    if kind in {Kind.LISTED, Kind.STORED}:
        return True
    if _NO_SECRETS.fullmatch(text.lower()) or _is_masked(text) or _is_written(text):
        return False
    if kind is Kind.CREDENTIAL:
        return looks_like_credential(text)
    if kind is Kind.RANDOM:
        return looks_random(text)
    return not _is_label(text) if kind is Kind.SECRET else _is_code(text)


def looks_like_credential(text: str) -> bool:
    """
    Whether *text* is what a service issues: no word, number, date or address.
    """
    if len(text) < _SHORTEST_CREDENTIAL or any(map(str.isspace, text)) or _is_plain(text):
        return False
    if text.isalpha():
        return len(text) >= _LONG_WORD and not (text.islower() or text.isupper() or text.istitle())
    return not _PLAIN_WORDS.fullmatch(text) or looks_random(text)


def looks_random(text: str) -> bool:
    """
    Whether *text* is nothing that a person would write: letters and digits change often, few are repeated.
    """
    if len(text) < _SHORTEST_RANDOM or any(map(str.isspace, text)) or _is_plain(text):
        return False
    if UUID.fullmatch(text) or _SUM.fullmatch(text):
        return False
    return len(_CHANGE.findall(text)) >= _LEAST_CHANGES and entropy(text) >= _LEAST_ENTROPY


def is_session(text: str) -> bool:
    """
    Whether a cookie with the name of a session holds one, also one that a test or a small service made up.
    """
    return len(text) >= _SHORTEST_SESSION and not _NO_SECRETS.fullmatch(text.lower()) and not _is_plain(text)


def entropy(text: str) -> float:
    """
    The entropy of each character in bits, by how often it is there.
    """
    counts, length = Counter(text).values(), len(text)
    return -sum(count / length * log2(count / length) for count in counts)


def is_word(value: str) -> bool:
    """
    Whether *value* may be part of an ordinary word, name or number, so that it is one only by itself.
    """
    if value.isascii() and value.isdigit():
        return True
    return len(value) <= _LONGEST_WORD and (value.isalpha() or (value.isalnum() and not _has_changes(value)))


def _has_changes(value: str) -> bool:
    return len(_CHANGE.findall(value)) > 1


def _is_code(text: str) -> bool:
    return bool(_CODE.fullmatch(text)) and not _NUMBERED.fullmatch(text)


def _is_written(text: str) -> bool:
    """
    Whether *text* is a sentence, or says where somebody puts a secret.
    """
    return bool(_SENTENCE.fullmatch(text) or _BLANK.fullmatch(text))


def _is_label(text: str) -> bool:
    """
    Whether *text* is what stands beside a field: "Passwort", or words of a script that has no capitals.
    """
    if _LABEL.fullmatch(text):
        return True
    return text.lower() == text.upper() and bool(_WORDS.fullmatch(text))


def _is_plain(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text) or _DATE.fullmatch(text) or _ADDRESS.fullmatch(text))


def _is_masked(text: str) -> bool:
    return bool(_MASKED.search(text) and _MASK.fullmatch(text))

"""
Presigned URLs and forms: S3, Google Cloud Storage, Azure, CloudFront and others that sign as they do.

Who has one can do what it allows, so its signature and its credential are secrets, whatever they look like.
When it was signed, and until when it holds, changes with each one; everything else is what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class _Scheme:
    """
    What has all of *marks* is signed; *secrets* and *times* are the names of its parameters.
    """

    marks: frozenset[str]
    secrets: frozenset[str]
    times: frozenset[str]


def _scheme(marks: str, secrets: str, times: str) -> _Scheme:
    return _Scheme(*(frozenset(names.split()) for names in (marks, secrets, times)))


# In lower case. Where two are signed with, the later one is the older version.
_SCHEMES = (
    _scheme("x-amz-signature", "x-amz-signature x-amz-credential x-amz-security-token policy", "x-amz-date"),
    _scheme("x-goog-signature", "x-goog-signature x-goog-credential policy", "x-goog-date"),
    _scheme("signature awsaccesskeyid", "signature awsaccesskeyid x-amz-security-token policy", "expires"),
    _scheme("signature googleaccessid", "signature googleaccessid policy", "expires"),
    _scheme("signature key-pair-id", "signature key-pair-id policy", "expires"),
    _scheme("signature ossaccesskeyid", "signature ossaccesskeyid security-token policy", "expires"),
    _scheme("sig sv", "sig", "se st ske skt"),
)
_ALL_MARKS = frozenset(mark for scheme in _SCHEMES for mark in scheme.marks)
_SIGNATURES = re.compile(r"(?i)[?&;](?:sig|signature|x-(?:amz|goog)-signature)=")
_STAND_IN = r"<secret:[^\s<>]*>"  # which may hold any sign
_QUERY = re.compile(rf"\?(?:{_STAND_IN}|[^\s\"'\\])+")
_PAIR = re.compile(rf"(?<=[?&;])([\w-]+)=((?:{_STAND_IN}|[^&#\s\"'\\])*)")
_NO_NAMES: frozenset[str] = frozenset()


def secret_names(names: Iterable[str]) -> frozenset[str]:
    """
    Which of *names*, which stand together, are those of a secret; in lower case.
    """
    scheme = _scheme_of(names)
    return _NO_NAMES if scheme is None else scheme.secrets


def secret_members(names: Iterable[str]) -> frozenset[str]:
    """
    The same of an object, as the fields of a presigned upload are: short names mean nothing there.
    """
    return secret_names(name for name in names if name.lower() != "sig")


def time_names(names: Iterable[str]) -> frozenset[str]:
    """
    Which of them are those of a time that changes with each signature; in lower case.
    """
    scheme = _scheme_of(names)
    return _NO_NAMES if scheme is None else scheme.times


def signed_queries(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """
    Where the query of each presigned URL in *text* begins and ends, and the names of its secrets.
    """
    for start, query, scheme in _queries(text):
        yield start, start + len(query), scheme.secrets


def times_in(text: str) -> Iterator[tuple[int, int, str]]:
    """
    Where the times of presigned URLs in *text* begin and end, and what they say.
    """
    for start, query, scheme in _queries(text):
        for pair in _PAIR.finditer(query):
            if pair[1].lower() in scheme.times and pair[2]:
                yield start + pair.start(2), start + pair.end(2), unquote(pair[2])


def _queries(text: str) -> Iterator[tuple[int, str, _Scheme]]:
    if "?" not in text or not _SIGNATURES.search(text):
        return
    for query in _QUERY.finditer(text):
        scheme = _scheme_of(pair[1] for pair in _PAIR.finditer(query[0]))
        if scheme is not None:
            yield query.start(), query[0], scheme


def _scheme_of(names: Iterable[str]) -> _Scheme | None:
    marks = _ALL_MARKS.intersection(map(str.lower, names))
    return next((scheme for scheme in _SCHEMES if scheme.marks <= marks), None) if marks else None

"""
Tokens that are known by their form, wherever they are.

The forms are those that the services themselves document, most of them a prefix that they give their tokens
so that scanners find them, and the structure of RFC 7519 and 7516 (JSON Web Tokens) and RFC 7468 (PEM).
The rules have the names by which other scanners know them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_END = r"(?![A-Za-z0-9_-])"
RULES: Final = {
    "github-token": (
        # Those of an installed app are JSON Web Tokens with its number in front.
        r"ghs_[A-Za-z0-9]{1,20}_ey[JI][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}|"
        rf"gh[pousr]_[A-Za-z0-9]{{36,251}}{_END}|github_pat_[A-Za-z0-9]{{22}}_[A-Za-z0-9]{{59}}{_END}"
    ),
    "gitlab-token": (
        r"gl(?:pat|dt|rtr?|cbt|ptt|ft|ffct|soat|oas|agent|imt|wt)-[A-Za-z0-9_-]{20,300}"
        rf"(?:\.[0-9a-z]{{2}}\.?[0-9a-z]{{7,9}})?{_END}|GR1348941[A-Za-z0-9_-]{{20,50}}{_END}"
    ),
    "aws-access-key": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])",
    "aws-bedrock-key": r"ABSK[A-Za-z0-9+/]{109,269}={0,2}(?![A-Za-z0-9+/=])",
    "google-api-key": rf"AIza[A-Za-z0-9_-]{{35}}{_END}|AQ\.Ab[A-Za-z0-9_-]{{40,}}{_END}",
    "google-oauth-token": (
        rf"ya29\.[A-Za-z0-9_-]{{20,}}{_END}|GOCSPX-[A-Za-z0-9_-]{{28}}{_END}|1//0[A-Za-z0-9_-]{{40,}}{_END}"
    ),
    "slack-token": (
        rf"xox[abceoprs]-(?:\d-)?[A-Za-z0-9-]{{10,}}{_END}|xoxd-[A-Za-z0-9%/+=]{{20,}}|"
        rf"xapp-\d-[A-Za-z0-9-]{{20,}}{_END}"
    ),
    "slack-webhook": r"hooks\.slack\.com/(?:services|workflows)/T[A-Za-z0-9_/-]{20,}",
    "stripe-key": (
        rf"(?:sk|rk)_(?:org_)?(?:live|test|prod)_[A-Za-z0-9]{{16,}}{_END}|whsec_[A-Za-z0-9+/=]{{24,}}"
    ),
    "anthropic-key": rf"sk-ant-[a-z0-9]{{2,8}}-[A-Za-z0-9_-]{{20,}}{_END}",
    "openai-key": (
        rf"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{{20,}}{_END}|"
        rf"sk-[A-Za-z0-9]{{20}}T3BlbkFJ[A-Za-z0-9]{{20}}{_END}|sk-[A-Za-z0-9]{{40,}}{_END}|"
        rf"ek_[0-9a-f]{{32}}{_END}"
    ),
    "twilio-key": r"SK[0-9a-f]{32}(?![A-Za-z0-9])",
    "sendgrid-key": rf"SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{32,64}}{_END}",
    "mailchimp-key": r"[0-9a-f]{32}-us\d{1,2}(?!\d)",
    "mailgun-key": rf"(?<!-)key-[0-9a-f]{{32}}{_END}",
    "npm-token": rf"npm_[A-Za-z0-9]{{36}}{_END}",
    "pypi-token": rf"pypi-[A-Za-z0-9_-]{{60,}}{_END}",
    "rubygems-key": rf"rubygems_[0-9a-f]{{48}}{_END}",
    "crates-io-token": r"cio[A-Za-z0-9]{32}(?![A-Za-z0-9_-])",
    "docker-token": rf"dckr_[op]at_[A-Za-z0-9_-]{{27,32}}{_END}",
    "huggingface-token": rf"hf_[A-Za-z0-9]{{34,}}{_END}",
    "digitalocean-token": r"do[opr]_v1_[0-9a-f]{64}",
    "shopify-token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "atlassian-token": r"ATATT3[A-Za-z0-9_=-]{50,}",
    "linear-key": rf"lin_api_[A-Za-z0-9]{{40}}{_END}",
    "groq-key": rf"gsk_[A-Za-z0-9]{{40,}}{_END}",
    "xai-key": rf"xai-[A-Za-z0-9]{{70,}}{_END}",
    "perplexity-key": rf"pplx-[A-Za-z0-9]{{40,}}{_END}",
    "replicate-token": rf"r8_[A-Za-z0-9]{{37}}{_END}",
    "notion-token": rf"ntn_[A-Za-z0-9]{{40,}}{_END}",
    "sentry-token": r"sntry[su]_[A-Za-z0-9+/=_]{60,}",
    "grafana-token": rf"gl(?:sa_[A-Za-z0-9]{{32}}_[0-9a-fA-F]{{8}}{_END}|c_[A-Za-z0-9+/]{{32,400}}={{0,2}})",
    "new-relic-key": r"NRAK-[A-Z0-9]{27}(?![A-Za-z0-9])",
    "postman-key": rf"PMAK-[0-9a-f]{{24}}-[0-9a-f]{{34}}{_END}",
    "figma-token": rf"figd_[A-Za-z0-9_-]{{38,}}{_END}",
    "vault-token": rf"hv[sbr]\.[A-Za-z0-9_-]{{24,}}{_END}",
    "terraform-token": rf"[A-Za-z0-9]{{14}}\.atlasv1\.[A-Za-z0-9_-]{{60,70}}{_END}",
    "doppler-token": r"dp\.(?:pt|st|ct|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}(?![A-Za-z0-9])",
    "databricks-token": r"dapi[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])",
    "square-token": rf"sq0(?:atp|csp)-[A-Za-z0-9_-]{{22,43}}{_END}",
    "telegram-token": rf"\d{{8,10}}:AA[A-Za-z0-9_-]{{33}}{_END}",
    "discord-token": rf"[MNO][A-Za-z0-9_-]{{23,27}}\.[A-Za-z0-9_-]{{6}}\.[A-Za-z0-9_-]{{27,40}}{_END}",
    "age-key": r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
    "jwt": r"ey[JI][A-Za-z0-9_-]{10,}\.ey[JI][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "jwe": (
        r"ey[JI][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,}"
    ),
    "private-key": (
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,8000}?"
        r"-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    ),
}
"""What each token looks like, by the name of the rule."""

_ORDER = tuple(RULES)
_STARTS = (
    r"gh[pousr]_|github_pat_|gl[a-z]{2,5}-|GR1348941|A(?:KIA|SIA|BIA|CCA|BSK)|AIza|AQ\.Ab|ya29\.|GOCSPX-|1//0|"
    r"xox[a-eoprs]-|xapp-|hooks\.slack|[sr]k_(?:org_)?(?:live|test|prod)_|whsec_|sk-|ek_|SK[0-9a-f]{32}|SG\.|"
    r"key-[0-9a-f]{32}|npm_|pypi-|rubygems_|cio[A-Za-z0-9]{32}|dckr_|hf_|do[opr]_v1_|shp[a-z]{2}_|ATATT3|lin_api_|"
    r"gsk_|xai-|pplx-|r8_|ntn_|sntry[su]_|glsa_|glc_|NRAK-|PMAK-|figd_|hv[sbr]\.|dp\.[a-z]+\.|dapi|sq0|AGE-SECRET|"
    r"ey[JI]|[MNO][\w-]{23,27}\.[\w-]{6}\."
)
_PEM = "-----BEGIN "
# Where such a token begins there may be anything; these are in the midst of it. Nothing but a digit begins
# within a word, behind "bot". To look at the beginnings of words alone takes a third of the time.
_HINT = re.compile(rf"(?a:\b)(?:{_STARTS})|{_PEM}|-us\d|:AA|\.atlasv1\.|1//0")
_BEGINS = rf"(?={_STARTS}|{_PEM}|[0-9a-f]{{32}}-us|\d{{8,10}}:AA|[A-Za-z0-9]{{14}}\.atlasv1)"
_TOKENS = re.compile(
    # The service of Telegram has the token behind "bot" in its paths.
    rf"(?:(?<![A-Za-z0-9_])|(?<=/bot)(?=\d)){_BEGINS}(?:"
    + "|".join(f"({pattern})" for pattern in RULES.values())
    + ")"
)
_SOME_CHARACTERS = 6
_PREFIX = 12


def may_hold_tokens(text: str) -> bool:
    """
    Whether there may be a token in *text*, which may be several texts in lines.
    """
    return _HINT.search(text) is not None


def tokens_in(text: str) -> Iterator[tuple[str, str]]:
    """
    Each token in *text*, with the name of the rule that knows it.
    """
    for rule, value, _ in token_spans(text):
        yield rule, value


def token_spans(text: str) -> Iterator[tuple[str, str, int]]:
    """
    The same with the place where it begins.
    """
    if not may_hold_tokens(text):
        return
    for found in _TOKENS.finditer(text):
        # One of few characters, as "sk-xxxxxxxx" has, is an example.
        if len(set(found[0][-_PREFIX:])) >= _SOME_CHARACTERS:
            yield _ORDER[(found.lastindex or 1) - 1], found[0], found.start()

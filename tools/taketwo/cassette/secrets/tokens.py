"""
Tokens that are known by their form, wherever they are.

The forms are those that the services themselves document: the prefix that GitHub, GitLab, AWS, Google, Slack,
Stripe, OpenAI, Anthropic, Twilio, SendGrid, npm, PyPI, Hugging Face, DigitalOcean, Shopify and Atlassian give
their tokens so that scanners find them, and the structure of RFC 7519 (JSON Web Tokens) and RFC 7468 (PEM).
The rules have the names by which other scanners know them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_END = r"(?![A-Za-z0-9_-])"
RULES: Final = {
    "github-token": (
        rf"gh[pousr]_[A-Za-z0-9]{{36,251}}{_END}|github_pat_[A-Za-z0-9]{{22}}_[A-Za-z0-9]{{59}}{_END}"
    ),
    "gitlab-token": rf"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt)-[A-Za-z0-9_-]{{20,64}}{_END}",
    "aws-access-key": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9])",
    "google-api-key": rf"AIza[A-Za-z0-9_-]{{35}}{_END}",
    "google-oauth-token": rf"ya29\.[A-Za-z0-9_-]{{20,}}{_END}|GOCSPX-[A-Za-z0-9_-]{{28}}{_END}",
    "slack-token": rf"xox[abeoprs]-(?:\d-)?[A-Za-z0-9-]{{10,}}{_END}|xapp-\d-[A-Za-z0-9-]{{20,}}{_END}",
    "slack-webhook": r"hooks\.slack\.com/(?:services|workflows)/T[A-Za-z0-9_/-]{20,}",
    "stripe-key": rf"(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{{16,}}{_END}|whsec_[A-Za-z0-9+/=]{{24,}}",
    "anthropic-key": rf"sk-ant-[a-z0-9]{{2,8}}-[A-Za-z0-9_-]{{20,}}{_END}",
    "openai-key": (
        rf"sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{{20,}}{_END}|"
        rf"sk-[A-Za-z0-9]{{20}}T3BlbkFJ[A-Za-z0-9]{{20}}{_END}|sk-[A-Za-z0-9]{{40,}}{_END}"
    ),
    "twilio-key": r"SK[0-9a-f]{32}(?![A-Za-z0-9])",
    "sendgrid-key": rf"SG\.[A-Za-z0-9_-]{{16,32}}\.[A-Za-z0-9_-]{{32,64}}{_END}",
    "mailchimp-key": r"[0-9a-f]{32}-us\d{1,2}(?!\d)",
    "npm-token": rf"npm_[A-Za-z0-9]{{36}}{_END}",
    "pypi-token": rf"pypi-[A-Za-z0-9_-]{{60,}}{_END}",
    "huggingface-token": rf"hf_[A-Za-z0-9]{{34,}}{_END}",
    "digitalocean-token": r"do[opr]_v1_[0-9a-f]{64}",
    "shopify-token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}",
    "atlassian-token": r"ATATT3[A-Za-z0-9_=-]{50,}",
    "linear-key": rf"lin_api_[A-Za-z0-9]{{40}}{_END}",
    "groq-key": rf"gsk_[A-Za-z0-9]{{40,}}{_END}",
    "jwt": r"ey[JI][A-Za-z0-9_-]{10,}\.ey[JI][A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "private-key": (
        r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]{20,8000}?"
        r"-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    ),
}
"""What each token looks like, by the name of the rule."""

_ORDER = tuple(RULES)
_HINT = re.compile(
    r"gh[pousr]_|github_pat_|gl[a-z]{2,5}-|A(?:KIA|SIA|BIA|CCA)|AIza|ya29\.|GOCSPX-|xox[abeoprs]-|xapp-|hooks\.slack|"
    r"[sr]k_(?:live|test|prod)_|whsec_|sk-|SK[0-9a-f]{32}|SG\.|-us\d|npm_|pypi-|hf_|do[opr]_v1_|shp[a-z]{2}_|ATATT3|"
    r"lin_api_|gsk_|ey[JI]|-----BEGIN "
)
_TOKENS = re.compile("(?<![A-Za-z0-9_])(?:" + "|".join(f"({pattern})" for pattern in RULES.values()) + ")")
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

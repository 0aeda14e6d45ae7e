"""
Tokens by their form: each rule knows the form that its service gives its tokens, wherever they are.
"""

from __future__ import annotations

import pytest

from taketwo.cassette.secrets.tokens import RULES, tokens_in
from taketwo.cassette.text.writer import dump_cassette
from tests.toolkit.cassette.exchanges import answer, as_json, get, take_of

MIXED = "q7Rk9ZtX4mWc2LpV8sNd" * 15
HEX = "4f7a1c93e0b82d65" * 8
CAPITALS = "Q7RK9ZTX4MWC2LPV8SND" * 4
HEAD = "eyJhbGciOiJIUzI1NiJ9"
# Written in pieces, so that no scanner takes them for real ones.
FORMS = [
    ("github-token", "gh" + f"p_{MIXED[:36]}"),
    ("github-token", "gh" + f"s_123456_{HEAD}.eyJpc3MiOjEyfQ.{MIXED[:86]}"),
    ("github-token", "github" + f"_pat_{MIXED[:22]}_{MIXED[:59]}"),
    ("gitlab-token", "gl" + f"pat-{MIXED[:20]}"),
    ("gitlab-token", "gl" + f"pat-{MIXED[:44]}.01.0a1b2c3d4"),
    ("gitlab-token", "gl" + f"pat-{MIXED[:120]}.0a1b2c3d4"),
    ("gitlab-token", "gl" + f"cbt-64_{MIXED[:20]}"),
    ("gitlab-token", "gl" + f"oas-{HEX[:64]}"),
    ("gitlab-token", "GR" + f"1348941{MIXED[:20]}"),
    ("aws-access-key", "AK" + f"IA{CAPITALS[:16]}"),
    ("aws-bedrock-key", "AB" + f"SK{MIXED[:128]}"),
    ("google-api-key", "AI" + f"za{MIXED[:35]}"),
    ("google-api-key", "AQ" + f".Ab8{MIXED[:45]}"),
    ("google-oauth-token", "ya" + f"29.{MIXED[:60]}"),
    ("google-oauth-token", "GOC" + f"SPX-{MIXED[:28]}"),
    ("google-oauth-token", "1//" + f"0{MIXED[:60]}"),
    ("slack-token", "xo" + f"xb-123456789012-1234567890123-{MIXED[:24]}"),
    ("slack-token", "xo" + f"xd-{MIXED[:40]}%2F{MIXED[:40]}"),
    ("slack-token", "xa" + f"pp-1-A12345-1234567890123-{HEX[:64]}"),
    ("slack-webhook", "hooks.slack.com/services" + f"/T01234567/B0123456789/{MIXED[:24]}"),
    ("stripe-key", "sk" + f"_live_{MIXED[:24]}"),
    ("stripe-key", "wh" + f"sec_{MIXED[:32]}"),
    ("anthropic-key", "sk-" + f"ant-api03-{MIXED[:93]}AA"),
    ("openai-key", "sk-" + f"proj-{MIXED[:74]}T3BlbkFJ{MIXED[:73]}"),
    ("openai-key", "e" + f"k_{HEX[:32]}"),
    ("twilio-key", "S" + f"K{HEX[:32]}"),
    ("sendgrid-key", "SG" + f".{MIXED[:22]}.{MIXED[:43]}"),
    ("mailchimp-key", f"{HEX[:32]}-us14"),
    ("mailgun-key", f"key-{HEX[:32]}"),
    ("npm-token", "np" + f"m_{MIXED[:36]}"),
    ("pypi-token", "py" + f"pi-AgEIcHlwaS5vcmc{MIXED[:70]}"),
    ("rubygems-key", "ruby" + f"gems_{HEX[:48]}"),
    ("crates-io-token", f"cio{MIXED[:32]}"),
    ("docker-token", "dckr" + f"_pat_{MIXED[:27]}"),
    ("huggingface-token", "h" + f"f_{MIXED[:34]}"),
    ("digitalocean-token", "dop" + f"_v1_{HEX[:64]}"),
    ("shopify-token", "shp" + f"at_{HEX[:32]}"),
    ("atlassian-token", "ATAT" + f"T3{MIXED[:170]}=0A1B2C3D"),
    ("linear-key", "lin" + f"_api_{MIXED[:40]}"),
    ("groq-key", "gs" + f"k_{MIXED[:52]}"),
    ("xai-key", "xa" + f"i-{MIXED[:80]}"),
    ("perplexity-key", "ppl" + f"x-{MIXED[:48]}"),
    ("replicate-token", f"r8_{MIXED[:37]}"),
    ("notion-token", f"ntn_{MIXED[:46]}"),
    ("sentry-token", "sntr" + f"ys_{MIXED[:100]}"),
    ("grafana-token", "gl" + f"sa_{MIXED[:32]}_{HEX[:8]}"),
    ("new-relic-key", "NR" + f"AK-{CAPITALS[:27]}"),
    ("postman-key", "PM" + f"AK-{HEX[:24]}-{HEX[:34]}"),
    ("figma-token", f"figd_{MIXED[:40]}"),
    ("vault-token", f"hvs.{MIXED[:95]}"),
    ("terraform-token", f"{MIXED[:14]}.atlasv1.{MIXED[:64]}"),
    ("doppler-token", f"dp.pt.{MIXED[:43]}"),
    ("databricks-token", f"dapi{HEX[:32]}"),
    ("square-token", "sq0" + f"atp-{MIXED[:22]}"),
    ("telegram-token", f"1234567890:AA{MIXED[:33]}"),
    ("discord-token", f"M{MIXED[:23]}.{MIXED[:6]}.{MIXED[:38]}"),
    ("age-key", f"AGE-SECRET-KEY-1{'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L' * 2}"[:74]),
    ("jwt", f"{HEAD}.eyJzdWIiOiIxMjM0NTY3ODkwIn0.{MIXED[:43]}"),
    ("jwe", f"{HEAD}.{MIXED[:256]}.{MIXED[:16]}.{MIXED[:80]}.{MIXED[:22]}"),
    ("jwe", f"{HEAD}..{MIXED[:16]}.{MIXED[:80]}.{MIXED[:22]}"),
    ("private-key", f"-----BEGIN EC PRIVATE KEY-----\n{MIXED[:64]}\n-----END EC PRIVATE KEY-----"),
]


@pytest.mark.parametrize(("rule", "token"), FORMS)
@pytest.mark.parametrize("text", ["{}", "use {} for it", '{{"a": "{}"}}', "<a>{}</a>", "x={}&y=1"])
def test_a_token_is_known_whole_in_any_text(rule: str, token: str, text: str) -> None:
    assert list(tokens_in(text.format(token))) == [(rule, token)]


@pytest.mark.parametrize(("rule", "token"), FORMS)
def test_no_token_is_in_a_recording(rule: str, token: str) -> None:
    text = dump_cassette(take_of((get("http://a.test/"), answer(as_json({"note": token})))))

    assert (f"<secret:{rule}" in text, token in text) == (True, False)


def test_each_rule_is_tried() -> None:
    assert {rule for rule, _ in FORMS} == set(RULES)


def test_a_token_of_telegram_is_known_in_the_path_of_its_service() -> None:
    token = f"1234567890:AA{MIXED[:33]}"

    assert [*tokens_in(f"https://api.telegram.org/bot{token}/getMe")] == [("telegram-token", token)]


@pytest.mark.parametrize(
    "text",
    [
        f"idempotency-key-{HEX[:32]}",
        "gl-obal-settings-of-the-whole-project",
        "week_0123456789abcdef0123456789abcdef",
        "docs.github.com/en/rest",
        "at 10:AAPL closed",
        "1//0",
        "taketwo.cassette.secrets",
    ],
)
def test_what_only_begins_like_a_token_is_none(text: str) -> None:
    assert list(tokens_in(text)) == []

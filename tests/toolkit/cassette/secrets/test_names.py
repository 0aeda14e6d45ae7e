"""
Secrets by name: each usual name in each kind of place, and the neighbours of such names that are harmless.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import pytest

from taketwo.cassette.secrets.names import Kind, kind_of, words_of
from taketwo.cassette.secrets.redact import Redactor
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import SecretLeak
from tests.toolkit.cassette.exchanges import FORM, TEXT, answer, as_json, get, post, take_of
from tests.toolkit.cassette.secrets.test_redact import Exchanged

VALUE = "q7Rk9ZtX4mWc2LpV8sNd"
_NAMES = """
password newPassword current_password old-password passwordConfirmation pass user_pass passwd pwd
passphrase passcode otp totp pin secret client_secret clientSecret app_secret api_secret webhook_secret
secret_key secretKey secretAccessKey shared_secret signing_secret api_key apiKey apikey x-api-key
access_key accessKey private_key privateKey signing_key encryption_key master_key account_key
subscription_key service_key token access_token accessToken refresh_token id_token auth_token bot_token
reset_token api_token csrf_token csrfmiddlewaretoken authenticity_token session_token device_token
invite_token bearer_token security_token jwt bearer session session_id sessionId sid sess PHPSESSID
JSESSIONID connect.sid auth authorization credentials credential client_assertion assertion code_verifier
code signature sig hmac X-Amz-Signature X-Amz-Credential X-Amz-Security-Token X-Goog-Signature
X-Goog-Credential key connection_string connectionString dsn SAMLResponse XSRF-TOKEN csrf ticket mfa_code
verification_code recovery_code dpop x-auth x-access-key x-auth-token stripe-signature
x-hub-signature-256 proxy-authorization x-vault-token id_token_hint secret_key_base appsecret_proof appkey
connection_strings authorisation api_hash Jenkins-Crumb backup_codes recovery_codes mnemonic
"""
NAMES = _NAMES.split()
_HARMLESS = """
token_type tokens_remaining nextPageToken next_page_token continuation_token pageToken
x-ratelimit-limit-count token_count completion_tokens_details key_id public_key partition_key
idempotency-key sort_key status_code error_code countryCode currency_code zip_code password_hint
password_expires_at secret_name session_length sessions_count cookie_policy monkey turkey bypass compass
passenger keyboard signature_version code_challenge_method client_id access-control-allow-headers author
authority accession content_hash
"""
HARMLESS = _HARMLESS.split()


def multipart(name: str) -> Exchanged:
    body = f'--X\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{VALUE}\r\n--X--\r\n'
    return post(
        "http://a.test/", body.encode(), (("content-type", "multipart/form-data; boundary=X"),)
    ), answer()


def told(text: str, kind: str) -> Exchanged:
    return get("http://a.test/"), answer(text.encode(), (("content-type", kind),))


PLACES: Mapping[str, Callable[[str], Exchanged]] = {
    "JSON": lambda name: (post("http://a.test/", as_json({name: VALUE})), answer()),
    "JSON in the answer": lambda name: (get("http://a.test/"), answer(as_json({"a": [{name: VALUE}]}))),
    "query": lambda name: (get(f"http://a.test/?{urlencode({name: VALUE})}"), answer()),
    "form": lambda name: (post("http://a.test/", urlencode({name: VALUE}).encode(), FORM), answer()),
    "header": lambda name: (get("http://a.test/", ((name, VALUE),)), answer()),
    "header of the answer": lambda name: (get("http://a.test/"), answer(headers=((name, VALUE),))),
    "cookie": lambda name: (get("http://a.test/", (("cookie", f"a=b; {name}={VALUE}"),)), answer()),
    "cookie set": lambda name: (
        get("http://a.test/"),
        answer(headers=(("set-cookie", f"{name}={VALUE}; Path=/"),)),
    ),
    "multipart": multipart,
    "NDJSON": lambda name: told(f'{{"a": 1}}\n{json.dumps({name: VALUE})}\n', "application/x-ndjson"),
    "server-sent event": lambda name: told(f"data: {json.dumps({name: VALUE})}\n\n", "text/event-stream"),
    "JSON in JSON": lambda name: told(json.dumps({"a": json.dumps({name: VALUE})}), "application/json"),
    "JSON in a form": lambda name: (
        post("http://a.test/", urlencode({"a": json.dumps({name: VALUE})}).encode(), FORM),
        answer(),
    ),
    "XML": lambda name: told(f"<r><x:{name}>{VALUE}</x:{name}></r>", "application/xml"),
    "XML attribute": lambda name: told(f'<r {name}="{VALUE}"/>', "application/xml"),
    "HTML input": lambda name: told(f"<input type='hidden' name='{name}' value='{VALUE}'>", "text/html"),
    "GraphQL argument": lambda name: (
        post("http://a.test/", as_json({"query": f'{{ login({as_argument(name)}: "{VALUE}") {{ ok }} }}'})),
        answer(),
    ),
    "URL in JSON": lambda name: told(
        json.dumps({"next": f"https://b.test/?a=1&{urlencode({name: VALUE})}"}), "application/json"
    ),
    "pair of name and value": lambda name: told(
        json.dumps([{"name": name, "value": VALUE}]), "application/json"
    ),
    "YAML": lambda name: told(f"a: b\n{name}: {VALUE}\n", "application/yaml"),
    "dotenv": lambda name: told(f"A=b\nexport {name}={VALUE}\n", "text/plain"),
    "fragment": lambda name: (
        get("http://a.test/"),
        answer(headers=(("location", f"http://b.test/#a=1&{urlencode({name: VALUE})}"),)),
    ),
}


def as_argument(name: str) -> str:
    return name.replace("-", "_").replace(".", "_")


@pytest.mark.parametrize("place", PLACES)
def test_each_usual_name_is_known_in_each_place(place: str) -> None:
    left = [name for name in NAMES if VALUE in dump_cassette(take_of(PLACES[place](name)))]

    assert left == []


@pytest.mark.parametrize("name", HARMLESS)
def test_the_neighbours_of_such_names_are_harmless(name: str) -> None:
    assert kind_of(name) is Kind.HARMLESS


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("newPassword", ["new", "password"]),
        ("NEW_PASSWORD", ["new", "password"]),
        ("X-Amz-Security-Token", ["x", "amz", "security", "token"]),
        ("secretAccessKey", ["secret", "access", "key"]),
        ("JSESSIONID", ["j", "session", "id"]),
        ("AccessTokenURL", ["access", "token", "url"]),
        ("csrfmiddlewaretoken", ["csrf", "middleware", "token"]),
        ("monkey", ["monkey"]),
    ],
)
def test_a_name_is_read_by_its_words(name: str, words: list[str]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    "value",
    [
        5,
        1.5,
        True,
        None,
        "",
        "none",
        "Hello",
        " world",
        "required",
        "is too short",
        "2026-01-02",
        "user@a.test",
    ],
)
@pytest.mark.parametrize("name", ["token", "key", "signature", "sig", "code", "cookie", "session"])
def test_a_doubtful_name_leaves_what_is_no_secret(name: str, value: object) -> None:
    """
    Numbers, flags, words, sentences, dates and addresses.
    """
    assert "<secret:" not in dump_cassette(take_of((get("http://a.test/"), answer(as_json({name: value})))))


@pytest.mark.parametrize(
    "value", [12345, False, None, "", "required", "This field may not be blank.", "******"]
)
def test_a_password_that_is_none_is_left(value: object) -> None:
    body = as_json({"password": value, "errors": {"password": [value]}})

    assert "<secret:" not in dump_cassette(take_of((get("http://a.test/"), answer(body))))


def test_tokens_of_a_language_model_are_left() -> None:
    body = as_json({"content": [{"token": "v1beta1a2", "logprob": -0.1, "bytes": [1], "top_logprobs": []}]})

    assert "<secret:" not in dump_cassette(take_of((get("http://a.test/"), answer(body))))


def test_cookies_are_judged_by_name_and_value() -> None:
    plain = "theme=dark; page_size=25; locale=de-DE; a=1; _ga=GA1.2.1111111111.1700000000; consent=yes"
    secret = f"sid=s3ss10n.1; connect.sid=s%3Aab12CD34ef; x={VALUE}"

    text = dump_cassette(take_of((get("http://a.test/", (("cookie", f"{plain}; {secret}"),)), answer())))

    assert f"{plain}; sid=<secret:sid>; connect.sid=<secret:connect.sid>; x=<secret:x>" in text


@pytest.mark.parametrize(
    ("keep", "body"),
    [
        ("note_token", {"note_token": VALUE}),
        ("noteToken", {"note_token": VALUE}),
        ("data.token", {"data": {"token": VALUE}}),
        ("response.json.data.token", {"data": {"token": VALUE}}),
        ("/q7R.*/", {"secret": VALUE}),
    ],
)
def test_what_is_kept_is_left(keep: str, body: object) -> None:
    exchange = (get("http://a.test/"), answer(as_json(body)))

    assert "<secret:" in dump_cassette(take_of(exchange))
    assert "<secret:" not in dump_cassette(take_of(exchange, redactor=Redactor({}, (), [keep])))


def test_a_cookie_is_kept_by_its_name() -> None:
    exchange = (get("http://a.test/", (("cookie", f"sid={VALUE}"),)), answer(as_json({"sid": VALUE[::-1]})))

    text = dump_cassette(take_of(exchange, redactor=Redactor({}, (), ["cookie:sid"])))

    assert f"cookie: sid={VALUE}" in text
    assert VALUE[::-1] not in text


@pytest.mark.parametrize("cookie", ["key=invoices/2026/a.pdf", "code=rate_limit", "digest=weekly"])
def test_a_cookie_with_a_doubtful_name_and_words_is_left(cookie: str) -> None:
    text = dump_cassette(take_of((get("http://a.test/", (("cookie", cookie),)), answer())))

    assert f"cookie: {cookie}" in text


def test_a_variable_that_is_kept_is_no_secret() -> None:
    redactor = Redactor({"MY_TOKEN": "tokenizer-large"}, (), ["MY_TOKEN"])

    assert redactor.text("tokenizer-large") == "tokenizer-large"


def test_a_secret_in_a_compressed_file_is_refused() -> None:
    body = gzip.compress(json.dumps({"password": VALUE}).encode())
    headers = (("content-type", "application/gzip"),)

    with pytest.raises(SecretLeak, match="password in interaction 1, request body"):
        take_of((post("http://a.test/", body, headers), answer()))


def test_a_user_of_an_address_may_be_a_token() -> None:
    text = dump_cassette(take_of((get(f"http://{VALUE}@a.test/"), answer(f"{VALUE}".encode(), TEXT))))

    assert "url: http://<secret:user>@a.test/" in text
    assert VALUE not in text

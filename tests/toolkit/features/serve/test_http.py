"""
Cassettes served over HTTP: the answers, the messages and the hosts.
"""

from __future__ import annotations

import http.client
import socket
from urllib.parse import urlsplit

import pytest

from taketwo.cassette.base_urls import BaseUrls
from taketwo.cassette.model import CLIENT, JsonBody, LiveRequest, StoredResponse, TextBody
from taketwo.cassette.secrets.redact import Redactor
from taketwo.config.playback import Order, Playback
from taketwo.features.serve.server import Listening
from taketwo.playback.player import play
from tests.toolkit.features.serve.conftest import SHOP, TEST, Serving, Shelf, interaction

ORDER = JsonBody({"item": "tea", "count": 2})
GET_ORDERS = interaction("GET", f"{SHOP}/orders", [])
POST_ORDER = interaction("POST", f"{SHOP}/orders", {"id": 7}, body=ORDER)
GET_ORDERS_AFTER = interaction("GET", f"{SHOP}/orders", [{"id": 7}])


def test_equal_requests_get_their_answers_in_recorded_order(shelf: Shelf) -> None:
    shelf.put("order", GET_ORDERS, POST_ORDER, GET_ORDERS_AFTER)

    with shelf.serve() as serving:
        before = serving.ask("GET", "/orders").json
        made = serving.ask("POST", "/orders", {"count": 2, "item": "tea"}).json
        after = serving.ask("GET", "/orders").json

    assert (before, made, after) == ([], {"id": 7}, [{"id": 7}])


def test_a_request_without_an_answer_gets_the_message_that_a_test_would_get(shelf: Shelf) -> None:
    cassette = shelf.put("order", POST_ORDER)
    player = play(
        cassette, name="cassettes/order.yaml", test=TEST, redactor=Redactor({}), reveal={}, bases=BaseUrls({})
    )
    sent = LiveRequest(
        method="POST",
        url=f"{SHOP}/orders",
        headers=(("content-type", "application/json"),),
        body=b'{"item": "coffee", "count": 2}',
    )

    with shelf.serve() as serving:
        text = serving.ask("POST", "/orders", {"item": "coffee", "count": 2})
        as_json = serving.ask(
            "POST", "/orders", {"item": "coffee", "count": 2}, (("accept", "application/json"),)
        )

    expected = str(player.refuse(sent))
    assert (text.status, text.reason, text.text) == (501, "No Recorded Answer", f"{expected}\n")
    assert as_json.json == {"error": "no recorded answer", "message": expected}
    assert serving.log == [expected, expected]


def test_an_answer_that_is_used_up_is_told_with_what_plays_it_again(shelf: Shelf) -> None:
    shelf.put("order", GET_ORDERS)

    with shelf.serve() as serving:
        serving.ask("GET", "/orders")
        again = serving.ask("GET", "/orders")

    assert again.text == (
        f"cassettes/order.yaml has no further answer to GET {SHOP}/orders\n"
        "it was recorded once, and every recorded answer has been played\n"
        "if the test is right to send it more often, record again: "
        f"pytest --record-mode=rewrite {TEST}\n"
        "to play recordings more than once: taketwo serve --repeats; "
        "to play them from the beginning for each client: POST /__taketwo/sessions\n"
    )


def test_the_nearest_of_several_cassettes_gives_the_message(shelf: Shelf) -> None:
    shelf.put("far", interaction("GET", f"{SHOP}/customers", []), test="tests/test_shop.py::test_far")
    shelf.put("near", POST_ORDER)

    with shelf.serve() as serving:
        reply = serving.ask("POST", "/orders", {"item": "coffee", "count": 2})

    assert reply.text.startswith(f"cassettes/near.yaml has no answer to POST {SHOP}/orders\n")


def test_repeats_give_the_last_answer_again(shelf: Shelf) -> None:
    shelf.put("order", GET_ORDERS, GET_ORDERS_AFTER)

    with shelf.serve(playback=Playback(repeats=True)) as serving:
        answers = [serving.ask("GET", "/orders").json for _ in range(4)]

    assert answers == [[], [{"id": 7}], [{"id": 7}], [{"id": 7}]]


def test_recorded_order_refuses_what_comes_too_early(shelf: Shelf) -> None:
    shelf.put("order", GET_ORDERS, POST_ORDER)

    with shelf.serve(playback=Playback(order=Order.RECORDED)) as serving:
        early = serving.ask("POST", "/orders", {"item": "tea", "count": 2})
        first = serving.ask("GET", "/orders")
        second = serving.ask("POST", "/orders", {"item": "tea", "count": 2})

    assert (early.status, first.status, second.status) == (501, 200, 200)
    assert f"next is interaction 1 of 2: GET {SHOP}/orders\n" in early.text


def test_an_answer_has_the_status_reason_and_headers_that_were_recorded(shelf: Shelf) -> None:
    headers = (("x-shop", "a"), ("x-shop", "b"))
    answer = StoredResponse(status=418, reason="Short And Stout", headers=headers, body=TextBody("tea"))
    shelf.put("order", interaction("GET", f"{SHOP}/pot", answer))

    with shelf.serve() as serving:
        connection = http.client.HTTPConnection(urlsplit(serving.url).netloc, timeout=20)
        connection.request("GET", "/pot")
        response = connection.getresponse()
        found = (response.status, response.reason, response.headers.get_all("x-shop"), response.read())
        connection.close()

    assert found == (418, "Short And Stout", ["a", "b"], b"tea")


def raw(serving: Serving, request: bytes) -> bytes:
    """
    All that comes over the wire for *request* until the server closes the connection.
    """
    base = urlsplit(serving.url)
    with socket.create_connection((base.hostname, base.port), timeout=20) as line:
        line.sendall(request)
        content = b""
        while piece := line.recv(65536):
            content += piece
    return content


def test_a_stream_comes_in_the_pieces_that_were_recorded(shelf: Shelf) -> None:
    answer = StoredResponse(status=200, body=TextBody("onetwothree"), chunks=(3, 3, 5))
    shelf.put("order", interaction("GET", f"{SHOP}/stream", answer))

    with shelf.serve() as serving:
        content = raw(serving, b"GET /stream HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    assert content.partition(b"\r\n\r\n")[2] == b"3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n"


def test_a_stream_that_broke_off_breaks_off_again(shelf: Shelf) -> None:
    answer = StoredResponse(status=200, body=TextBody("onetwo"), chunks=(3, 3), ended=CLIENT)
    shelf.put("order", interaction("GET", f"{SHOP}/stream", answer))

    with shelf.serve() as serving:
        content = raw(serving, b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")

    assert content.partition(b"\r\n\r\n")[2] == b"3\r\none\r\n3\r\ntwo\r\n"


def test_one_connection_serves_one_request_after_the_other(shelf: Shelf) -> None:
    shelf.put("order", GET_ORDERS, GET_ORDERS_AFTER)

    with shelf.serve() as serving:
        connection = http.client.HTTPConnection(urlsplit(serving.url).netloc, timeout=20)
        answers = []
        for _ in range(2):
            connection.request("GET", "/orders")
            answers.append(connection.getresponse().read())
        connection.close()

    assert answers == [b"[]", b'[{"id":7}]']


def test_what_is_no_http_is_refused(shelf: Shelf) -> None:
    shelf.put("order", GET_ORDERS)

    with shelf.serve() as serving:
        content = raw(serving, b"\x16\x03\x01 hello\r\n\r\n")

    assert content.startswith(b"HTTP/1.1 400 Bad Request\r\n")


def test_a_client_that_waits_is_asked_for_its_body(shelf: Shelf) -> None:
    shelf.put("order", POST_ORDER)
    head = (
        b"POST /orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/json\r\nContent-Length: 27\r\n\r\n"
    )

    with shelf.serve() as serving:
        base = urlsplit(serving.url)
        with socket.create_connection((base.hostname, base.port), timeout=20) as line:
            line.sendall(head)
            asked = line.recv(65536)
            line.sendall(b'{"item": "tea", "count": 2}')
            content = b""
            while piece := line.recv(65536):
                content += piece

    assert asked.startswith(b"HTTP/1.1 100 Continue\r\n")
    assert content.endswith(b'{"id":7}')


MAPS = "https://maps.test:8443"


@pytest.fixture
def two_hosts(shelf: Shelf) -> Shelf:
    shelf.put(
        "both",
        interaction("GET", f"{SHOP}/where", "the shop"),
        interaction("GET", f"{MAPS}/where", "the maps"),
    )
    return shelf


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        ("/__taketwo/host/shop.test/where", "", "the shop"),
        ("/__taketwo/host/maps.test:8443/where", "", "the maps"),
        ("/__taketwo/host/maps.test/where", "", "the maps"),
        ("/where", "maps.test:8443", "the maps"),
        ("/where", "maps.test", "the maps"),
        ("/where", "shop.test:8787", "the shop"),
        ("/where", "", "the shop"),
    ],
)
def test_a_client_names_the_host_by_the_path_or_by_a_header(
    two_hosts: Shelf, path: str, host: str, expected: str
) -> None:
    with two_hosts.serve() as serving:
        reply = serving.ask("GET", path, headers=(("host", host),) if host else ())

    assert reply.json == expected


def test_a_whole_url_in_the_request_line_names_the_host(two_hosts: Shelf) -> None:
    line = f"GET {MAPS}/where HTTP/1.1\r\nHost: maps.test\r\nConnection: close\r\n\r\n"

    with two_hosts.serve() as serving:
        content = raw(serving, line.encode())

    assert content.endswith(b'"the maps"')


def test_each_host_may_have_a_port_of_its_own(two_hosts: Shelf) -> None:
    with two_hosts.serve(listening=Listening(per_host=True)) as serving:
        urls = serving.ask("GET", "/__taketwo").json["hosts"]
        answers = {origin: serving.ask("GET", "/where", url=url).json for origin, url in urls.items()}

    assert len(set(urls.values())) == 2
    assert answers == {SHOP: "the shop", MAPS: "the maps"}


def test_a_host_that_nothing_was_recorded_from_is_named(two_hosts: Shelf) -> None:
    with two_hosts.serve() as serving:
        reply = serving.ask("GET", "/__taketwo/host/else.test/where")

    assert (reply.status, reply.text) == (
        501,
        (
            "no cassette of this session holds anything from else.test, and the client sent GET /where\n"
            f"there are recordings from {SHOP}, {MAPS}\n"
        ),
    )


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/next", "{url}/__taketwo/host/shop.test/next"),
        (f"{MAPS}/next?a=1", "{url}/__taketwo/host/maps.test:8443/next?a=1"),
        ("https://else.test/next", "https://else.test/next"),
        ("next", "next"),
    ],
)
def test_a_redirect_leads_to_this_server_and_never_to_the_service(
    two_hosts: Shelf, location: str, leads_to: str
) -> None:
    answer = StoredResponse(status=302, headers=(("location", location),))
    two_hosts.put("redirect", interaction("GET", f"{SHOP}/old", answer))

    with two_hosts.serve() as serving:
        reply = serving.ask("GET", "/__taketwo/host/shop.test/old")

    assert reply.headers["Location"] == leads_to.format(url=serving.url)


def test_the_address_of_this_server_in_a_body_is_that_of_the_service(shelf: Shelf) -> None:
    hook = JsonBody({"callback": f"{SHOP}/hook"})
    shelf.put("order", interaction("POST", f"{SHOP}/hooks", {"ok": True}, body=hook))

    with shelf.serve() as serving:
        reply = serving.ask("POST", "/hooks", {"callback": f"{serving.url}/hook"})

    assert reply.json == {"ok": True}

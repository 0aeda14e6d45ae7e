"""
Multipart bodies: kept part by part, with the same bytes but for the boundary.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taketwo.cassette.body.attachments import attachments
from taketwo.cassette.body.codec import body_to_bytes, read_body
from taketwo.cassette.model import (
    BinaryBody,
    Body,
    Cassette,
    Interaction,
    JsonBody,
    JsonStyle,
    MultipartBody,
    Part,
    StoredRequest,
    StoredResponse,
    TextBody,
)
from taketwo.cassette.multipart.body import BOUNDARY, boundary_of, filename_of, name_of
from taketwo.cassette.text.format import load_cassette
from taketwo.cassette.text.writer import dump_cassette
from taketwo.errors import CassetteFormatError

FORM_DATA = "multipart/form-data; boundary=b1b2b3"
MIXED = "multipart/mixed; boundary=b1b2b3"


def wire(text: str, line: str = "\r\n") -> bytes:
    """
    A body as it goes over the wire.
    """
    return text.replace("\n", line).encode()


def read(content: bytes, content_type: str = FORM_DATA) -> MultipartBody:
    body, _ = read_body(content, content_type)
    assert isinstance(body, MultipartBody)
    return body


def parts_of(text: str, content_type: str = FORM_DATA) -> tuple[Part, ...]:
    return read(wire(text), content_type).parts


def through_a_file(body: Body) -> Body:
    item = Interaction(
        StoredRequest(method="POST", url="http://a.test/", body=body), StoredResponse(status=200, body=body)
    )
    cassette = Cassette(test="a", interactions=(item,))
    files = attachments(cassette)
    loaded = load_cassette(dump_cassette(cassette), name="a.yaml", attached=lambda name, _: files.get(name))
    assert loaded.interactions[0].request.body == loaded.interactions[0].response.body
    return loaded.interactions[0].request.body


SIMPLE = """--b1b2b3
Content-Disposition: form-data; name="kind"

note
--b1b2b3
Content-Disposition: form-data; name="file"; filename="a.json"
Content-Type: application/json

{"a": 1}
--b1b2b3--
"""


def test_a_body_is_taken_apart() -> None:
    assert read(wire(SIMPLE)) == MultipartBody(
        parts=(
            Part(fields=(("name", "kind"),), order=("name",), body=TextBody("note")),
            Part(
                fields=(("name", "file"), ("filename", "a.json"), ("content-type", "application/json")),
                order=("name", "content-type"),
                body=JsonBody({"a": 1}, JsonStyle.SPACED),
            ),
        ),
        boundary=BOUNDARY,
    )


def test_a_part_is_shown_by_its_name() -> None:
    request = StoredRequest(method="POST", url="http://a.test/", body=read(wire(SIMPLE)))
    cassette = Cassette(test="a", interactions=(Interaction(request, StoredResponse(status=200)),))

    text = dump_cassette(cassette)

    assert text.startswith("taketwo: 2\n")
    assert (
        "    parts:\n"
        "    - name: kind\n"
        "      text: note\n"
        "    - name: file\n"
        "      filename: a.json\n"
        "      content-type: application/json\n"
        "      json:\n"
        "        a: 1\n"
        "      style: spaced\n"
        "  response:\n"
    ) in text


@pytest.mark.parametrize(
    ("content_type", "kept"),
    [
        ("multipart/form-data; boundary=b1b2b3", "multipart/form-data; boundary=taketwo-boundary"),
        ('multipart/form-data; boundary="b1b2b3"', "multipart/form-data; boundary=taketwo-boundary"),
        ('Multipart/Form-Data; Boundary="b1b2b3"', "Multipart/Form-Data; boundary=taketwo-boundary"),
        (
            "multipart/form-data; charset=utf-8; boundary=b1b2b3",
            "multipart/form-data; charset=utf-8; boundary=taketwo-boundary",
        ),
        (
            'multipart/related; boundary=b1b2b3; type="text/xml"; start="<a>"',
            'multipart/related; boundary=taketwo-boundary; type="text/xml"; start="<a>"',
        ),
    ],
)
def test_the_header_and_the_body_have_the_same_boundary(content_type: str, kept: str) -> None:
    body, found = read_body(wire(SIMPLE), content_type)

    assert (found, body_to_bytes(body)) == (kept, wire(SIMPLE.replace("b1b2b3", BOUNDARY)))


def test_a_boundary_with_spaces_and_signs_is_found() -> None:
    content = wire(SIMPLE.replace("b1b2b3", "a 1'()+_,-./:=?"))

    body, kept = read_body(content, 'multipart/form-data; boundary="a 1\'()+_,-./:=?"')

    assert (len(read(wire(SIMPLE)).parts), kept) == (2, "multipart/form-data; boundary=taketwo-boundary")
    assert body_to_bytes(body) == wire(SIMPLE.replace("b1b2b3", BOUNDARY))


@pytest.mark.parametrize(
    "boundary", ["frontier", "simple-boundary", "END_OF_PART", "batch_response", "-", "part1"]
)
def test_an_answer_keeps_a_boundary_that_is_made_of_words(boundary: str) -> None:
    content, content_type = wire(SIMPLE.replace("b1b2b3", boundary)), f"multipart/mixed; boundary={boundary}"

    body, kept = read_body(content, content_type, keeps_words=True)

    assert (kept, body_to_bytes(body)) == (content_type, content)
    assert body_to_bytes(through_a_file(body)) == content


@pytest.mark.parametrize(
    "boundary",
    [
        "b1b2b3",
        "----WebKitFormBoundary7MA4YWxkTrZu0gW",
        "batch_nDhMX4IzTTDsbTJ3",
        "===============8261==",
        "0" * 60,
    ],
)
def test_an_answer_gives_up_a_boundary_that_was_drawn(boundary: str) -> None:
    content = wire(SIMPLE.replace("b1b2b3", boundary))

    _, kept = read_body(content, f'multipart/mixed; boundary="{boundary}"', keeps_words=True)

    assert kept == "multipart/mixed; boundary=taketwo-boundary"


ODD = {
    "a preamble and an epilogue": f"for old readers\n{SIMPLE}and that was it\n",
    "an empty line in front": f"\n{SIMPLE}",
    "nothing behind the last boundary": SIMPLE.rstrip("\n"),
    "no last boundary": SIMPLE.removesuffix("--b1b2b3--\n"),
    "more on the line of the last boundary": f"{SIMPLE.rstrip()}bye\n",
    "no parts": "--b1b2b3--\n",
    "an empty part": '--b1b2b3\nContent-Disposition: form-data; name="a"\n\n\n--b1b2b3--\n',
    "a part without headers": "--b1b2b3\n\nhello\n--b1b2b3--\n",
    "a part of nothing": "--b1b2b3\n\n--b1b2b3--\n",
    "a part without an empty line": '--b1b2b3\nContent-Disposition: form-data; name="a"\n--b1b2b3--\n',
    "the boundary inside of a part": "--b1b2b3\n\nx--b1b2b3\n --b1b2b3\n--b1b2b3x\n--b1b2b3--\n",
    "our boundary inside of a part": f"--b1b2b3\n\n--{BOUNDARY}\n--b1b2b3--\n",
    "headers in another order": (
        '--b1b2b3\nContent-Type: text/plain\nContent-Disposition: form-data; name="a"\n\n1\n--b1b2b3--\n'
    ),
    "other headers, and some twice": (
        '--b1b2b3\nX-A: 1\nX-A: 2\nContent-Disposition: form-data; name="a"\nX-B: 3\n\n1\n--b1b2b3--\n'
    ),
    "headers spelled by others": (
        "--b1b2b3\ncontent-disposition:form-data;name=a\nCONTENT-TYPE : text/plain\n\n1\n--b1b2b3--\n"
    ),
    "a folded header": (
        '--b1b2b3\nContent-Disposition: form-data;\n\tname="a";\n  filename=b\n\n1\n--b1b2b3--\n'
    ),
    "a name with every sign": (
        '--b1b2b3\nContent-Disposition: form-data; name="a\\"b%22ü;=日"\n\n1\n--b1b2b3--\n'
    ),
    "base64": "--b1b2b3\nContent-Transfer-Encoding: base64\n\naGVsbG8gdGhlcmU=\n--b1b2b3--\n",
    "base64 in lines": "--b1b2b3\nContent-Transfer-Encoding: base64\n\naGVsbG8g\ndGhlcmU=\n\n--b1b2b3--\n",
    "odd base64": "--b1b2b3\nContent-Transfer-Encoding: base64\n\naGVs bG8\n--b1b2b3--\n",
    "quoted-printable": (
        "--b1b2b3\nContent-Transfer-Encoding: quoted-printable\n\nh=C3=A9 =3D 1\nx=20\n--b1b2b3--\n"
    ),
    "white space behind a boundary": "--b1b2b3 \t\n\n1\n--b1b2b3--\n",
    "a boundary cut off": "--b1b2b3\n\n1\n--b1b2b3",
}


@pytest.mark.parametrize("line", ["\r\n", "\n"], ids=["CRLF", "LF"])
@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_the_very_bytes_come_back_but_for_the_boundary(text: str, line: str) -> None:
    body, kept = read_body(wire(text, line), FORM_DATA)
    boundary = boundary_of(kept) or ""

    expected = re.sub(r"^--b1b2b3(?=(--)?[ \t]*$|--bye)", f"--{boundary}", text, flags=re.MULTILINE)
    assert body_to_bytes(body) == wire(expected, line)
    assert body_to_bytes(through_a_file(body)) == wire(expected, line)
    assert read_body(wire(expected, line), kept) == (body, kept)


def test_line_breaks_of_two_kinds_are_kept_and_the_boundary_is_replaced_all_the_same() -> None:
    content = b"--b1b2b3\n\r\nx\r\n--b1b2b3\r\n\r\ny\n--b1b2b3--"

    body, _ = read_body(content, FORM_DATA)

    assert body_to_bytes(body) == content.replace(b"b1b2b3", BOUNDARY.encode())


def test_parts_inside_of_parts_have_boundaries_of_their_own() -> None:
    inner = SIMPLE.replace("b1b2b3", "c4c5c6")
    body = read(
        wire(f"--b1b2b3\nContent-Type: multipart/mixed; boundary=c4c5c6\n\n{inner}\n--b1b2b3--\n"), MIXED
    )

    nested = body.parts[0].body
    assert isinstance(nested, MultipartBody)
    assert (nested.boundary, len(nested.parts)) == (f"2-{BOUNDARY}", 2)
    assert body.parts[0].field("content-type") == f"multipart/mixed; boundary=2-{BOUNDARY}"
    assert body_to_bytes(through_a_file(body)) == body_to_bytes(body)


def test_parts_may_be_as_deep_as_anybody_nests_them() -> None:
    text = "x"
    for depth in range(40):
        text = f"--d{depth}\nContent-Type: multipart/mixed; boundary=d{depth - 1}\n\n{text}\n--d{depth}--\n"

    body, _ = read_body(wire(text), "multipart/mixed; boundary=d39")

    assert b"--d39" not in body_to_bytes(body)


@pytest.mark.parametrize(
    ("head", "name", "filename"),
    [
        ('form-data; name="a"', "a", None),
        ("form-data; name=a; filename=b.txt", "a", "b.txt"),
        ('form-data; filename="b.txt"; name="a"', "a", "b.txt"),
        ('form-data; name="say %22hi%22"', 'say "hi"', None),
        ('form-data; name="say \\"hi\\""', 'say "hi"', None),
        ("form-data; name=\"a\"; filename*=utf-8''na%C3%AFve.txt", "a", "naïve.txt"),
        ('form-data; name="a"; filename="naive.txt"; filename*=UTF-8\'\'na%C3%AFve.txt', "a", "naïve.txt"),
        ("form-data; name=\"a\"; filename*=iso-8859-1'en'na%EFve.txt", "a", "naïve.txt"),
        ('form-data; name="a"; filename*0="na"; filename*1="ive.txt"', "a", "naive.txt"),
        ('attachment; filename="ü.txt"', None, "ü.txt"),
        ("form-data", None, None),
    ],
)
def test_a_part_is_known_by_its_name_however_that_is_written(
    head: str, name: str | None, filename: str | None
) -> None:
    [part] = parts_of(f"--b1b2b3\nContent-Disposition: {head}\n\n1\n--b1b2b3--\n")

    assert (name_of(part), filename_of(part)) == (name, filename)


def test_what_was_sent_encoded_is_shown_as_what_it_says() -> None:
    parts = parts_of(
        "--b1b2b3\nContent-Type: application/json\nContent-Transfer-Encoding: base64\n\neyJhIjoxfQ==\n"
        "--b1b2b3\nContent-Transfer-Encoding: quoted-printable\n\nh=C3=A9\n--b1b2b3--\n",
        MIXED,
    )

    assert [(part.body, part.encoding) for part in parts] == [
        (JsonBody({"a": 1}), "base64"),
        (TextBody("hé"), "quoted-printable"),
    ]


def test_a_field_without_a_type_that_holds_json_is_structure() -> None:
    parts = parts_of(
        '--b1b2b3\nContent-Disposition: form-data; name="a"\n\n{"b":[1]}\n'
        '--b1b2b3\nContent-Disposition: form-data; name="c"; filename="d"\n\n{"b":[1]}\n--b1b2b3--\n'
    )

    assert [part.body for part in parts] == [JsonBody({"b": [1]}), TextBody('{"b":[1]}')]


def test_binary_parts_are_files_without_a_boundary_in_them() -> None:
    image = bytes(range(256)) * 2
    content = (
        b'--b1b2b3\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + image + b"\r\n--b1b2b3--\r\n"
    )
    body = read(content)
    request = StoredRequest(method="POST", url="http://a.test/", body=body)
    cassette = Cassette(test="a", interactions=(Interaction(request, StoredResponse(status=200)),))

    assert body.parts[0].body == BinaryBody(image)
    [(name, kept)] = attachments(cassette).items()
    assert (kept, name[-4:]) == (image, ".png")
    assert through_a_file(body) == body


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (wire(SIMPLE), "multipart/form-data"),
        (wire(SIMPLE), "text/plain; boundary=b1b2b3"),
        (wire(SIMPLE), "multipart/form-data; boundary=other"),
        (b"nothing of the kind", FORM_DATA),
    ],
)
def test_what_is_not_multipart_stays_as_it_is(content: bytes, content_type: str) -> None:
    assert read_body(content, content_type) == (TextBody(content.decode()), content_type)


def test_a_message_without_a_body_names_no_boundary_of_its_own() -> None:
    assert read_body(b"", FORM_DATA) == (None, f"multipart/form-data; boundary={BOUNDARY}")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("parts: [{nam: a}]", "parts[0]: 'nam' is not a known key; known keys are name, filename, "),
        ("parts: [{text: a, json: 1}]", "parts[0]: a body has one form, and here are json and text"),
        ("parts: {a: 1}", "'parts' is not a list"),
        ("parts: [{text: a, encoding: rot13}]", "parts[0]: 'encoding' is 'rot13', which is not as "),
        ("parts: []\n    framing: {lines: cr}", "framing: 'lines' is not one of crlf, lf"),
        ("parts: []\n    framing: {closed: 1}", "framing: 'closed' is not true or false"),
        ("parts: []\n    text: a", "a body has one form, and here are text and parts"),
    ],
)
def test_parts_that_nobody_wrote_are_refused_with_their_place(lines: str, problem: str) -> None:
    text = (
        "taketwo: 2\ntest: a\nservices: {}\nseed: 0\nholds: {interactions: 1}\ninteractions:\n- request:\n"
        f"    method: GET\n    url: http://a.test/\n    {lines}\n  response:\n    status: 200\n"
    )

    with pytest.raises(CassetteFormatError) as caught:
        load_cassette(text, name="a.yaml")

    assert problem in str(caught.value)


TEXTS = st.text(st.sampled_from('ab-"\\%;=: \r\n\tü日'), max_size=12)
NAMES = st.text(st.sampled_from('ab-"\\%;=ü日'), max_size=6)
CONTENTS = TEXTS.map(str.encode) | st.binary(max_size=12) | st.just(b'{"a": [1]}') | st.just(b"--b1b2b3x")


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """
    A body as some client may write it, with the boundary ``b1b2b3``.
    """
    line = draw(st.sampled_from([b"\r\n", b"\r\n", b"\n"]))
    pieces = [draw(st.sampled_from([b"", b"", b"hello" + line, line]))]
    for _ in range(draw(st.integers(0, 4))):
        head = draw(
            st.sampled_from(
                [
                    f'Content-Disposition: form-data; name="{draw(NAMES)}"\r\n',
                    (
                        f'Content-Disposition: form-data; name="{draw(NAMES)}"; filename="{draw(NAMES)}"\r\n'
                        "Content-Type: text/plain; charset=utf-8\r\n"
                    ),
                    "Content-Type: application/json\r\nX-A: b\r\n",
                    "Content-Transfer-Encoding: base64\r\n",
                    f"Content-ID: <{draw(NAMES)}>\r\n",
                    "",
                ]
            )
        )
        content = head.replace("\r\n", line.decode()).encode() + line + draw(CONTENTS)
        pieces += [b"--b1b2b3" + line, content.replace(b"\n--b1b2b3", b"\n"), line]
    return b"".join(
        [*pieces, draw(st.sampled_from([b"--b1b2b3--" + line, b"--b1b2b3--", b"--b1b2b3--" + line * 2]))]
    )


@given(bodies())
def test_whatever_a_client_writes_only_the_boundary_is_another(content: bytes) -> None:
    body, kept = read_body(content, FORM_DATA)
    boundary = (boundary_of(kept) or "").encode()

    expected = re.sub(rb"(?m)^--b1b2b3(?=(--)?\r?$)", b"--" + boundary, content)
    assert body_to_bytes(body) == expected
    assert body_to_bytes(through_a_file(body)) == expected

"""
A client keeps the cookies of a replayed service, as it keeps those of the service itself.
"""

from __future__ import annotations

from tests.toolkit.conftest import Project

COOKIES = """
from http.cookiejar import CookieJar


@pytest.mark.vcr
def test_sync():
    with client() as c:
        c.get("/notes")
        assert not c.cookies
        answer = c.post("/mirror", headers={"x-said": "one"})
        assert list(c.cookies) == list(answer.cookies) == ["told"]
        assert "told=" in c.get("/notes").request.headers["cookie"]


@pytest.mark.vcr
@pytest.mark.asyncio
async def test_async():
    async with httpx.AsyncClient(base_url=os.environ["NOTEBOOK_URL"], trust_env=False) as c:
        await c.get("/notes")
        assert not c.cookies
        await c.post("/mirror", headers={"x-said": "one"})
        assert list(c.cookies) == ["told"]
        assert "told=" in (await c.get("/notes")).request.headers["cookie"]


class Watching(CookieJar):
    seen = 0

    def extract_cookies(self, response, request):
        self.seen += 1
        super().extract_cookies(response, request)


@pytest.mark.vcr
def test_jar_of_its_own():
    jar = Watching()
    with httpx.Client(base_url=os.environ["NOTEBOOK_URL"], trust_env=False, cookies=jar) as c:
        c.cookies.jar = jar
        c.get("/notes")
        c.post("/mirror", headers={"x-said": "one"})
    assert (jar.seen, len(jar)) == (2, 1)


class Baking(httpx.HTTPTransport):
    def handle_request(self, request):
        answer = super().handle_request(request)
        answer.headers["Set-Cookie"] = "baked=here; Path=/"
        return answer


@pytest.mark.vcr
def test_transport_that_sets_one_itself():
    with httpx.Client(base_url=os.environ["NOTEBOOK_URL"], transport=Baking()) as c:
        c.get("/notes")
        assert dict(c.cookies) == {"baked": "here"}
"""


def test_a_client_keeps_the_cookies_that_are_replayed(project: Project) -> None:
    project.test(COOKIES)

    recorded = project.pytest("--record-mode=rewrite")
    replayed = project.pytest()

    assert (recorded.code, recorded.tail) == (0, "4 passed")
    assert (replayed.code, replayed.tail) == (0, "4 passed")

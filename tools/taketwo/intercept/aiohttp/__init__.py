"""
HTTP and WebSockets of aiohttp.

The seam is :meth:`aiohttp.BaseConnector.connect`: every request of every session asks its connector for a
connection there, each redirect hop and each retry anew, after the middlewares of the client. Nothing above it
is replaced, so redirects, cookies, ``raise_for_status``, traces, decompression and timeouts are aiohttp's own
in a recording and in a replay.

* In a recording the connection is the real one, with a protocol in the middle that reads along.
* In a replay it is one in memory, to which the recorded answer comes as bytes.

``ClientSession._request`` was the road not taken: it is private, and what lies below it would have had to be
written again. Client middlewares are public, but there are none before aiohttp 3.12, and one more of them is
seen by those of the test. While a service that has a quota is recorded there is one, the innermost.
"""

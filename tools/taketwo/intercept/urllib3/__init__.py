"""
urllib3, and requests and botocore above it, in a replay: most answers are given without a connection.

To write a request and to read its answer takes http.client and urllib3 several times as long as to find the
answer. So a call whose request is known before it is written is answered where it comes in: by
``HTTPConnectionPool.urlopen``, or by ``HTTPAdapter.send`` of requests. All others go on to a connection in
memory, of :mod:`taketwo.intercept.http_client`: those through proxies, streams in chunks, redirects and
retries within urllib3, faults, rules of the project, and everything while somebody else listens.
"""

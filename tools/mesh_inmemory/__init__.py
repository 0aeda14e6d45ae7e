"""
Mesh on a PostgreSQL in memory: ``python -m mesh_inmemory --port 5001``

It answers what the original server answers, but where that contradicts what its documentation promises.

Who may do what
  * Where secrets are configured they are asked for, on ``/api``, ``/graphql`` and the reset alike, in
    test mode too: one of the two secrets or a bearer token (HS256, signed with our key, not over). Only
    ``/health`` and ``/docs`` are open.
  * A row of a tenant's type exists for that tenant only, in REST and in GraphQL. A service that names no
    tenant sees every row; a token that names none sees only the types of the platform. What GraphQL
    creates belongs to the tenant that the request names.
  * ``x-use-in-memory`` chooses the database of one request and never empties it; ``POST /test/reset-db``
    empties, in test mode only and for a service only.

What is asked for
  * Each operator works on each column and each path of the content, nested ``and`` and ``or`` included;
    what is unknown is refused. ``contains`` means its text literally. ``type`` narrows and never widens.
    Comparisons leave out rows that have no value there, but for ``eq`` null and ``hasNone``.
  * A dotted path of the index is walked if the definition declares it, or if the operator looks into the
    value (``has``, ``hasKey`` …); otherwise it is one literal key, as in the original.
  * ``limit``, ``offset`` and ``orderBy`` always hold, ``total`` counts all that matches, ``hasMore``
    looks beyond the page, and rows come in order of creation. Nothing is cached.

What is refused
  * Bad input is a 4xx in the error envelope, and so are unknown routes (404) and methods (405), slow
    requests (408), large bodies (413, from 10 MB) and encodings other than plain UTF-8 (415); HTTP that
    cannot be parsed, too. The one 500 left is that of a missing definition, whose text the bot waits for.
  * REST refuses an ``_id`` that is in use (409), content that is no object, and text that PostgreSQL
    cannot hold: U+0000, halves of surrogate pairs, more than 200 levels.
  * GraphQL says what was wrong with an input instead of "Unexpected error."; an unknown block_id is
    NOT_FOUND, a malformed id is an error.

What is different besides
  * Replacing and patching without a tenant uses the definition of the row's own tenant.
  * ``/docs/docs.json`` is made from what is served (OpenAPI 3.1), ``/docs`` and GET ``/graphql`` are
    pages that need no network, ``/api/definitions`` is new. There is no ETag and no X-Powered-By.
  * ``typed`` works, in REST too. Of its filters JSONStringFilter, JSONNumberFilter and JSONBooleanFilter
    only the names are known; their fields are our own.
"""

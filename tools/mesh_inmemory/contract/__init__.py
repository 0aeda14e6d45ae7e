"""
An older or a newer contract than Mesh's own, as a list of changes to it.

A file, JSON or TOML, has up to five lists; each entry has one verb, which names what it changes::

    [[graphql]]
    rename = "NotionModel.page_id"        # a type, field, input field, enum value or argument
    to = "pageId"

    [[graphql]]
    remove = "NotionModel.version"

    [[graphql]]
    add = "NotionModel.title"             # or Query.notionModel(tenant:), OrderDirection.RANDOM
    type = "String"
    value = "untitled"                    # what the field answers

    [[graphql]]
    retype = "Query.notionModel(limit:)"  # required, from now on
    type = "Int!"

    [[definitions]]
    rename = "HtmlGeneration.htmlContent" # a property, also of a tenant's type, or a platform type
    to = "html"

    [[definitions]]
    add = "User.nickname"                 # retype takes the same; remove, require and relax only a name
    schema = { type = "string" }
    value = "nobody"                      # what content gets that has none
    required = true

    [[definitions]]
    add = "Badge"                         # a whole definition
    definition.name = "Badge"
    definition.dataModel = { block = "Badge", jsonSchema = { type = "object", properties = {} } }

    [[answers]]
    rename = "ContentPage.hasMore"        # a property of a schema of the API document; also remove, add
    to = "more"

    [[answers]]
    retype = "ContentPage.total"          # also add
    schema = { type = "string" }

    [[requests]]
    add = "ContentPayload.source"         # a property of a body; what is not as described is refused
    schema = { enum = ["web", "bot"] }    # retype takes the same
    required = true

    [[endpoints]]
    remove = "DELETE /api/content/{type}/{id}"

    [[endpoints]]
    require = "GET /api/content/{type}"   # a parameter of the query
    parameter = "tenant"

    [[endpoints]]
    describe = "GET /api/content/{type}"  # what is not as the schema says is refused
    parameter = "limit"
    schema = { type = "integer", maximum = 10 }

    [[endpoints]]
    secure = "GET /api/content/{type}"    # without this header nobody is let in
    header = "x-client"

    [[endpoints]]
    answer = "GET /api/content/{type}/{id}"
    status = 404                          # what was answered with this is answered with another one
    to = 410

Renamed, removed and added properties hold for content too: what is sent under the old name is stored and
answered under the new one.
"""

from mesh_inmemory.contract.changes import Change, Changes, read_changes
from mesh_inmemory.contract.content import ContentContract
from mesh_inmemory.contract.graph import GraphModel
from mesh_inmemory.contract.requests import RequestContract

__all__ = ["Change", "Changes", "ContentContract", "GraphModel", "RequestContract", "read_changes"]

"""
The GraphQL schema.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mesh_inmemory.contract import GraphModel
from mesh_inmemory.graph.resolvers import RESOLVERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import GraphQLSchema

    from mesh_inmemory.contract import Change

SDL: Final = """
scalar JSON

type NotionModel {
  id: Int
  block_id: String!
  page_id: String
  parent_id: String
  type: String!
  content: JSON!
  indexer: JSON
  order: Int
  version: String
  parentData: NotionModel
}

input NotionModelInput {
  page_id: String
  parent_id: String
  type: String!
  content: JSON!
  indexer: JSON
  order: Int
  version: String
}

input NotionModelFilter {
  id: IntFilter
  block_id: StringFilter
  page_id: StringFilter
  parent_id: StringFilter
  type: StringFilter
  content: StringFilter
  contentJsonb: JSONBFilter
  indexer: JSONFilter
  order: IntFilter
  version: StringFilter
  OR: [NotionModelFilter!]
  AND: [NotionModelFilter!]
}

input StringFilter {
  eq: String
  ne: String
  in: [String!]
  like: String
  OR: [String!]
  AND: [String!]
  contains: String
  startsWith: String
  endsWith: String
}

input IntFilter {
  eq: Int
  ne: Int
  gt: Int
  gte: Int
  lt: Int
  lte: Int
  in: [Int!]
}

input JSONBFilter {
  path: String!
  eq: JSON
  ne: JSON
  gt: Float
  gte: Float
  lt: Float
  lte: Float
  in: [JSON!]
  contains: JSON
}

input JSONFilter {
  path: String!
  eq: JSON
  equals: JSON
  ne: JSON
  contains: JSON
  containedBy: JSON
  hasKey: String
  hasAnyKeys: [String!]
  hasAllKeys: [String!]
  has: JSON
  hasSome: [JSON!]
  hasEvery: [JSON!]
  hasNone: [JSON!]
  typed: JSONTypedFilter
  not: JSONFilter
}

input JSONTypedFilter {
  string: JSONStringFilter
  number: JSONNumberFilter
  boolean: JSONBooleanFilter
  isNull: Boolean
}

input JSONStringFilter {
  eq: String
  ne: String
  gt: String
  gte: String
  lt: String
  lte: String
  in: [String!]
  like: String
  contains: String
  startsWith: String
  endsWith: String
}

input JSONNumberFilter {
  eq: Float
  ne: Float
  gt: Float
  gte: Float
  lt: Float
  lte: Float
  in: [Float!]
}

input JSONBooleanFilter {
  eq: Boolean
  ne: Boolean
}

input OrderByInput {
  field: String!
  direction: OrderDirection!
}

enum OrderDirection {
  ASC
  DESC
}

type Query {
  notionModel(where: NotionModelFilter, orderBy: [OrderByInput!], limit: Int, offset: Int): [NotionModel!]!
  notionModelByPageId(page_id: String!): NotionModel
}

type Mutation {
  createNotionModel(input: NotionModelInput!): NotionModel!
  bulkCreateNotionModel(inputs: [NotionModelInput!]!): [NotionModel!]!
  updateNotionModel(block_id: String!, input: NotionModelInput!): NotionModel
  replaceNotionModel(block_id: String!, input: NotionModelInput!): NotionModel
  deleteNotionModel(block_id: String!): Boolean!
}
"""


def create_schema(changes: Sequence[Change] = ()) -> GraphQLSchema:
    model = GraphModel(SDL)
    model.apply(changes)
    return model.schema(RESOLVERS)

"""The tables of the schema `knowledge`; indexes and the word vector are in migrations."""

from __future__ import annotations

from pgvector.sqlalchemy import Vector
from sqlalchemy import Boolean, Column, Date, Integer, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from tools.knowledge.embed import DIMENSIONS

metadata = MetaData(schema="knowledge")


def _key() -> tuple[Column[str], Column[str]]:
    return Column("document", Text, primary_key=True), Column("version", Text, primary_key=True)


documents = Table(
    "documents",
    metadata,
    *_key(),
    Column("title", Text, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("superseded_on", Date),
    Column("products", ARRAY(Text), nullable=False),
    Column("states", ARRAY(Text), nullable=False),
    Column("audience", Text, nullable=False),
    Column("answers", Boolean, nullable=False),
    Column("content_hash", Text, nullable=False),
)

sections = Table(
    "sections",
    metadata,
    *_key(),
    Column("section", Text, primary_key=True),
    Column("heading", Text, nullable=False),
    Column("asks", Text, nullable=False),
    Column("body", Text, nullable=False),
)

chunks = Table(
    "chunks",
    metadata,
    *_key(),
    Column("section", Text, primary_key=True),
    Column("chunk", Integer, primary_key=True),
    Column("embedding", Vector(DIMENSIONS), nullable=False),
)

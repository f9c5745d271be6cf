"""Models as people write them: mixins, annotated aliases, old columns, names that are left out, a convention."""

# ruff: noqa: RUF012, UP045
from __future__ import annotations

import enum
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Optional
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, MetaData, String, Table, UniqueConstraint, func
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

key = Annotated[int, mapped_column(primary_key=True)]
name_of = Annotated[str, mapped_column(String(80))]


class Role(enum.Enum):
    user = "user"
    admin = "administrator"


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {dict[str, Any]: JSONB, datetime: sa.DateTime(timezone=True)}


class Timestamps:
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[Optional[datetime]] = mapped_column(onupdate=func.now())


class User(Timestamps, Base):
    __tablename__ = "users"

    id: Mapped[key]
    email: Mapped[str] = mapped_column(String(255), unique=True)
    name: Mapped[name_of | None] = mapped_column(index=True)
    role: Mapped[Role] = mapped_column(default=Role.user)
    settings: Mapped[dict[str, Any]]
    birthday: Mapped[date | None]
    score: Mapped[float] = mapped_column("points", server_default="0")
    tags: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default=sa.text("'{}'"))

    posts: Mapped[list[Post]] = relationship(back_populates="author")


post_tags = Table(
    "post_tags",
    Base.metadata,
    Column("post_id", ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True),
    Column("tag", sa.Text(), primary_key=True),
)


class Post(Timestamps, Base):
    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("author_id", "title"),
        sa.CheckConstraint("price >= 0", name="price"),
        Index("posts_newest", "published", sa.text("created_at DESC"), postgresql_where=sa.text("published")),
        {"comment": "What users write."},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id", onupdate="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(sa.Text)
    price: Mapped[Decimal | None] = mapped_column(sa.Numeric(10, 2))
    published: Mapped[bool] = mapped_column(server_default=sa.false())
    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(always=True))
    words: Mapped[int] = mapped_column(sa.Computed("length(body)", persisted=True))

    author: Mapped[User] = relationship(back_populates="posts")


class Old(Base):
    __tablename__ = "old"
    __table_args__ = {"schema": "archive"}

    first = sa.Column(sa.Integer, sa.ForeignKey("users.id"), primary_key=True)
    second = sa.Column(postgresql.UUID(as_uuid=True), primary_key=True)
    kind = sa.Column(sa.Enum("a", "b", name="kind"), nullable=False)
    at = sa.Column(sa.TIMESTAMP(timezone=True), server_default=sa.text("now()"))


Index("old_at", Old.at.desc().nulls_last())

"""The usual way: FastAPI, an ORM session a request as a dependency, Pydantic response models.

``DATABASE_URL`` is an SQLAlchemy address (``postgresql+asyncpg://...``).
"""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import DateTime, Numeric, String, Text, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

T = TypeVar("T")


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Numeric(12, 2))
    quantity: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class ItemCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=1, max_length=200)
    body: str
    price: Decimal = Field(max_digits=12, decimal_places=2)
    quantity: int = Field(ge=0)


class ItemRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    body: str
    price: Decimal
    quantity: int
    created_at: datetime
    updated_at: datetime


class NoMeta(BaseModel):
    pass


class PageMeta(BaseModel):
    limit: int
    next_cursor: str | None


class One(BaseModel, Generic[T]):
    data: T
    meta: NoMeta = NoMeta()


class Many(BaseModel, Generic[T]):
    data: list[T]
    meta: PageMeta


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=0)
    app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/api/v1/items/{item_id}", response_model=One[ItemRead])
async def get_item(item_id: uuid.UUID, session: Session) -> dict[str, Item]:
    item = await session.get(Item, item_id)
    if item is None:
        raise HTTPException(404, "Item not found")
    return {"data": item}


@app.get("/api/v1/items", response_model=Many[ItemRead])
async def list_items(
    session: Session, limit: Annotated[int, Query(ge=1, le=100)] = 20, cursor: str | None = None
) -> dict[str, object]:
    query = select(Item).order_by(Item.created_at.desc(), Item.id.desc()).limit(limit + 1)
    if cursor:
        query = query.where(tuple_(Item.created_at, Item.id) < read_cursor(cursor))
    items = (await session.scalars(query)).all()
    following = write_cursor(items[limit - 1]) if len(items) > limit else None
    return {"data": items[:limit], "meta": {"limit": limit, "next_cursor": following}}


@app.post("/api/v1/items", response_model=One[ItemRead], status_code=201)
async def create_item(body: ItemCreate, session: Session, response: Response) -> dict[str, Item]:
    item = Item(**body.model_dump())
    session.add(item)
    await session.commit()
    response.headers["Location"] = f"/api/v1/items/{item.id}"
    return {"data": item}


def write_cursor(item: Item) -> str:
    return base64.urlsafe_b64encode(f"{item.created_at.isoformat()}|{item.id}".encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime, uuid.UUID]:
    try:
        moment, _, item_id = base64.urlsafe_b64decode(cursor).decode().partition("|")
        return datetime.fromisoformat(moment), uuid.UUID(item_id)
    except ValueError:
        raise HTTPException(400, "Bad cursor") from None

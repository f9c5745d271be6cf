"""What the platform asks: does the process live, and should it get traffic."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel
from sqlalchemy import literal, select
from starlette.responses import Response

from .envelope import Envelope, errors
from .queries import Query
from .responses import success
from .services import services

router = APIRouter(tags=["health"])

PING = Query(select(literal(1)))


class Health(BaseModel):
    """How the application is."""

    status: str


@router.get("/healthz", operation_id="get_health", response_model=Envelope[Health], responses=errors())
async def get_health() -> Response:
    """Whether the process answers at all; asks nobody else, or an outage elsewhere would restart it."""
    return success({"status": "ok"})


@router.get("/readyz", operation_id="get_readiness", response_model=Envelope[Health], responses=errors())
async def get_readiness(request: Request) -> Response:
    """Whether requests can be served: the database answers. The cache may be gone, nothing depends on it."""
    await services(request).database.fetch_value(PING)
    return success({"status": "ready"})

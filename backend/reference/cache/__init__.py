"""The cache hierarchy: a memo for one request, and an application cache in memory or in Redis.

The third level, the CDN, is told what to keep by the ``Cache-Control`` header.
"""

from .base import Cache, Entry, Load
from .memo import RequestMemo
from .memory import MemoryCache
from .redis_cache import RedisCache

__all__ = ["Cache", "Entry", "Load", "MemoryCache", "RedisCache", "RequestMemo"]

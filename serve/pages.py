"""The service's own pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fastapi import APIRouter


def build_pages(frame_ancestors: Callable[[], Sequence[str]]) -> APIRouter:
    """The routes of the pages."""
    return APIRouter()

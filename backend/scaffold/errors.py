"""What scaffolding refuses; the text says why and what to do instead."""

from __future__ import annotations


class ScaffoldError(ValueError):
    """The folder, the manifest or what was rendered does not allow it. Nothing was written."""


class StalePlan(ScaffoldError):
    """What the caller agreed to is not what would happen now."""


class ApplyError(ScaffoldError):
    """Writing failed half way; the text says whether everything was put back."""

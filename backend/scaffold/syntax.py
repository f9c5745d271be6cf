"""Whether a text can still be read as what its name says: two edits that merge line by line may not fit together."""

from __future__ import annotations

import json
import tomllib
import warnings


def syntax_problem(path: str, text: str) -> str:
    """Why ``text`` is no Python, TOML or JSON although ``path`` says so; ``""`` if it is, or is something else."""
    try:
        if path.endswith(".py"):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(text, path, "exec", dont_inherit=True)
        elif path.endswith(".toml"):
            tomllib.loads(text)
        elif path.endswith(".json"):
            json.loads(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"{type(error).__name__}: {error}"
    return ""

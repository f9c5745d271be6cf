"""``backend-architect statistics``: the query whose answer takes production's statistics to the lab."""

from __future__ import annotations

import argparse

from server.cli.output import OK
from server.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print the script for ``psql -XAt -f``."""
    from backend.engines.statistics_export import export_script

    print(export_script(redact=options.redact))
    return OK

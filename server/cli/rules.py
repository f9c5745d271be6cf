"""``backend-architect rules [ID]``: the rules, or the page of one."""

from __future__ import annotations

import argparse
import json

from server.cli.output import OK
from server.closest import did_you_mean
from server.rule_pages import rule_ids, rule_index, rule_page, rule_record
from server.settings import Settings
from tools.spec import ToolError


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print the index, or one page."""
    try:
        if options.format == "json":
            ids = [options.id] if options.id else rule_ids()
            print(json.dumps([rule_record(rule_id) for rule_id in ids], indent=2))
        else:
            print((rule_page(options.id) if options.id else rule_index()).rstrip())
    except KeyError:
        raise ToolError(f"there is no rule {options.id!r}.{did_you_mean(options.id, rule_ids())}") from None
    return OK

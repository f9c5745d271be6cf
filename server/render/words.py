"""What the machine formats share: a finding as one text, and a fingerprint that survives moved lines."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from knowledge.report import Finding, Fix
from server.plain import one_line


def told(finding: Finding) -> str:
    """Claim, proof and remedy of ``finding``, a line each."""
    lines = [one_line(finding.message)]
    lines += [
        f"{item.basis}: {one_line(item.action)} -> {one_line(item.result)}"
        + (f" (would change with: {one_line(item.flips)})" if item.flips else "")
        for item in finding.evidence
    ]
    lines += [f"{fix_label(fix)}: {one_line(fix.summary)}" for fix in finding.fixes]
    return "\n".join(lines)


def fix_label(fix: Fix) -> str:
    """How sure a fix is."""
    return "fix (proven)" if fix.proven else "fix (not proven)"


def fix_sql(fix: Fix) -> str:
    """The statements of a fix, a line each; remarks as comments."""
    lines: list[str] = []
    for step in fix.steps:
        remarks = [*(["outside a transaction"] if step.alone else []), *([one_line(step.note)] if step.note else [])]
        lines += [f"-- {'; '.join(remarks)}"] if remarks else []
        lines.append(ended(step.sql))
    return "\n".join(lines)


def ended(sql: str) -> str:
    """``sql`` with a semicolon at its end, unless a comment is all there is."""
    text = sql.rstrip()
    last = text.rpartition("\n")[2]
    return text if text.endswith(";") or last.lstrip().startswith("--") else f"{text};"


def fingerprints(findings: list[Finding]) -> Iterator[str]:
    """A hex id for each finding, unique in the list: rule, file, object and words, but no line number."""
    seen: Counter[str] = Counter()
    for finding in findings:
        words = "\0".join((finding.rule, finding.location.path, finding.subject, finding.message))
        number = seen[words]
        seen[words] += 1
        yield hashlib.sha256(f"{words}\0{number}".encode()).hexdigest()[:32]

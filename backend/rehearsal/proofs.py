"""Proving fixes within a budget: the severe ones first, of the minor ones a few."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from backend.prove import prove_fix
from backend.rehearsal.replay import Judged
from knowledge.report import Finding, Fix, Severity

if TYPE_CHECKING:
    from backend.engines.postgres.host import PostgresHost

NOT_TRIED = "not proven: this rehearsal's budget for proofs was spent"


@dataclass
class Proofs:
    """How much a rehearsal may spend on proofs: how many, how many of low severity, and seconds in all."""

    host: PostgresHost
    most: int = 30
    most_minor: int = 3
    seconds: float = 30.0
    statement_seconds: float = 30.0
    spent: float = 0.0
    tried: int = 0
    _minor: int = field(default=0, init=False)

    def allows(self, severity: Severity) -> bool:
        """Whether one more fix of a finding that severe may be run."""
        if self.tried >= self.most or self.spent >= self.seconds:
            return False
        return severity is not Severity.LOW or self._minor < self.most_minor

    async def prove(self, findings: Sequence[Finding], judged: Sequence[Judged], template: str) -> list[Finding]:
        """The findings, each first fix run against the state ``template`` as far as the budget goes."""
        sources = {id(item.judgement.finding): item for item in judged}
        proven = {id(finding): finding for finding in findings}
        for finding in sorted(findings, key=lambda item: item.severity.rank):
            source = sources.get(id(finding))
            if source is not None and finding.fixes and finding.fixes[0].steps:
                fix = await self._one(finding, source, template)
                proven[id(finding)] = finding.model_copy(update={"fixes": [fix, *finding.fixes[1:]]})
        return [proven[id(finding)] for finding in findings]

    async def _one(self, finding: Finding, source: Judged, template: str) -> Fix:
        fix = finding.fixes[0]
        if not template or not self.allows(finding.severity):
            return fix.model_copy(update={"proof": NOT_TRIED})
        self.tried += 1
        self._minor += finding.severity is Severity.LOW
        began = time.perf_counter()
        try:
            return await prove_fix(
                self.host,
                template=template,
                earlier=source.earlier,
                context=replace(source.context, earlier=()),
                rule=source.judgement.rule,
                hit=source.judgement.hit,
                fix=fix,
                timeout_seconds=self.statement_seconds,
            )
        finally:
            self.spent += time.perf_counter() - began

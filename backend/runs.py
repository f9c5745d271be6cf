"""Finished runs, kept so that their parts can be read later and ``apply`` can ask for a hash."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex

from knowledge.report import Artifact, Report


def as_it_is(report: Report) -> Report:
    """Keep a report unchanged."""
    return report


@dataclass
class RunStore:
    """The newest ``capacity`` reports by run id. One store a server; a second process sees its own.

    ``clean`` takes secrets out of a report before it is stored, whoever stores it.
    """

    capacity: int = 64
    clean: Callable[[Report], Report] = as_it_is
    _reports: OrderedDict[str, Report] = field(default_factory=OrderedDict)

    def keep(self, report: Report) -> Report:
        """Store ``report`` under a fresh id and return it carrying that id."""
        kept = self.clean(report).model_copy(update={"run": token_hex(4)})
        self._reports[kept.run] = kept
        while len(self._reports) > self.capacity:
            self._reports.popitem(last=False)
        return kept

    def get(self, run: str) -> Report:
        """The report of ``run``.

        Raises:
            KeyError: no such run, or it was dropped for newer ones.
        """
        return self._reports[run]

    def artifact(self, run: str, name: str) -> Artifact:
        """A document of a run.

        Raises:
            KeyError: no such run, or it made no document of that name.
        """
        for artifact in self.get(run).artifacts:
            if artifact.name == name:
                return artifact
        raise KeyError(name)

    def ids(self) -> list[str]:
        """Ids of the kept runs, oldest first."""
        return list(self._reports)

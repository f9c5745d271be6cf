"""What a check works on: the running backend, its contract, who calls it and how much may be tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from backend.exercise.callers import Caller, Callers
from backend.exercise.contract import Contract
from backend.exercise.exchange import Target
from backend.exercise.world import World

if TYPE_CHECKING:
    from knowledge.blueprint.model import Blueprint


@dataclass(frozen=True)
class Budget:
    """How much may be tried."""

    cases: int = 1000
    """Requests of the contract fuzz."""
    seconds: float = 120.0
    """After which a check stops; what it has not tried it says."""
    slow_seconds: float = 1.0
    """A single request that takes longer is a fault."""


@dataclass(frozen=True)
class Subject:
    """One backend under test, with all that checks need."""

    target: Target
    contract: Contract
    callers: Callers
    world: World
    blueprint: Blueprint | None = None
    """Known for scaffolded backends."""
    seed: int = 1
    budget: Budget = field(default_factory=Budget)

    @property
    def everyday(self) -> Caller:
        """The caller for checks that are not about access: the owner, else whoever there is."""
        return self.callers["owner"] if "owner" in self.callers else next(reversed(list(self.callers)))

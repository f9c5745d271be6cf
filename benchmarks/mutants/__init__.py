"""Bugs that are planted in the scaffolded shop, to see that exercising it finds them."""

from __future__ import annotations

from benchmarks.mutants.record import Mutant


def all_mutants() -> tuple[Mutant, ...]:
    """Every planted bug."""
    from benchmarks.mutants import lists, trust, wire, writes

    return (*wire.MUTANTS, *trust.MUTANTS, *lists.MUTANTS, *writes.MUTANTS)

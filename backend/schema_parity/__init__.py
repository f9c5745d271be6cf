"""Whether the contract, the document validator and the tables admit the same values of a blueprint's fields."""

from backend.schema_parity.parity import INHERENT, Disagreement, Parity, Sides, parity

__all__ = ["INHERENT", "Disagreement", "Parity", "Sides", "parity"]

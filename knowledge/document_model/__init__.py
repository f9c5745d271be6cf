"""Documents for what a blueprint keeps in tables: what stands inside what, and why."""

from knowledge.document_model.decide import document_model
from knowledge.document_model.decision import Decision, DocumentModel, Placement

__all__ = ["Decision", "DocumentModel", "Placement", "document_model"]

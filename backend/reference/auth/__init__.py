"""Who is calling: bearer tokens, the caller they name, and what callers may do."""

from .caller import Caller, Identified, SignedIn
from .tokens import TokenVerifier

__all__ = ["Caller", "Identified", "SignedIn", "TokenVerifier"]

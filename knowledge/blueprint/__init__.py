"""The blueprint: what a backend offers, in the words of its domain; code, contract and tests follow from it."""

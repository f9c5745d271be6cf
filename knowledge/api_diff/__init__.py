"""What changed between two versions of an API contract, and for whom it breaks.

:func:`knowledge.api_diff.compare.compare` brings both documents, of any version of OpenAPI, into one form, so that
equivalent ways to write the same contract are no change, and judges every difference by the direction in which the
data travels: what narrows requests breaks clients, and so does what widens responses.
"""

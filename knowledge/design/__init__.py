"""From what somebody wants of an API to a blueprint that says it exactly."""

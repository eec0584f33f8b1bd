"""The schema of the policy documents."""

SCHEMA = "knowledge"

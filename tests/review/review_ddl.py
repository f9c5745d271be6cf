"""A large, realistic DDL script for timing: tables with keys, indexes, constraints, comments and alterations."""

from __future__ import annotations

AREAS = ("billing", "catalog", "crm", "identity", "logistics", "messaging", "reporting", "support")
NOUNS = ("account", "address", "batch", "contract", "document", "event", "invoice", "message", "order", "ticket")


def large_ddl(size: int) -> str:
    """At least ``size`` characters of valid DDL that loads into an empty database."""
    parts = [f"CREATE SCHEMA {area};" for area in AREAS]
    total, number = 0, 0
    while total < size:
        area, noun = AREAS[number % len(AREAS)], NOUNS[number % len(NOUNS)]
        block = _table(area, f"{noun}_{number}", number)
        parts.append(block)
        total += len(block)
        number += 1
    return "\n".join(parts) + "\n"


def _table(area: str, name: str, number: int) -> str:
    parent = f"{AREAS[(number - 1) % len(AREAS)]}.{NOUNS[(number - 1) % len(NOUNS)]}_{number - 1}"
    reference = f" REFERENCES {parent} (id) ON DELETE CASCADE" if number else ""
    flawed = number % 10 == 0
    moment = "timestamp" if flawed else "timestamptz"
    index = "" if flawed else f"CREATE INDEX {name}_parent_id_idx ON {area}.{name} (parent_id, created_at DESC);\n"
    return f"""
-- {name}: one of the tables of {area}
CREATE TABLE {area}.{name} (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    parent_id uuid NOT NULL{reference},
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    email varchar(320) NOT NULL,
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'active', 'closed')),
    amount numeric(12, 2) NOT NULL DEFAULT 0 CHECK (amount >= 0),
    settings jsonb NOT NULL DEFAULT '{{}}'::jsonb,
    created_at {moment} NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT {name}_email_key UNIQUE (email)
);
{index}CREATE INDEX {name}_state_idx ON {area}.{name} (state) WHERE state <> 'closed';
COMMENT ON TABLE {area}.{name} IS 'The {name} rows; one for each {name}.';
ALTER TABLE {area}.{name} ADD COLUMN note text;
ALTER TABLE {area}.{name} ADD CONSTRAINT {name}_updated_check CHECK (updated_at IS NOT NULL) NOT VALID;
ALTER TABLE {area}.{name} VALIDATE CONSTRAINT {name}_updated_check;
"""

"""What an answer to an error must not tell: the inside of the program."""

from __future__ import annotations

import re

PATTERNS = (
    r"Traceback \(most recent call last\)",
    r'File "[^"\n]+", line \d+',
    r"/site-packages/|/node_modules/",
    r"\bat [\w.$<>]+ \([^()\n]+:\d+:\d+\)",
    r"\b(?:sqlite3|asyncpg|psycopg2?|sqlalchemy|pymysql|django\.db)\.[\w.]*\w+",
    r"\b(?:SELECT\s[^\n]{1,200}?\sFROM\s|INSERT\s+INTO\s+\w|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s+\w)",
    r"(?:UNIQUE|NOT NULL|FOREIGN KEY|CHECK) constraint failed",
    r"duplicate key value violates|violates (?:foreign key|not-null|check|unique) constraint",
    r"\bno such (?:table|column): ",
    r"syntax error at or near|unrecognized token: ",
    r"(?:/home|/Users|/usr/lib|/usr/local|/opt|/srv|/var/www)/[\w.-]+/[\w./-]+",
    r"\b(?:KeyError|AttributeError|TypeError|IndexError|NoneType|IntegrityError|OperationalError)\b",
)
"""Stack traces, drivers, statements, messages of databases, paths of files."""

EXPRESSION = re.compile("|".join(f"(?:{pattern})" for pattern in PATTERNS))


def leak(body: str, sent: str) -> str:
    """The first telling part of an answer that was not in the request itself; empty if there is none."""
    for match in EXPRESSION.finditer(body):
        if match.group() not in sent:
            return match.group()[:200]
    return ""

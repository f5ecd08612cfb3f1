"""SQL that tells whether rows are what they were: how many there are, and a sum over a hash of each.

One pass in any order, which PostgreSQL may share among workers and for which it sorts and keeps nothing: a table of
millions of rows is told in the time that reading it takes. A row's hash is of its whole text. That of its columns one
by one (hash_record_extended) would be quicker and no good here: it adds the columns up, so two rows that have exchanged
a value would give the same sum.
"""

from __future__ import annotations


def digest(table: str, which: str = "") -> str:
    """An aggregate of a table's rows, or of some: text, the same for the same rows and for no others."""
    only = f" FILTER (WHERE {which})" if which else ""
    return f"concat(count(*){only}, ' rows of ', sum(hashtextextended({table}::text, 0)){only})"


def selected(table: str, which: str = "true") -> str:
    """A query for the digest of these rows alone."""
    return f"SELECT {digest(table)} FROM {table} WHERE {which}"  # noqa: S608 - our words

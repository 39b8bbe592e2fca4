"""What a database holds at one moment, kept beside it and put back into the emptied one: no act is done again."""

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import cast

from sqlalchemy import Engine


class Kept:
    """All rows, and the files of these folders, under a name of its own on the database."""

    def __init__(self, engine: Engine, name: str, *folders: Path) -> None:
        self._engine, self._schema = engine, f"kept_{name}"
        beside = Path(tempfile.mkdtemp(prefix=self._schema))
        self._folders = {folder: beside / folder.name for folder in folders}
        for folder, kept in self._folders.items():
            shutil.copytree(folder, kept)
        self._sqlite = sqlite3.connect(":memory:") if engine.dialect.name == "sqlite" else None
        if self._sqlite:
            self._copy_sqlite(to=self._sqlite)
        else:
            self._say(_KEEP_POSTGRESQL)

    def put_back(self) -> None:
        """Put rows and files where nothing is."""
        for folder, kept in self._folders.items():
            shutil.copytree(kept, folder)
        if self._sqlite:
            self._copy_sqlite(of=self._sqlite)
        else:
            self._say(_PUT_BACK_POSTGRESQL)

    def _copy_sqlite(self, *, of: sqlite3.Connection | None = None, to: sqlite3.Connection | None = None) -> None:
        pooled = self._engine.raw_connection()
        own = cast(sqlite3.Connection, pooled.driver_connection)
        (of or own).backup(to or own)
        pooled.close()

    def _say(self, statement: str) -> None:
        with self._engine.begin() as connection:
            connection.exec_driver_sql(statement.replace("kept", self._schema))


_KEEP_POSTGRESQL = """DO $$
DECLARE
  each record;
BEGIN
  CREATE SCHEMA kept;
  FOR each IN
    SELECT relname FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
      AND pg_relation_size(oid) > 0
  LOOP
    EXECUTE 'CREATE TABLE kept.' || each.relname || ' AS TABLE public.' || each.relname;
  END LOOP;
  CREATE TABLE kept.ids AS
    SELECT seqrelid, pg_sequence_last_value(seqrelid) AS last FROM pg_sequence
    WHERE pg_sequence_last_value(seqrelid) IS NOT NULL;
END $$"""

_PUT_BACK_POSTGRESQL = """DO $$
DECLARE
  each record;
BEGIN
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'kept'::regnamespace
    AND relname <> 'ids'
  LOOP
    EXECUTE 'INSERT INTO public.' || each.relname || ' SELECT * FROM kept.' || each.relname;
  END LOOP;
  PERFORM setval(seqrelid, last) FROM kept.ids;
END $$"""

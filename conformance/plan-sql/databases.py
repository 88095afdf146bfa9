"""SQLite and a PostgreSQL of our own, for tests that run what `wardlock plan --sql` prints."""
import datetime
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SERVER_USER = "postgres"  # initdb refuses to be run by root


def quote_name(name):
    return '"' + name.replace('"', '""') + '"'


def _timestamp(milliseconds):
    return (EPOCH + datetime.timedelta(milliseconds=milliseconds)).isoformat()


class Sqlite:
    """Everything in memory. Columns have a collation that equates what Cedar does not."""
    dialect = "sqlite"

    def __init__(self, tables):
        self.connection = sqlite3.connect(":memory:")
        kinds = {"text": "TEXT", "bigint": "INTEGER", "boolean": "INTEGER"}
        for table in tables:
            declared = table.get("declared", [kinds[kind] for _, kind in table["columns"]])
            columns = ", ".join(f"{quote_name(name)} {kind} COLLATE NOCASE"
                                for (name, _), kind in zip(table["columns"], declared))
            self.connection.execute(f"CREATE TABLE {quote_name(table['name'])} ({columns})")
            places = ", ".join("?" * len(table["columns"]))
            self.connection.executemany(
                f"INSERT INTO {quote_name(table['name'])} VALUES ({places})", table["rows"])

    def select(self, statements):
        """For each (SQL, parameters): the rows, the first column an id, the others Booleans."""
        for sql, parameters in statements:
            yield [(row[0], *map(bool, row[1:]))
                   for row in self.connection.execute(sql, tuple(parameters))]


class PostgresServer:
    """Listens on a socket in a folder of its own, and is gone when the block ends."""

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="wardlock-pg-")
        self.socket = pathlib.Path(self._folder.name)
        self._data = self.socket / "data"
        if os.geteuid() == 0:
            shutil.chown(self.socket, SERVER_USER)
        self._server(self._tool("initdb"), "-D", self._data, "-U", "wardlock", "-A", "trust",
                     "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        self._folder.cleanup()

    def start(self):
        self._server(self._tool("pg_ctl"), "-D", self._data, "-w", "-l", self.socket / "log", "-o",
                     f"-k {self.socket} -c listen_addresses='' -c fsync=off "
                     "-c jit=off -c autovacuum=off", "start")

    def stop(self):
        """At once, as if it had crashed."""
        self._server(self._tool("pg_ctl"), "-D", self._data, "-m", "immediate", "stop")

    @staticmethod
    def _tool(name):
        places = sorted(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        return str(places[-1]) if places else name

    def _server(self, *command):
        if os.geteuid() == 0:
            command = ("runuser", "-u", SERVER_USER, "--", *command)
        subprocess.run([str(word) for word in command], check=True, cwd=self.socket,
                       stdout=subprocess.DEVNULL)

    def psql(self, script):
        """What the script prints. An error in it is printed like a result, as `ERROR: …`."""
        command = ["psql", "-X", "-q", "-A", "-t", "-h", self.socket, "-U", "wardlock", "postgres"]
        return subprocess.run([str(word) for word in command], input=script, check=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout


class Postgresql:
    """Tables of one session of the server."""
    dialect = "postgresql"

    def __init__(self, server, tables):
        self._server = server
        self._prelude = "\n".join(self._create(table) for table in tables)

    def _create(self, table):
        name = quote_name(table["name"])
        columns = ", ".join(f"{quote_name(column)} {kind}" for column, kind in table["columns"])
        script = [f"CREATE TEMPORARY TABLE {name} ({columns});"]
        for row in table["rows"]:
            values = ", ".join(self._literal(value, kind)
                               for value, (_, kind) in zip(row, table["columns"]))
            script.append(f"INSERT INTO {name} VALUES ({values});")
        return "\n".join(script)

    @staticmethod
    def _literal(value, kind="text"):
        if value is None:
            return "NULL"
        if kind == "timestamptz":
            value = _timestamp(value)
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, int):
            return str(value)
        return "'" + value.replace("'", "''") + "'"

    def select(self, statements):
        """As Sqlite's. The statements are prepared, so that their parameters are parameters."""
        script = [self._prelude]
        for sql, parameters in statements:
            script.append("\\echo ----")
            script.append("PREPARE asked AS SELECT coalesce(json_agg(to_json(found)), '[]')::text "
                          f"FROM ({sql}) AS found;")
            values = ", ".join(map(self._literal, parameters))
            script.append(f"EXECUTE asked{f'({values})' if values else ''};")
            script.append("DEALLOCATE asked;")
        for result in self._server.psql("\n".join(script)).split("----\n")[1:]:
            try:
                rows = json.loads(result)
            except json.JSONDecodeError:
                raise RuntimeError(result) from None
            yield [tuple(row.values()) for row in rows]

#!/usr/bin/python3
"""What the redshift stand-in imitates beyond test_sandbox.py, on a bench that is up.

    tests/sandbox/sandbox run DIR -- tests/sandbox/test_standin.py
"""

import os
import ssl
import sys
import time
import unittest

sys.dont_write_bytecode = True
import redshift_errors  # noqa: E402
import redshift_options  # noqa: E402
import redshift_settings  # noqa: E402
from wire_client import ENV, Client, ServerError, StandIn  # noqa: E402

ENV.update(os.environ)


class Case(unittest.TestCase):
    def fields(self, client, text, prepared=False):
        """The fields of the error that the text gives."""
        with self.assertRaises(ServerError, msg=text) as caught:
            client.prepared(text) if prepared else client.query(text)
        return caught.exception.fields

    def both(self, client, text, state):
        for prepared in (False, True):
            self.assertEqual(self.fields(client, text, prepared)["C"], state, text)

    def kinds(self, client, text):
        """(kind, body) of all messages of a simple query."""
        client.send(b"Q", text.encode() + b"\0")
        seen = []
        while not seen or seen[-1][0] != b"Z":
            seen.append(client.message())
        return seen


class Refusals(Case):
    def test_settings(self):
        with Client() as client:
            for name in ("lock_timeout", "bytea_output", "lc_messages", "no_such",
                         "idle_in_transaction_session_timeout", "ssl_renegotiation_limit"):
                self.both(client, "SET %s TO 1" % name, "42704")
                self.both(client, "/* c */ set session %s = 1" % name, "42704")
            self.both(client, "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "0A000")
            for name, value in redshift_settings.OWN.items():
                self.assertEqual(client.query("SHOW " + name), [[value]])
                client.query("SET %s TO '%s'" % (name, value))
            client.query("SET wlm_query_slot_count TO 3")
            self.assertEqual(client.query("show WLM_QUERY_SLOT_COUNT;"), [["3"]])
            client.query("RESET wlm_query_slot_count")
            self.assertEqual(client.query("SHOW wlm_query_slot_count"), [["1"]])
            client.query("SET TIME ZONE 'UTC'; SET NAMES 'UTF8'; SET search_path TO public;"
                         "SET app.kind TO 'x'; SET SESSION AUTHORIZATION DEFAULT; SET SEED TO 0.5")
            client.query("SET readonly TO 1")
            self.assertEqual(client.query("SHOW readonly"), [["on"]])

    def test_several_statements(self):
        with Client() as client:
            self.assertEqual(self.fields(client, "SELECT 1; SAVEPOINT a; SELECT 2")["C"], "0A000")
            self.assertEqual(self.fields(client, "BEGIN; SELECT ';'; DEALLOCATE ALL")["C"], "0A000")
            self.assertEqual(client.status, b"E")
            client.query("ROLLBACK")
            self.assertEqual(client.query("SELECT 'a;SAVEPOINT b' /* ; SAVEPOINT c */;"),
                             [["a;SAVEPOINT b"]])
            client.query("CREATE TEMP TABLE t (i int); INSERT INTO t VALUES (1);"
                         "UPDATE t SET i = 2 -- ; LISTEN x\n; DROP TABLE t;")

    def test_long_names(self):
        with Client() as client:
            for name in ("x" * 128, '"%s"' % ("é" * 64), '"%s"' % ("x" * 128)):
                self.both(client, "SELECT 1 AS " + name, "42622")
            for fine in ("SELECT 1 AS " + "x" * 127, 'SELECT 1 AS "%s"' % ("é" * 63),
                         "SELECT '%s'" % ("x" * 500), "SELECT 1 /* %s */" % ("x" * 500),
                         "SELECT %s" % ("1" * 500)):
                self.assertEqual(len(client.query(fine)), 1)


class Errors(Case):
    def test_table(self):
        with Client() as client:
            for name, (state, message, detail, hint) in redshift_errors.FAILURES.items():
                for prepared in (False, True):
                    fields = self.fields(client, "SELECT rs.fail('%s')" % name, prepared)
                    self.assertEqual([fields.get(letter) for letter in "SCMDHFR"],
                                     ["ERROR", state, message, detail, hint, "standin.c", "rs_fail"])
                    self.assertNotIn("V", fields)
            self.assertIn("Serializable isolation violation", redshift_errors.FAILURES["1023"][2])
            self.assertEqual(self.fields(client, "SELECT rs.fail('none')")["C"], "3F000")
            client.query("BEGIN")
            self.fields(client, "SELECT rs.fail('1023')")
            self.assertEqual(client.status, b"E")


class Rows(Case):
    def test_rows(self):
        for level in range(4):
            with Client(application_name="rs-level:%d" % level) as client:
                for text in ("SELECT * FROM rs.rows(3, 5)", "select * from RS.ROWS(3,5,1);"):
                    wanted = [["1", "xxxxx"], ["2", "xxxxx"], ["3", "xxxxx"]]
                    self.assertEqual(client.query(text), wanted)
                    self.assertEqual(client.prepared(text), wanted)
                self.assertEqual(client.query("SELECT * FROM rs.rows(0, 5)"), [])
                self.assertEqual(client.query("SELECT 1"), [["1"]])
        with Client() as client:
            client.parse("SELECT * FROM rs.rows(2, 0)")
            client.sync()
            for _ in range(2):
                client.execute()
                self.assertEqual(client.sync(), [["1", ""], ["2", ""]])
            seen = self.kinds(client, "SELECT * FROM rs.rows(200000, 100)")
            self.assertEqual(len(seen), 200003)
            self.assertEqual(seen[-2], (b"C", b"SELECT 200000\0"))

    def test_cancel(self):
        for begin, status in (("", b"I"), ("BEGIN", b"E")):
            for text in ("SELECT * FROM rs.rows(100000000, 1000)",
                         "SELECT * FROM rs.rows(10, 1, 60000)"):
                with StandIn() as server, Client(server.port) as client:
                    if begin:
                        client.query(begin)
                    client.send(b"Q", text.encode() + b"\0")
                    self.assertEqual(client.message()[0], b"T")
                    client.cancel(True)
                    with self.assertRaises(ServerError) as caught:
                        client.results()
                    self.assertEqual(caught.exception.fields["C"], "57014")
                    self.assertEqual(client.status, status)
                    if begin:
                        client.query("ROLLBACK")
                    self.assertEqual(client.query("SELECT 1"), [["1"]])


class Options(Case):
    def test_marks(self):
        with Client(application_name="a rs-status:padb_version=2 rs-status:show_discovery "
                                     "rs-status:odd=") as client:
            self.assertEqual(client.statuses["padb_version"], "2")
            self.assertEqual(client.statuses["odd"], "")
            self.assertNotIn("show_discovery", client.statuses)
            self.assertEqual(client.statuses["case_sensitive"], "on")
        with Client(application_name="rs-status:TimeZone") as client:
            client.query("SET TimeZone TO 'Europe/Berlin'")
            self.assertNotIn("TimeZone", client.statuses)

    def test_results(self):
        with StandIn("--no-select-count", "--info", "something") as server:
            with Client(server.port) as client:
                seen = self.kinds(client, "SELECT 1 UNION SELECT 2")
                self.assertEqual([kind for kind, _ in seen],
                                 [b"N", b"T", b"D", b"D", b"C", b"Z"])
                self.assertEqual(seen[0][1].split(b"\0")[:3], [b"SINFO", b"C00000", b"Msomething"])
                self.assertEqual(seen[4][1], b"SELECT\0")
                tag = self.kinds(client, "CREATE TEMP TABLE t (i int); INSERT INTO t VALUES (1)")[1]
                self.assertEqual(tag, (b"C", b"INSERT 0 1\0"))

    def test_wake(self):
        seen = []
        with StandIn("--wake", "6") as server:
            limit = time.monotonic() + 30
            while not seen or seen[-1] != "in":
                self.assertLess(time.monotonic(), limit)
                try:
                    Client(server.port).sock.close()
                    met = "in"
                except ConnectionRefusedError:
                    met = "refused"
                except ServerError as error:
                    met = error.fields["C"]
                except (ConnectionError, ssl.SSLError):
                    met = "reset"
                if not seen or seen[-1] != met:
                    seen.append(met)
                time.sleep(0.05)
        self.assertEqual(seen, ["refused", "reset", "57P03", "in"])

    def test_help(self):
        """Every option is explained."""
        actions = redshift_options.make_parser()._actions
        self.assertGreater(len(actions), 25)
        self.assertEqual([action.dest for action in actions if not action.help], [])


class Catalog(Case):
    def test_show(self):
        """A row of each command, by simple and by extended query."""
        commands = {
            "SHOW DATABASES LIKE 'o%'": "other",
            "show schemas from database other like 'pub%'": "public",
            "SHOW TABLES FROM SCHEMA other.public LIKE 'orders';": "orders",
            "SHOW COLUMNS FROM TABLE OTHER.\"public\".\"ORDERS\" LIKE 'note'": "note",
            "SHOW CONSTRAINTS PRIMARY KEYS FROM TABLE other.public.orders": "orders_pkey",
            "SHOW CONSTRAINTS FOREIGN KEYS FROM TABLE other.public.order_lines": "orders",
            "SHOW CONSTRAINTS FOREIGN KEYS EXPORTED FROM TABLE other.public.orders": "order_lines",
            "SHOW GRANTS ON TABLE other.public.orders": "writer",
            "SHOW COLUMN GRANTS ON TABLE other.public.orders LIKE 'n%'": "clerk",
            "SHOW PROCEDURES FROM SCHEMA other.public": "p_close",
            "SHOW FUNCTIONS FROM SCHEMA other.public": "f_net",
            "SHOW PARAMETERS OF FUNCTION other.public.f_net(numeric, integer)": "amount",
            "SHOW PARAMETERS OF PROCEDURE other.public.p_close(integer,character varying)": "note",
        }
        with Client() as client:
            for text, cell in commands.items():
                for rows in (client.query(text), client.prepared(text)):
                    self.assertIn(cell, [each for row in rows for each in row], text)
            self.both(client, "SHOW COLUMNS FROM TABLE other.public", "42601")
            self.both(client, "SHOW COLUMNS FROM TABLE other.public.orders LIKE note", "42601")
            self.both(client, "SHOW TABLES FROM SCHEMA nowhere.public", "3D000")
            self.both(client, "SHOW TABLES FROM SCHEMA other.nothing", "3F000")
        with Client(application_name="rs-status:show_discovery=3") as client:
            for text in commands:
                self.both(client, text, "42601")
        with Client(application_name="rs-status:show_limit=2") as client:
            self.both(client, "SHOW COLUMNS FROM TABLE other.public.orders", "54000")
            self.assertEqual(len(client.query("SHOW TABLES FROM SCHEMA other.public LIKE 'o%'")), 2)

    def test_case(self):
        text = "SHOW COLUMNS FROM TABLE other.\"Sales %_\\ '\"\"\".\"UPPER\""
        with Client() as client:
            self.assertEqual(self.fields(client, text)["C"], "3F000")
            client.query("SET enable_case_sensitive_identifier TO true")
            self.assertEqual(client.query(text)[0][3], "Mixed")

    def test_leader_node(self):
        with Client() as client:
            for call in ("now()", "version()", "pg_catalog.pg_get_expr(NULL, 1)",
                         "(SELECT count(*) FROM generate_series(1, 2))"):
                self.both(client, "SELECT %s FROM svv_tables" % call, "0A000")
            for fine in ("SELECT 'now()' FROM svv_tables", "SELECT now()",
                         "SELECT current_database() FROM svv_tables", "SELECT 'svv_x', now()",
                         "SELECT table_name FROM svv_tables UNION SELECT relname FROM pg_class"):
                self.assertGreater(len(client.query(fine)), 0, fine)
        with Client(application_name="rs-status:strict_leader=on") as client:
            self.both(client, "SELECT 1 FROM svv_tables, pg_class", "0A000")
            client.query("SELECT 1 FROM svv_tables LIMIT 1")


if __name__ == "__main__":
    if "RS_REDSHIFT_PORT" not in ENV:
        print("the sandbox is not up (RS_REDSHIFT_PORT)")
        sys.exit(77)
    unittest.main()

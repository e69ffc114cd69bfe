"""What all connections of the redshift stand-in share: the listener, the log, the store of
temporary passwords, memberships of groups, keys of cancel requests.
"""

import collections
import json
import os
import select
import socket
import ssl
import struct
import threading
import time

from redshift_auth import USERS
from redshift_backend import Backend, PgError
from redshift_dialect import Refusal
from redshift_faults import FaultSet
from redshift_wire import quote_ident, quote_literal


class Server:
    def __init__(self, options, connection):
        """connection(server, sock, number) makes what serves one client by run()."""
        self.options = options
        self.connection = connection
        self.pg_path = os.path.join(options.pg_socket, ".s.PGSQL.%d" % options.pg_port)
        self.faults = FaultSet(options.fault)
        self.users = dict(USERS)
        if options.users:
            with open(options.users, encoding="utf-8") as file:
                self.users = json.load(file)
        self.lock = threading.Lock()
        self.connections = 0
        self.resume_left = options.resume
        self.awake_at = 0
        self.cancel_keys = {}
        self.memberships = collections.Counter()
        self.ours = set()
        self.log_fd = None
        if options.log:
            self.log_fd = os.open(options.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.context = None
        if not options.no_tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.minimum_version = ssl.TLSVersion.TLSv1_2
            self.context.load_cert_chain(options.cert, options.key)

    def log(self, conn, event, **more):
        if self.log_fd is None:
            return
        line = {"t": round(time.time(), 3), "inst": self.options.name,
                "conn": conn.number if conn else 0, "event": event}
        if conn:
            line["tls"] = conn.tls
        line.update(more)
        # One write per line: several stand-ins may share the file.
        os.write(self.log_fd, (json.dumps(line) + "\n").encode())

    def log_startup(self, parameters):
        if self.options.startup_log:
            text = "".join("%s=%s\n" % pair for pair in parameters.items()) + "\n"
            with open(self.options.startup_log, "a", encoding="utf-8") as file:
                file.write(text)

    def serve(self):
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.options.listen))
        if self.options.wake:
            print(listener.getsockname()[1], flush=True)
            self.wake(listener)
        else:
            listener.listen(128)
            print(listener.getsockname()[1], flush=True)
        while True:
            sock, _ = listener.accept()
            with self.lock:
                self.connections += 1
                conn = self.connection(self, sock, self.connections)
            threading.Thread(target=conn.run, daemon=True).start()

    def wake(self, listener):
        """The first two thirds of a workgroup's waking; the last one is refuse_resume's."""
        third = self.options.wake / 3
        # Bound but not listening: refused.
        time.sleep(third)
        listener.listen(128)
        end = time.monotonic() + third
        hanging = []
        while True:
            left = end - time.monotonic()
            if left <= 0:
                break
            if select.select([listener], [], [], left)[0]:
                hanging.append(listener.accept()[0])
                self.log(None, "hang")
        self.awake_at = time.monotonic() + third
        for sock in hanging:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    def admin(self):
        return Backend(self.pg_path, {"user": self.options.pg_superuser, "database": "postgres"})

    def procedure_modes(self, database, name):
        """Of each procedure of that name, a letter a parameter."""
        back = Backend(self.pg_path, {"user": self.options.pg_superuser, "database": database})
        try:
            return back.query("SELECT COALESCE(array_to_string(proargmodes, ''), "
                              "repeat('i', pronargs)) FROM pg_proc WHERE prokind = 'p' "
                              "AND lower(proname) = " + quote_literal(name))
        finally:
            back.close()

    def refuse_resume(self):
        with self.lock:
            if self.resume_left > 0:
                self.resume_left -= 1
                return True
        return time.monotonic() < self.awake_at

    # Temporary passwords: one file each, written by the aws stand-in.

    def stored_passwords(self, user):
        store = self.options.password_store
        if not store:
            return
        for name in sorted(os.listdir(store)):
            if not name.endswith((".json", ".used")):
                continue
            path = os.path.join(store, name)
            try:
                with open(path, encoding="utf-8") as file:
                    entry = json.load(file)
            except (OSError, ValueError):
                continue
            if entry.get("user") == user:
                entry["path"] = path
                entry["used"] = name.endswith(".used")
                yield entry

    def take_password(self, entry):
        """Marks it used; a rename has one winner, also between processes."""
        if self.options.password_reuse:
            return True
        try:
            os.rename(entry["path"], entry["path"][:-len(".json")] + ".used")
            return True
        except FileNotFoundError:
            return False

    # Group memberships last as long as the sessions that asked for them.

    def join_groups(self, admin, role, groups):
        joined = []
        with self.lock:
            for group in groups:
                if not admin.query("SELECT 1 FROM pg_roles WHERE NOT rolcanlogin AND rolname = "
                                   + quote_literal(group)):
                    self.leave_groups_locked(admin, role, joined)
                    raise Refusal("42704", 'group "%s" does not exist' % group)
                pair = (role, group)
                if not self.memberships[pair] and not admin.query(
                        "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member "
                        "JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname = %s AND g.rolname = %s"
                        % (quote_literal(role), quote_literal(group))):
                    admin.query("GRANT %s TO %s" % (quote_ident(group), quote_ident(role)))
                    self.ours.add(pair)
                self.memberships[pair] += 1
                joined.append(group)
        return joined

    def leave_groups(self, role, groups):
        try:
            admin = self.admin()
        except (OSError, PgError):
            return
        try:
            with self.lock:
                self.leave_groups_locked(admin, role, groups)
        except (OSError, PgError):
            pass
        finally:
            admin.close()

    def leave_groups_locked(self, admin, role, groups):
        for group in groups:
            pair = (role, group)
            self.memberships[pair] -= 1
            if self.memberships[pair] == 0 and pair in self.ours:
                self.ours.discard(pair)
                admin.query("REVOKE %s FROM %s" % (quote_ident(group), quote_ident(role)))

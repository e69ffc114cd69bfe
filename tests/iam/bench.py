"""What the Python tests of signing in share: strings, connecting, the stand-ins' logs."""
import ctypes, json, os, sys, time

E = os.environ
if 'RS_AWS_URL' not in E:
    print('the sandbox is not up (RS_AWS_URL)')
    sys.exit(77)

SQL_NTS, NOPROMPT = -3, 0


def braced(value):
    return '{' + str(value).replace('}', '}}') + '}'


def string(**keys):
    return ';'.join(f'{k}={v if k == "Driver" else braced(v)}' for k, v in
                    {'Driver': '{Redshift ODBC}', 'CaFile': E['RS_CA_FILE'], **keys}.items() if v is not None)


def iam(**more):
    """Good IAM keys, by cluster and region; None takes a key away."""
    return string(**{'EndpointUrl': E['RS_AWS_URL'], 'ClusterID': E['RS_CLUSTER_ID'], 'Region': E['RS_REGION'],
                     'Database': 'dev', 'DbUser': E['RS_DB_USER'], 'AutoCreate': 1,
                     'AccessKeyID': E['RS_AWS_ACCESS_KEY_ID'],
                     'SecretAccessKey': E['RS_AWS_SECRET_ACCESS_KEY'], **more})


def server():
    return {'Server': E['RS_REDSHIFT_HOST'], 'Port': E['RS_REDSHIFT_PORT']}


def standard(**more):
    return string(**{**server(), 'Database': 'dev', 'UID': E['RS_REDSHIFT_USER'], 'PWD': E['RS_REDSHIFT_PASSWORD'],
                     **more})


_nonce = 0


def fault(name):
    global _nonce
    _nonce += 1
    return f'{E["RS_AWS_URL"]}fault/{name}/py{os.getpid()}-{_nonce}/'


class Log:
    """Lines that come after now; what is still to be written about the past is waited for."""

    def __init__(self, path):
        self.path, self.at = path, None
        until = time.monotonic() + 30
        while self.is_behind() and time.monotonic() < until:
            time.sleep(0.02)
        while self.at != self.size():
            self.at = self.size()
            time.sleep(0.1)

    def size(self):
        return os.path.getsize(self.path) if os.path.exists(self.path) else 0

    def is_behind(self):
        """Somebody asked, and the line about it is still to come."""
        if self.size() == 0:
            return False
        with open(self.path, 'rb') as file:
            data = file.read()
        return data.count(b'"event": "asked"') > data.count(b'"event": "request"')

    def lines(self):
        with open(self.path, 'rb') as file:
            file.seek(self.at)
            data = file.read()
        return [json.loads(line) for line in data[:data.rfind(b'\n') + 1].splitlines()]

    def sessions(self, count, wait=5):
        """Events by connection, once `count` of them have closed."""
        until = time.monotonic() + wait
        while True:
            found = {}
            for line in self.lines():
                if 'conn' in line:
                    found.setdefault((line['inst'], line['conn']), []).append(line)
            done = [c for c in found.values() if c[0]['event'] == 'accept' and c[-1]['event'] == 'close']
            if len(done) >= count or time.monotonic() > until:
                return done
            time.sleep(0.02)

    def requests(self, wait=10):
        """What was asked; each is written a moment after its answer, and waited for."""
        until = time.monotonic() + wait
        while True:
            events = [line['event'] for line in self.lines()]
            if events.count('asked') <= events.count('request') or time.monotonic() > until:
                return [line for line in self.lines() if line['event'] == 'request']
            time.sleep(0.02)


class Failed(Exception):
    """args: state, text of all records, the completed string."""


class Odbc:
    """The driver manager, without a layer that hides records or completed strings."""

    def __init__(self):
        self.lib = ctypes.CDLL('libodbc.so.2')
        self.env = self.alloc(1, None)
        self.lib.SQLSetEnvAttr(self.env, 200, ctypes.c_void_p(3), 0)

    def alloc(self, kind, parent):
        handle = ctypes.c_void_p()
        if self.lib.SQLAllocHandle(kind, parent, ctypes.byref(handle)) != 0:
            raise RuntimeError('no handle')
        return handle

    def records(self, kind, handle):
        found = []
        state, text = ctypes.create_string_buffer(6), ctypes.create_string_buffer(8192)
        native, n = ctypes.c_int(), ctypes.c_short()
        while self.lib.SQLGetDiagRec(ctypes.c_short(kind), handle, ctypes.c_short(len(found) + 1), state,
                                     ctypes.byref(native), text, ctypes.c_short(8192), ctypes.byref(n)) in (0, 1):
            found.append((state.value.decode(), text.value.decode(errors='replace')))
        return found

    def connect(self, text):
        """(connection, completed string, records); raises Failed."""
        dbc = self.alloc(2, self.env)
        out, n = ctypes.create_string_buffer(16384), ctypes.c_short()
        rc = self.lib.SQLDriverConnect(dbc, None, text.encode(), ctypes.c_short(SQL_NTS), out, ctypes.c_short(16384),
                                       ctypes.byref(n), ctypes.c_ushort(NOPROMPT))
        records = self.records(2, dbc) if rc != 0 else []
        if rc not in (0, 1):
            self.lib.SQLFreeHandle(2, dbc)
            raise Failed(records[0][0] if records else '', '\n'.join(f'{s} {t}' for s, t in records), out.value.decode())
        return dbc, out.value.decode(), records

    def run(self, dbc, sql):
        """Rows of text; raises Failed."""
        stmt = self.alloc(3, dbc)
        try:
            rows, rc = [], self.lib.SQLExecDirect(stmt, sql.encode(), SQL_NTS)
            columns, cell, n = ctypes.c_short(), ctypes.create_string_buffer(4096), ctypes.c_ssize_t()
            if rc in (0, 1):
                self.lib.SQLNumResultCols(stmt, ctypes.byref(columns))
            while rc in (0, 1) and columns.value > 0:
                rc = self.lib.SQLFetch(stmt)
                if rc not in (0, 1):
                    break
                row = []
                for i in range(columns.value):
                    self.lib.SQLGetData(stmt, ctypes.c_ushort(i + 1), ctypes.c_short(1), cell,
                                        ctypes.c_ssize_t(4096), ctypes.byref(n))
                    row.append(None if n.value < 0 else cell.value.decode())
                rows.append(tuple(row))
            if rc == -1:
                records = self.records(3, stmt)
                raise Failed(records[0][0] if records else '', '\n'.join(f'{s} {t}' for s, t in records), '')
            return rows
        finally:
            self.lib.SQLFreeHandle(3, stmt)

    def close(self, dbc):
        self.lib.SQLDisconnect(dbc)
        self.lib.SQLFreeHandle(2, dbc)

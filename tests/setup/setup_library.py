#!/usr/bin/python3
"""The driver as its own setup library, asked by unixODBC's installer library as an administrator's
program asks it: properties, and data sources added, changed and removed, which isql then opens."""
import ctypes, os, stat, subprocess, sys, tempfile, unittest

E = os.environ
if 'RS_AWS_URL' not in E:
    print('the sandbox is not up (RS_AWS_URL)')
    sys.exit(77)
HOME = tempfile.TemporaryDirectory()
INI = os.path.join(HOME.name, 'odbc.ini')
with open(os.path.join(HOME.name, 'odbcinst.ini'), 'w') as file:
    file.write(f'[Redshift ODBC]\nDriver = {E["RS_DRIVER"]}\nSetup = {E["RS_DRIVER"]}\n')
E['ODBCSYSINI'], E['ODBCINI'] = HOME.name, INI
INST = ctypes.CDLL('libodbcinst.so.2')

ADD, CONFIG, REMOVE, ADD_SYSTEM, REMOVE_DEFAULT = 1, 2, 3, 4, 7
INVALID_NAME, INVALID_KEYWORD, INVALID_DSN, FAILED = 7, 8, 9, 11
LABEL, TEXT, LISTBOX, COMBOBOX, FILENAME, HIDDEN, PASSWORD = range(7)
SECRET = 'wJalrXUtnFEMI canary'


class Property(ctypes.Structure):
    pass


Property._fields_ = [('next', ctypes.POINTER(Property)), ('name', ctypes.c_char * 1001), ('value', ctypes.c_char * 1001),
                     ('type', ctypes.c_int), ('words', ctypes.POINTER(ctypes.c_char_p)), ('help', ctypes.c_char_p),
                     ('widget', ctypes.c_void_p), ('refresh', ctypes.c_int), ('dll', ctypes.c_void_p)]


def configure(request, driver='Redshift ODBC', **pairs):
    text = b''.join(f'{k}={v}'.encode() + b'\0' for k, v in pairs.items()) + b'\0'
    return INST.SQLConfigDataSource(None, request, driver.encode(), text)


def error():
    code, text, n = ctypes.c_uint32(), ctypes.create_string_buffer(512), ctypes.c_uint16()
    rc = INST.SQLInstallerError(1, ctypes.byref(code), text, 511, ctypes.byref(n))
    return (code.value, text.value.decode()) if rc in (0, 1) else None


def iam(**more):
    return {'AuthType': 'AWS IAM Credentials', 'EndpointUrl': E['RS_AWS_URL'], 'ClusterID': E['RS_CLUSTER_ID'],
            'Region': E['RS_REGION'], 'Database': 'dev', 'DbUser': E['RS_DB_EXISTING_USER'], 'CaFile': E['RS_CA_FILE'],
            'AccessKeyID': E['RS_AWS_ACCESS_KEY_ID'], 'SecretAccessKey': E['RS_AWS_SECRET_ACCESS_KEY'], **more}


def standard(**more):
    return {'Server': E['RS_REDSHIFT_HOST'], 'Port': E['RS_REDSHIFT_PORT'], 'Database': 'dev', 'CaFile': E['RS_CA_FILE'],
            'UID': E['RS_REDSHIFT_USER'], 'PWD': E['RS_REDSHIFT_PASSWORD'], **more}


def isql(name):
    return subprocess.run(['isql', '-b', name], input='SELECT current_user AS me\n', stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60).stdout


def ini(path=INI):
    with open(path) as file:
        return file.read()


class Properties(unittest.TestCase):
    def setUp(self):
        first = ctypes.POINTER(Property)()
        self.assertEqual(INST.ODBCINSTConstructProperties(b'Redshift ODBC', ctypes.byref(first)), 0, error())
        self.rows, at = {}, first
        while at:
            words, row = [], at.contents
            while row.words and row.words[len(words)] is not None:
                words.append(row.words[len(words)].decode())
            name = row.name.decode()
            self.assertNotIn(name, self.rows)
            self.rows[name] = (row.type, words, row.value.decode(), (row.help or b'').decode())
            at = row.next
        self.assertEqual(INST.ODBCINSTDestructProperties(ctypes.byref(first)), 0)

    def test_list(self):
        names = list(self.rows)
        self.assertEqual(names[:8], ['Name', 'Description', 'Driver', 'Server', 'Port', 'Database', 'AuthType', 'UID'])
        self.assertEqual(names[-5:], ['LogLevel', 'LogPath', 'LogFormat', 'LogSql', 'LogMaxBytes'])
        for name in ('ClusterID', 'Profile', 'idp_host', 'app_id', 'idp_tenant', 'login_url', 'role_arn', 'scope', 'token',
                     'issuer_url', 'SSLMode', 'CaFile'):
            self.assertIn(name, names)

    def test_kinds(self):
        secrets = {name for name, row in self.rows.items() if row[0] == PASSWORD}
        self.assertEqual(secrets, {'PWD', 'SecretAccessKey', 'SessionToken', 'client_secret', 'web_identity_token', 'token'})
        self.assertEqual(self.rows['AutoCreate'][:2], (LISTBOX, ['', '0', '1']))
        self.assertEqual(self.rows['SSLMode'][0], COMBOBOX)
        self.assertIn('verify-full', self.rows['SSLMode'][1])
        self.assertEqual(self.rows['CaFile'][0], FILENAME)
        kind, words, value, _ = self.rows['AuthType']
        self.assertEqual((kind, len(words), words[0], value), (LISTBOX, 14, 'Standard', 'Standard'))
        self.assertIn('Identity Provider: Okta', words)
        self.assertIn('TCP port', self.rows['Port'][3])
        self.assertIn('5439', self.rows['Port'][3])


class Configure(unittest.TestCase):
    def setUp(self):
        open(INI, 'w').close()

    def test_iam(self):
        self.assertTrue(configure(ADD, DSN='keys', **iam()), error())
        self.assertIn(E['RS_DB_EXISTING_USER'], isql('keys'))
        self.assertEqual(stat.S_IMODE(os.stat(INI).st_mode), 0o600)

    def test_standard(self):
        self.assertTrue(configure(ADD, DSN='plain', **standard()), error())
        self.assertIn(E['RS_REDSHIFT_USER'], isql('plain'))
        self.assertTrue(configure(CONFIG, DSN='plain', Description='changed', PWD=''), error())
        self.assertIn('changed', ini())
        self.assertIn(E['RS_REDSHIFT_HOST'], ini())
        self.assertNotIn('PWD', ini())
        self.assertTrue(configure(ADD, DSN='other', **standard()), error())
        self.assertTrue(configure(REMOVE, DSN='plain'), error())
        self.assertNotIn('[plain]', ini())
        self.assertIn('[other]', ini())

    def test_other_way_of_signing_in(self):
        """What belonged to the old one goes."""
        self.assertTrue(configure(ADD, DSN='a', **iam()), error())
        self.assertTrue(configure(CONFIG, DSN='a', AuthType='Standard', Server='h', UID='u'), error())
        self.assertNotIn('SecretAccessKey', ini())
        self.assertNotIn('ClusterID', ini())

    def test_system(self):
        path = os.path.join(HOME.name, 'odbc.ini')
        self.assertTrue(configure(ADD_SYSTEM, DSN='all', **standard()), error())
        self.assertIn('[all]', ini(path))

    def test_refused(self):
        good = standard()
        self.assertTrue(configure(ADD, DSN='there', **good), error())
        before = ini()
        for request, pairs, code, words in (
                (ADD, good, INVALID_DSN, 'DSN is required'),
                (ADD, {'DSN': 'a[b', **good}, INVALID_DSN, 'the name of a data source holds none of'),
                (CONFIG, {'DSN': 'nobody'}, INVALID_DSN, 'there is no data source "nobody"'),
                (REMOVE, {'DSN': 'nobody'}, INVALID_DSN, 'there is no data source "nobody"'),
                (ADD, {'DSN': 'a', **good, 'Port': '0'}, INVALID_KEYWORD, 'Port must be between 1 and 65535'),
                (ADD, {'DSN': 'a', **good, 'Nonsense': '1'}, INVALID_KEYWORD, 'unknown connection key "Nonsense"'),
                (ADD, {'DSN': 'a', 'AuthType': 'Kerberos'}, INVALID_KEYWORD, 'AuthType "Kerberos" is not known'),
                (ADD, {'DSN': 'a', 'Server': 'h', 'UID': 'u'}, FAILED, 'Database is required'),
                (ADD, {'DSN': 'a', **iam(SSLMode='prefer')}, FAILED, 'IAM authentication needs SSLMode'),
                (ADD, {'DSN': 'a', **good, 'PWD': SECRET + ' '}, FAILED, 'PWD begins or ends with a blank'),
                (ADD, {'DSN': 'a', **good, 'PWD': SECRET * 100}, FAILED, 'PWD is too long'),
                (REMOVE_DEFAULT, {'DSN': 'there'}, None, '')):
            self.assertFalse(configure(request, **pairs), words)
            found = error()
            self.assertIn(words, found[1])
            self.assertNotIn('canary', found[1])
            if code:
                self.assertEqual(found[0], code, words)
        self.assertEqual(ini(), before)

    def test_driver(self):
        driver = ctypes.CDLL(E['RS_DRIVER'])
        text, n = ctypes.create_string_buffer(10), ctypes.c_uint16(9)
        for request in (1, 2):
            self.assertTrue(driver.ConfigDriver(None, request, b'Redshift ODBC', None, text, 10, ctypes.byref(n)))
        self.assertFalse(driver.ConfigDriver(None, 3, b'Redshift ODBC', b'CPTimeout=60\0', text, 10, ctypes.byref(n)))
        self.assertFalse(driver.ConfigDriver(None, 1, None, None, None, 0, None))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])

#!/usr/bin/python3
"""No secret is told: the most talkative log, good and failing connects, and then a search of the log
files, of all diagnostics and of all completed strings for each secret that was in play."""
import glob, json, os, re, shutil, stat, sys, tempfile, unittest, urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import E, Failed, Odbc, fault, iam, server, standard, string  # noqa: E402

ODBC = Odbc()
# One of each kind, so that a find says which; short enough for every key.
CANARY = {name: f'canary-{name}-7Zq;}}"%' for name in
          ('pwd', 'secret', 'token', 'proxypwd', 'httpsproxy', 'client', 'jwt', 'native', 'envsecret', 'envtoken',
           'proxyenv', 'filesecret', 'filetoken', 'sql')}
TEMP = {'AccessKeyID': E['RS_AWS_TEMP_ACCESS_KEY_ID'], 'SecretAccessKey': E['RS_AWS_TEMP_SECRET_ACCESS_KEY'],
        'SessionToken': E['RS_AWS_TEMP_SESSION_TOKEN']}
IDENTITY = {'AccessKeyID': E['RS_AWS_IDENTITY_ACCESS_KEY_ID'],
            'SecretAccessKey': E['RS_AWS_IDENTITY_SECRET_ACCESS_KEY'],
            'SessionToken': E['RS_AWS_IDENTITY_SESSION_TOKEN']}
OTHERS = {'ProxyPwd': CANARY['proxypwd'], 'https_proxy_password': CANARY['httpsproxy'],
          'client_secret': CANARY['client'], 'web_identity_token': CANARY['jwt'], 'token': CANARY['native']}


def spellings(secret):
    """As text, in a braced value, in JSON, in a URL, and its halves: a cut secret is told, too."""
    found = {secret, secret.replace('}', '}}'), json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1],
             urllib.parse.quote(secret, safe=''), urllib.parse.quote(secret, safe='-_.~/')}
    if len(secret) > 24:
        found |= {secret[:16], secret[-16:]}
    return found


class Canary(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='rs-canary-')
        self.told = []       # (where, text)
        self.completed = []  # (what the string held, text)
        self.store = set(os.listdir(E['RS_PASSWORD_STORE']))
        self.old = dict(os.environ)
        with open(os.path.join(self.folder, 'credentials'), 'w', encoding='utf-8') as file:
            file.write(f'[canary]\naws_access_key_id = AKIACANARY\naws_secret_access_key = {CANARY["filesecret"]}\n'
                       f'aws_session_token = {CANARY["filetoken"]}\n')
        with open(os.path.join(self.folder, 'broken'), 'w', encoding='utf-8') as file:
            file.write(f'[canary]\n{CANARY["filesecret"]}\n')
        os.environ.update(AWS_CONFIG_FILE=E['RS_AWS_CONFIG_FILE'],
                          AWS_SHARED_CREDENTIALS_FILE=E['RS_AWS_CREDENTIALS_FILE'],
                          AWS_SECRET_ACCESS_KEY=CANARY['envsecret'], AWS_SESSION_TOKEN=CANARY['envtoken'],
                          HTTPS_PROXY=f'http://u:{urllib.parse.quote(CANARY["proxyenv"], safe="")}@127.0.0.1:1')

    def tearDown(self):
        os.environ.clear()
        os.environ.update(self.old)
        shutil.rmtree(self.folder)

    def talk(self, kind):
        return {'LogLevel': 6, 'LogSql': 1, 'LogFormat': kind, 'LogPath': os.path.join(self.folder, kind)}

    def go(self, text, good, **env):
        os.environ.update(env)
        try:
            dbc, out, records = ODBC.connect(text)
            self.told += [('diagnostics', t) for _, t in records]
            self.completed.append((text, out))
            self.assertTrue(good, 'connected: ' + text)
            try:
                ODBC.run(dbc, 'SELECT current_user')
                ODBC.run(dbc, 'SELECT nonsense')
            except Failed as failed:
                self.told.append(('diagnostics', failed.args[1]))
            ODBC.close(dbc)
        except Failed as failed:
            self.told.append(('diagnostics', failed.args[1]))
            self.completed.append((text, failed.args[2]))
            self.assertFalse(good, failed.args[1])
        finally:
            for name in env:
                os.environ[name] = {**self.old, 'AWS_CONFIG_FILE': E['RS_AWS_CONFIG_FILE'],
                                    'AWS_SHARED_CREDENTIALS_FILE': E['RS_AWS_CREDENTIALS_FILE']}.get(name, '')

    def good(self, log):
        self.go(iam(**log), True)
        self.go(iam(**TEMP, **server(), **log), True)
        self.go(iam(**TEMP, **OTHERS, **log), True)
        self.go(iam(AccessKeyID=E['RS_AWS_ACCESS_KEY_ID'], SecretAccessKey=None, PWD=E['RS_AWS_SECRET_ACCESS_KEY'], **log),
                True)
        self.go(iam(PWD=CANARY['pwd'], **log), True)
        self.go(iam(Profile='temp', AccessKeyID=None, SecretAccessKey=None, **log), True)
        self.go(standard(**OTHERS, **log), True)
        self.go(standard(SecretAccessKey=CANARY['secret'], SessionToken=CANARY['token'], IAM=0, **log), True)
        self.go(standard(UID=E['RS_REDSHIFT_CLEAR_USER'], PWD=E['RS_REDSHIFT_CLEAR_PASSWORD'], **log), True)
        token = E['RS_REDSHIFT_IDP_PASSWORD']
        self.go(standard(plugin_name='JWT', web_identity_token=token, UID=None, PWD=None, **log), True)
        self.go(standard(plugin_name='IdpTokenAuthPlugin', token=token, token_type='EXT_JWT', PWD=CANARY['pwd'],
                         UID=None, **log), True)
        identity = {**IDENTITY, 'plugin_name': 'IdpTokenAuthPlugin', 'DbUser': None, 'AutoCreate': None}
        self.go(iam(**identity, **log), True)
        self.go(iam(**identity, ClusterID=None, Workgroup='default', **log), True)
        for name in ('throttle-1', 'skewdate', 'skewsig', 'longpassword-500'):
            self.go(iam(EndpointUrl=fault(name), **TEMP, **server(), **log), True)

    def bad(self, log):
        keys = {'AccessKeyID': 'AKIACANARY', 'SecretAccessKey': CANARY['secret'], 'SessionToken': CANARY['token']}
        profile = {'AccessKeyID': None, 'SecretAccessKey': None, 'Profile': 'canary'}
        self.go(iam(**keys, **log), False)
        self.go(iam(SecretAccessKey=CANARY['secret'], **log), False)
        self.go(iam(**{**TEMP, 'SecretAccessKey': CANARY['secret']}, **log), False)
        self.go(iam(**{**TEMP, 'SessionToken': CANARY['token']}, **log), False)
        self.go(iam(SessionToken=CANARY['token'] * 1000, **log), False)
        self.go(iam(**profile, **log), False, AWS_SHARED_CREDENTIALS_FILE=os.path.join(self.folder, 'credentials'))
        self.go(iam(**profile, **log), False, AWS_SHARED_CREDENTIALS_FILE=os.path.join(self.folder, 'broken'))
        proxy = {'ProxyHost': '127.0.0.1', 'ProxyPort': 1, 'ProxyUid': 'me', 'ProxyPwd': CANARY['proxypwd']}
        for more in ({}, {'Opener': 'libpq'}, {'ProxyPort': E['RS_REDSHIFT_PORT']}, {'ProxyUid': 'a:b'},
                     {'ProxyHost': 'x/y'}, {'ProxyUid': None}):
            self.go(standard(**{**proxy, **more}, **log), False)
        for name in ('throttle-9', 'error500-9', 'close', 'cut', 'oversized', 'nonxml', 'nonxml403', 'emptybody',
                     'truncatedxml', 'xmlbomb', 'redirect', 'badport', 'expiredtoken-9', 'error-AccessDenied-403',
                     'error-InvalidSignatureException-403'):
            self.go(iam(EndpointUrl=fault(name), **TEMP, **log), False)
        identity = {'plugin_name': 'IdpTokenAuthPlugin', 'DbUser': None, 'AutoCreate': None, **server()}
        self.go(iam(**identity, **TEMP, **log), False)
        self.go(iam(**identity, **{**IDENTITY, 'SecretAccessKey': CANARY['secret']}, **log), False)
        self.go(iam(**identity, **{**IDENTITY, 'SessionToken': CANARY['token']}, **log), False)
        for name in ('nopassword', 'truncatedxml', 'cut', 'nonxml'):
            self.go(iam(EndpointUrl=fault(name), **identity, **IDENTITY, **log), False)
        for name in ('nopassword', 'expiredcreds', 'truncatedxml', 'cut', 'oversized'):
            self.go(iam(EndpointUrl=fault(name), **TEMP, **server(), **log), False)
        for url in ('RS_AWS_WRONGHOST_URL', 'RS_AWS_UNKNOWNCA_URL', 'RS_AWS_EXPIRED_URL'):
            self.go(iam(EndpointUrl=E[url], **TEMP, **log), False)
        self.go(iam(EndpointUrl='https://127.0.0.1:1/', **TEMP, **log), False)
        for point in ('before-auth=close', 'after-statuses=reset', 'before-auth=error=28P01:no'):
            self.go(iam(ApplicationName='rs-fault: ' + point, **TEMP, **server(), **log), False)
            self.go(standard(ApplicationName='rs-fault: ' + point, **log), False)
        for cluster in ('wronghost', 'expired', 'unknownca', 'notls', 'wrongport', 'creating'):
            self.go(iam(ClusterID=cluster, **TEMP, **log), False)
        self.go(iam(DbUser='nosuchuser', AutoCreate=0, **log), False)
        self.go(standard(PWD=CANARY['pwd'], **log), False)
        self.go(standard(UID=E['RS_REDSHIFT_DIGEST_USER'], PWD=CANARY['pwd'], **log), False)
        self.go(standard(Port=E['RS_REDSHIFT_NOTLS_PORT'], PWD=CANARY['pwd'], **log), False)
        self.go(standard(Port='x' + CANARY['pwd'][:5], PWD=CANARY['pwd'], **log), False)
        self.go(iam(Profile='user2', **keys, **log), False)
        self.go(iam(AccessKeyID=None, SecretAccessKey=CANARY['secret'], SessionToken=CANARY['token'], **log), False)
        self.go(iam(plugin_name='Okta', UID='x', PWD=CANARY['pwd'], AccessKeyID=None, SecretAccessKey=None, **OTHERS, **log),
                False)
        for keys in ({'plugin_name': 'JWT', 'web_identity_token': CANARY['jwt']},
                     {'plugin_name': 'JWT', 'token': CANARY['native']},
                     {'plugin_name': 'IdpTokenAuthPlugin', 'token': CANARY['native'], 'token_type': 'EXT_JWT'},
                     {'plugin_name': 'IdpTokenAuthPlugin', 'token': CANARY['native'], 'token_type': 'x'},
                     {'plugin_name': 'IdpTokenAuthPlugin', 'token': CANARY['native'], 'token_type': 'EXT_JWT',
                      'SessionToken': CANARY['token']},
                     {'plugin_name': 'IdpTokenAuthPlugin', 'token': CANARY['native'] * 5000, 'token_type': 'EXT_JWT'}):
            for more in ({}, {'UID': None}, {'Port': E['RS_REDSHIFT_NOTLS_PORT']}, {'Port': E['RS_REDSHIFT_CNONLY_PORT']},
                         {'Opener': 'libpq'}, {'ApplicationName': 'rs-fault: before-auth=close'}):
                self.go(standard(**{**keys, **more}, PWD=CANARY['pwd'], **log), False)
        self.go(standard(InitializationString=f"SELECT '{CANARY['sql']}' nonsense from nonsense", **log), False)
        # Junk behind a brace and a brace that is not closed: the parser must not quote the value.
        self.go(string(**log) + ';PWD={' + CANARY['pwd'].replace('}', '}}') + '}x', False)

    def secrets(self):
        found = {f'CANARY {name}': value for name, value in CANARY.items() if name != 'sql'}
        found.update({name: E[name] for name in E if re.fullmatch(r'RS_.*_(PASSWORD|SECRET_ACCESS_KEY|SESSION_TOKEN)', name)})
        for name in set(os.listdir(E['RS_PASSWORD_STORE'])) - self.store:
            with open(os.path.join(E['RS_PASSWORD_STORE'], name), encoding='utf-8') as file:
                found['temporary password'] = entry = json.load(file)['password']
                found[f'temporary password {name}'] = entry
        return found

    def search(self, where, text, secrets, given=''):
        for name, secret in secrets.items():
            for spelling in spellings(secret):
                if spelling in given:
                    continue
                at = text.find(spelling)
                self.assertEqual(at, -1, f'{name} in {where}: …{text[max(0, at - 200):at + 60]}…')
        for pattern in (r'AWS4-HMAC-SHA256', r'(?i)authorization:', r'Signature=', r'Credential=', r'\b[0-9a-f]{64}\b',
                        r'<DbPassword>', r'X-Amz-Security-Token'):
            match = re.search(pattern, text)
            self.assertIsNone(match, f'{pattern} in {where}: {match and text[max(0, match.start() - 100):match.end()]}')

    def test_nothing_is_told(self):
        for kind in ('text', 'json'):
            os.mkdir(os.path.join(self.folder, kind), 0o700)
            self.good(self.talk(kind))
            self.bad(self.talk(kind))
        secrets = self.secrets()
        self.assertGreater(len(secrets), 30)
        files = glob.glob(os.path.join(self.folder, '*', '*.log*'))
        self.assertEqual(len(files), 2, files)
        for path in files:
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600, path)
            with open(path, encoding='utf-8') as file:
                text = file.read()
            for event in ('settings', 'aws.send', 'auth.method', 'connect', 'SELECT current_user'):
                self.assertIn(event, text)  # talkative indeed
            self.search(path, text, secrets)
            if '/json/' in path:
                for line in text.splitlines():
                    json.loads(line)
        self.assertGreater(len(self.told), 60)
        for where, text in self.told:
            self.search(where, text, secrets)
        for given, text in self.completed:
            # What the application itself gave stands in the completed string (ODBC asks for that).
            self.search('completed string', text, secrets, given)

    def test_access_key_ids_are_masked_in_the_log(self):
        os.mkdir(os.path.join(self.folder, 'text'), 0o700)
        self.go(iam(**TEMP, **self.talk('text')), True)
        with open(glob.glob(os.path.join(self.folder, 'text', '*.log'))[0], encoding='utf-8') as file:
            text = file.read()
        self.assertIn('****' + TEMP['AccessKeyID'][-4:], text)
        self.assertNotIn(TEMP['AccessKeyID'], text)

    def test_log_file_of_somebody_else_is_not_followed(self):
        """A link that waits under the log's name: the log is refused, the connect goes on."""
        os.mkdir(os.path.join(self.folder, 'text'), 0o700)
        target = os.path.join(self.folder, 'target')
        with open(target, 'w', encoding='utf-8') as file:
            file.write('untouched')
        os.symlink(target, os.path.join(self.folder, 'text', f'redshift_odbc_{os.getpid()}.log'))
        dbc, _, records = ODBC.connect(standard(**self.talk('text')))
        ODBC.close(dbc)
        self.assertEqual([s for s, _ in records], ['01000'])
        with open(target, encoding='utf-8') as file:
            self.assertEqual(file.read(), 'untouched')

    def test_proxy_of_the_environment_is_named_without_its_password(self):
        with self.assertRaises(Failed) as caught:
            ODBC.connect(iam(EndpointUrl='https://127.0.0.1:1/', **server()))
        self.assertEqual(caught.exception.args[0], '08001')
        self.assertIn('HTTPS_PROXY is set', caught.exception.args[1])
        self.search('diagnostics', caught.exception.args[1], self.secrets())


if __name__ == '__main__':
    unittest.main()

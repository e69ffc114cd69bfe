#!/usr/bin/python3
"""Which login meets which request, with each opener: how often it is tried, and what was answered.

Every program that connects is one of its own, since a process remembers servers beyond libpq."""
import json, os, subprocess, sys, tempfile, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import E, Failed, Log, Odbc, fault, iam, server, standard  # noqa: E402

AUTO, LIBPQ, NATIVE = 'auto', 'libpq', 'native'


def connect_here(texts):
    """Connects with each text in turn; what came of it, as one line of JSON."""
    odbc, outcomes = Odbc(), []
    for text in texts:
        try:
            dbc, out, records = odbc.connect(text)
            outcomes.append({'state': '', 'text': '', 'out': out, 'warnings': [s for s, _ in records],
                             'user': odbc.run(dbc, 'SELECT current_user')[0][0]})
            odbc.close(dbc)
        except Failed as failed:
            outcomes.append(dict(zip(('state', 'text', 'out'), failed.args)))
    print(json.dumps(outcomes))


def connect(*texts, **env):
    done = subprocess.run([sys.executable, __file__, '--connect'], input=json.dumps(texts), text=True,
                          stdout=subprocess.PIPE, check=True, env={**os.environ, **env})
    return json.loads(done.stdout)


def attempts(sessions):
    """Of each connection: the requests it met, and the kinds of messages that answered."""
    return [([e['auth'] for e in events if e['event'] == 'auth_request'],
             ''.join(e['kind'] for e in events if e['event'] == 'password')) for events in sessions]


def user(name):
    return {'UID': E[f'RS_REDSHIFT_{name}USER'], 'PWD': E[f'RS_REDSHIFT_{name}PASSWORD']}


def jwt(token, **more):
    return {'plugin_name': 'JWT', 'web_identity_token': token, 'UID': None, 'PWD': None, **more}


def idc(token, **more):
    return {'plugin_name': 'IdpTokenAuthPlugin', 'token': token, 'token_type': 'EXT_JWT', 'UID': None, 'PWD': None, **more}


def access(kind):
    return {'AccessKeyID': E[f'RS_AWS_{kind}_ACCESS_KEY_ID'], 'SecretAccessKey': E[f'RS_AWS_{kind}_SECRET_ACCESS_KEY'],
            'SessionToken': E.get(f'RS_AWS_{kind}_SESSION_TOKEN')}


def asked(kind='IDENTITY', **more):
    """A sign-in with a token that AWS gives to these keys."""
    return iam(**{'plugin_name': 'IdpTokenAuthPlugin', 'DbUser': None, 'AutoCreate': None, **access(kind), **more})


PLUGINS = {'JWT': jwt, 'IdpTokenAuthPlugin': idc}


class SignIn(unittest.TestCase):
    def check(self, keys, want, state='', text='', make=standard):
        """want: the attempts, as the server saw them."""
        log = Log(E['RS_REDSHIFT_LOG'])
        outcome, = connect(make(**keys))
        sessions = log.sessions(len(want))
        self.assertEqual(attempts(sessions), want, outcome)
        self.assertEqual(outcome['state'], state, outcome)
        self.assertIn(text, outcome['text'])
        for session in sessions:
            self.assertEqual(session[-1]['password_clear_bytes'], 0)
        return outcome

    def test_passwords(self):
        for name, code in (('', 5), ('MD5_', 5), ('CLEAR_', 3)):
            for opener in (AUTO, LIBPQ, NATIVE):
                with self.subTest(user=name, opener=opener):
                    outcome = self.check({'Opener': opener, **user(name)}, [([code], 'p')])
                    self.assertEqual(outcome['user'], E[f'RS_REDSHIFT_{name}USER'])

    def test_digest(self):
        """libpq answers nothing and gives up; then the own opener, once."""
        for opener, want in ((AUTO, [([13], ''), ([13], 'd')]), (NATIVE, [([13], 'd')])):
            with self.subTest(opener):
                outcome = self.check({'Opener': opener, **user('DIGEST_')}, want)
                self.assertEqual(outcome['user'], E['RS_REDSHIFT_DIGEST_USER'])
        self.check({'Opener': LIBPQ, **user('DIGEST_')}, [([13], '')], '28000', 'Opener=auto')

    def test_digest_is_remembered(self):
        log = Log(E['RS_REDSHIFT_LOG'])
        texts = [standard(**user('DIGEST_'))] * 2 + [standard()]
        self.assertEqual([outcome['state'] for outcome in connect(*texts)], [''] * 3)
        self.assertEqual(attempts(log.sessions(4)), [([13], ''), ([13], 'd'), ([13], 'd'), ([5], 'p')])

    def test_digest_of_a_temporary_password(self):
        """Good once: an attempt that spent it could not be made good."""
        self.check({'Opener': NATIVE, **server()}, [([3], 'p')], make=iam)
        for opener, want in ((AUTO, [([13], ''), ([13], 'd')]), (NATIVE, [([13], 'd')])):
            self.check({'Opener': opener, 'Server': 'localhost', 'Port': E['RS_REDSHIFT_DIGESTS_PORT']}, want,
                       make=iam)
        self.check({'Opener': LIBPQ, 'Server': 'localhost', 'Port': E['RS_REDSHIFT_DIGESTS_PORT']},
                   [([13], '')], '28000', 'Opener=auto', make=iam)

    def test_native_idp(self):
        """A token, asked for by 14 and by nothing else; the server knows the user when none is named."""
        for name, plugin in PLUGINS.items():
            for uid in (E['RS_REDSHIFT_IDP_USER'], None):
                for opener in (AUTO, NATIVE, None):
                    with self.subTest(plugin=name, user=uid, opener=opener):
                        outcome = self.check({'Opener': opener, **plugin(E['RS_REDSHIFT_IDP_PASSWORD']), 'UID': uid},
                                             [([14], 'i')])
                        self.assertEqual((outcome['user'], outcome['warnings']), (E['RS_REDSHIFT_IDP_USER'], []))
            self.check({'Opener': LIBPQ, **plugin(E['RS_REDSHIFT_IDP_PASSWORD'])}, [], 'HYC00', 'Opener=native')

    def test_native_idp_says_whose_token_it_is(self):
        for plugin, want in ((jwt('x', provider_name='my idp'), {'idp_type': 'AzureAD', 'provider_name': 'my idp'}),
                             (idc('x', identity_namespace='space'),
                              {'idp_type': 'AwsIdc', 'token_type': 'EXT_JWT', 'identity_namespace': 'space'})):
            log = Log(E['RS_REDSHIFT_LOG'])
            connect(standard(**plugin))
            sent, = [dict(e['parameters']) for e in log.sessions(1)[0] if e['event'] == 'startup']
            self.assertEqual({name: value for name, value in sent.items()
                              if name in ('user', 'idp_type', 'provider_name', 'token_type', 'identity_namespace')}, want)

    def test_a_token_that_aws_gives(self):
        """To the keys of a session with an identity, by both APIs; a new one each time."""
        workgroup = {'ClusterID': None, 'Workgroup': 'default'}
        for keys, want in (({}, ['DescribeClusters', 'GetIdentityCenterAuthToken']),
                           (server(), ['GetIdentityCenterAuthToken']),
                           (workgroup, ['GetWorkgroup', 'GetIdentityCenterAuthToken']),
                           ({**workgroup, **server(), 'Serverless': 1}, ['GetIdentityCenterAuthToken'])):
            for opener in (AUTO, NATIVE):
                with self.subTest(want, opener=opener):
                    log, aws = Log(E['RS_REDSHIFT_LOG']), Log(E['RS_AWS_LOG'])
                    text = asked(Opener=opener, identity_namespace='space', **keys)
                    for outcome in connect(text, text):
                        self.assertEqual((outcome['state'], outcome.get('user'), outcome.get('warnings')),
                                         ('', E['RS_REDSHIFT_IDP_USER'], []), outcome)
                    sessions, requests = log.sessions(2), aws.requests()
                    self.assertEqual(attempts(sessions), [([14], 'i')] * 2)
                    self.assertEqual([r['action'] for r in requests], want * 2)
                    self.assertEqual({(r['signature'], r['akid']) for r in requests},
                                     {('ok', E['RS_AWS_IDENTITY_ACCESS_KEY_ID'])})
                    sent = [e for s in sessions for e in s if e['event'] == 'startup'][0]['parameters']
                    self.assertEqual({n: sent.get(n) for n in ('user', 'idp_type', 'token_type', 'identity_namespace')},
                                     {'user': None, 'idp_type': 'AwsIdc', 'token_type': 'SUBJECT_TOKEN',
                                      'identity_namespace': 'space'})

    def test_a_plugin_of_a_profile(self):
        """Its name and what it needs, from the AWS files; a setting of the connection wins."""
        for name, plugin in PLUGINS.items():
            with self.subTest(name), tempfile.NamedTemporaryFile('w', suffix='.ini') as file:
                keys = {**plugin(E['RS_REDSHIFT_IDP_PASSWORD']), 'plugin_name': name}
                file.write('[profile x]\n' + ''.join(f'{k} = {v}\n' for k, v in keys.items() if v is not None))
                file.flush()
                text = {'Profile': 'x', 'UID': None, 'PWD': None}
                wrong = 'web_identity_token' if name == 'JWT' else 'token'
                log = Log(E['RS_REDSHIFT_LOG'])
                good, bad = connect(standard(**text), standard(**text, **{wrong: 'wrong'}), AWS_CONFIG_FILE=file.name)
                self.assertEqual((good['state'], good.get('user'), good.get('warnings')),
                                 ('', E['RS_REDSHIFT_IDP_USER'], []), good)
                self.assertEqual(bad['state'], '28000', bad)
                self.assertEqual(attempts(log.sessions(2)), [([14], 'i')] * 2)

    def test_no_token_of_aws(self):
        """Whom AWS gives none, and what comes without one: not a word to the database."""
        workgroup = {'ClusterID': None, 'Workgroup': 'default', **server(), 'Serverless': 1}
        for kind, keys, state, text in (
                ('TEMP', {}, 'HY000', 'identity-enhanced'), ('TEMP', workgroup, 'HY000', 'identity-enhanced'),
                ('EXPIRED', {}, '28000', 'ExpiredToken'), ('IDENTITY', {'SecretAccessKey': 'wrong'}, '28000', 'Signature'),
                ('IDENTITY', {'ClusterID': 'nosuch', **server()}, '08001', 'ClusterNotFound'),
                ('IDENTITY', {'EndpointUrl': fault('nopassword'), **server()}, 'HY000', 'it holds no token'),
                ('IDENTITY', {'EndpointUrl': fault('nopassword'), **workgroup}, 'HY000', 'it holds no token'),
                ('IDENTITY', {'Opener': LIBPQ}, 'HYC00', 'Opener=native'),
                ('IDENTITY', {'SessionToken': None}, '28000', 'SessionToken is required')):
            with self.subTest(text, kind=kind):
                log = Log(E['RS_REDSHIFT_LOG'])
                outcome, = connect(asked(kind, **keys))
                self.assertEqual(outcome['state'], state, outcome)
                self.assertIn(text, outcome['text'])
                self.assertEqual(log.sessions(1, 0), [])

    def test_a_wrong_token_is_tried_once(self):
        for name, plugin in PLUGINS.items():
            for opener in (AUTO, NATIVE):
                with self.subTest(plugin=name, opener=opener):
                    self.check({'Opener': opener, **plugin('wrong'), 'ConnectionRetryCount': 3,
                                'ConnectionRetryDelay': 0}, [([14], 'i')], '28000', 'authentication failed')

    def test_a_token_is_for_tls_and_for_14_alone(self):
        token = jwt(E['RS_REDSHIFT_IDP_PASSWORD'])
        for port in ('NOTLS', 'UNKNOWNCA', 'EXPIRED', 'WRONGHOST', 'CNONLY'):
            for mode in ('verify-full', 'require'):
                if port in ('WRONGHOST', 'CNONLY') and mode == 'require':
                    continue
                with self.subTest(port=port, mode=mode):
                    log = Log(E['RS_REDSHIFT_LOG'])
                    outcome, = connect(standard(**token, Port=E[f'RS_REDSHIFT_{port}_PORT'], SSLMode=mode))
                    self.assertEqual(outcome['state'], '08001', outcome)
                    self.assertEqual(attempts(log.sessions(1)), [([], '')])
        self.check({**token, 'UID': E['RS_REDSHIFT_USER']}, [([5], '')], '28000', 'has a token')

    def test_a_password_is_no_token(self):
        """Asked for a token, a sign-in with a password sends nothing; 14 is answered by no other way."""
        for opener, want, text in ((LIBPQ, [([14], '')], 'Opener=auto'), (NATIVE, [([14], '')], 'identity-provider token'),
                                   (AUTO, [([14], ''), ([14], '')], 'identity-provider token')):
            with self.subTest(opener):
                outcome = self.check({'Opener': opener, **user('IDP_')}, want, '28000', text)
                self.assertEqual(outcome['text'].count('28000'), 1)

    def test_a_wrong_password_is_tried_once(self):
        wrong = {'PWD': 'wrong', 'ConnectionRetryCount': 3, 'ConnectionRetryDelay': 0}
        for name, code, kind in (('', 5, 'p'), ('CLEAR_', 3, 'p'), ('DIGEST_', 13, 'd')):
            for opener in (AUTO, LIBPQ, NATIVE):
                if name == 'DIGEST_' and opener == LIBPQ:
                    continue
                with self.subTest(user=name, opener=opener):
                    unable = [([13], '')] if name == 'DIGEST_' and opener == AUTO else []
                    self.check({'Opener': opener, **user(name), **wrong}, unable + [([code], kind)], '28000',
                               'authentication failed')

    def test_an_unknown_digest_is_not_answered(self):
        self.check({'Opener': NATIVE, **user('SCRYPT_')}, [([13], '')], '28000', 'digest algorithm 1')
        self.check({'Opener': AUTO, **user('SCRYPT_')}, [([13], ''), ([13], '')], '28000', 'digest algorithm 1')

    def sent(self, keys, make=standard, count=1):
        """Start-up parameters of each attempt, in the order they were sent."""
        log = Log(E['RS_REDSHIFT_LOG'])
        outcome, = connect(make(**keys))
        self.assertEqual(outcome['state'], '', outcome)
        return [dict(e['parameters']) for s in log.sessions(count) for e in s if e['event'] == 'startup']

    def test_what_is_sent(self):
        """Names of redshift.md 2: by libpq those of PostgreSQL, natively Redshift's too, and no others."""
        common = {'user': E['RS_REDSHIFT_USER'], 'database': 'dev', 'client_encoding': 'UTF8',
                  'application_name': 'me, and?you'}
        keys = {'ApplicationName': 'me, and\tyou', 'SearchPath': 'a, b'}
        for opener in (AUTO, LIBPQ):
            sent, = self.sent({'Opener': opener, **keys})
            options = sent.pop('options')
            self.assertEqual(sent, common)
            self.assertEqual(options, r'-c search_path=a,\ b -c datestyle=ISO -c extra_float_digits=2')
        common.update({'options': r'-c search_path=a,\ b', 'DateStyle': 'ISO', 'extra_float_digits': '2'})
        for more, level in (({'Opener': NATIVE}, '2'), ({'Opener': AUTO, 'client_protocol_version': 1}, '1'),
                            ({'Opener': NATIVE, 'ClientProtocolVersion': 3}, '3')):
            sent, = self.sent({**keys, **more})
            self.assertRegex(sent.pop('driver_version'), r'^Redshift ODBC \d+\.\d+\.\d+$')
            self.assertEqual(sent.pop('os_version'),
                             f'{os.uname().sysname} {os.uname().release} {os.uname().machine}')
            self.assertEqual(sent, {**common, 'client_protocol_version': level, 'plugin_name': 'none'})
        for opener in (NATIVE, AUTO):
            sent, = self.sent({'Opener': opener, 'client_protocol_version': 0, **keys})
            self.assertFalse({'client_protocol_version', 'driver_version', 'os_version', 'plugin_name'} & set(sent))

    def test_what_a_temporary_password_sends(self):
        for opener in (AUTO, LIBPQ, NATIVE):
            sent, = self.sent({'Opener': opener, **server()}, iam)
            self.assertEqual(sent['user'], 'IAMA:' + E['RS_DB_USER'])
            self.assertEqual(sent.get('plugin_name'), 'none' if opener == NATIVE else None)
            self.assertFalse({'idp_type', 'token_type', 'provider_name', 'identity_namespace'} & set(sent))

    def test_no_password(self):
        self.check({'Opener': NATIVE, **user('DIGEST_'), 'PWD': None}, [([13], '')], '28000', 'PWD is not set')


if __name__ == '__main__':
    if sys.argv[1:] == ['--connect']:
        connect_here(json.load(sys.stdin))
    else:
        unittest.main()

#!/usr/bin/python3
"""Which login meets which request, with each opener: how often it is tried, and what was answered.

Every program that connects is one of its own, since a process remembers servers beyond libpq."""
import json, os, subprocess, sys, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import E, Failed, Log, Odbc, iam, server, standard  # noqa: E402

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


def connect(*texts):
    done = subprocess.run([sys.executable, __file__, '--connect'], input=json.dumps(texts), text=True,
                          stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def attempts(sessions):
    """Of each connection: the requests it met, and the kinds of messages that answered."""
    return [([e['auth'] for e in events if e['event'] == 'auth_request'],
             ''.join(e['kind'] for e in events if e['event'] == 'password')) for events in sessions]


def user(name):
    return {'UID': E[f'RS_REDSHIFT_{name}USER'], 'PWD': E[f'RS_REDSHIFT_{name}PASSWORD']}


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

    def test_no_password(self):
        self.check({'Opener': NATIVE, **user('DIGEST_'), 'PWD': None}, [([13], '')], '28000', 'PWD is not set')


if __name__ == '__main__':
    if sys.argv[1:] == ['--connect']:
        connect_here(json.load(sys.stdin))
    else:
        unittest.main()

#!/usr/bin/python3
"""Sign-ins that a server spoils: what is said of it, how often it is tried, and that no password goes
out twice."""
import os, sys, unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'sandbox')]
from bench import E, Log, standard  # noqa: E402
from sign_in import AUTO, LIBPQ, NATIVE, attempts, connect, idc, user  # noqa: E402
from wire_client import ENV, StandIn  # noqa: E402

ENV.update(E)
RETRY = {'ConnectionRetryCount': 2, 'ConnectionRetryDelay': 0}


class Spoilt(unittest.TestCase):
    def check(self, options, outcomes, keys=None):
        """outcomes: by opener the attempts, the state and words of the message."""
        keys = keys or user('')
        with StandIn(*options) as server:
            for opener, (want, state, text) in outcomes.items():
                with self.subTest(options=options, opener=opener):
                    log = Log(server.log_file)
                    outcome, = connect(standard(**{'LoginTimeout': 20, **keys}, **RETRY, Port=server.port, Opener=opener))
                    self.assertEqual(attempts(log.sessions(len(want))), want, outcome)
                    self.assertEqual(outcome['state'], state, outcome)
                    self.assertIn(text, outcome['text'])
                    for secret in (keys.get('PWD'), keys.get('token')):
                        if secret:
                            self.assertNotIn(secret, outcome['text'])

    def test_malformed(self):
        """Nobody answers; libpq cannot tell it from what it does not know."""
        for fault in 'short', 'huge-salt', 'negative':
            malformed = 'malformed authentication request 13'
            self.check(('--auth', '13', '--auth-fault', fault),
                       {NATIVE: ([([13], '')], '08S01', malformed),
                        AUTO: ([([13], '')] * 2, '08S01', malformed),
                        LIBPQ: ([([13], '')], '28000', 'Opener=auto')})

    def test_unknown(self):
        for code in 99, 4294967295:
            unknown = f'authentication request {code}'
            self.check(('--auth-fault', f'unknown={code}'),
                       {NATIVE: ([([code], '')], '28000', unknown),
                        AUTO: ([([code], '')] * 2, '28000', unknown),
                        LIBPQ: ([([code], '')], '28000', 'Opener=auto')})
        self.check(('--auth-fault', 'unknown=1'), {NATIVE: ([([1], '')], '28000', 'authentication request 1')})

    def test_silence(self):
        """The login timeout ends it; what may be tried again is, but there is no time."""
        silence = [([], '')], 'HYT00', 'no answer'
        self.check(('--auth-fault', 'hang'), {AUTO: silence, LIBPQ: silence, NATIVE: silence},
                   {**user(''), 'LoginTimeout': 1})

    def test_close(self):
        """Before anybody was asked: it may be tried again."""
        closed = [([], '')] * 3, '08001', 'could not connect'
        self.check(('--auth-fault', 'close'), {AUTO: closed, LIBPQ: closed, NATIVE: closed})

    def test_a_password_goes_out_once(self):
        """It was sent, and nobody has judged it. ConnectionRetryCount is not for that."""
        for name, code, kind in (('', 5, 'p'), ('CLEAR_', 3, 'p'), ('DIGEST_', 13, 'd')):
            for fault, state, text in (('late-close', '08001', 'could not connect'),
                                       ('late-hang', 'HYT00', 'no answer')):
                once = [([code], kind)], state, text
                unable = [([code], '')] + once[0], state, text
                outcomes = {NATIVE: once, AUTO: unable if code == 13 else once}
                if code != 13:
                    outcomes[LIBPQ] = once
                self.check(('--auth-fault', fault), outcomes,
                           {**user(name), 'LoginTimeout': 1 if fault == 'late-hang' else 20})

    def test_a_token_goes_out_once(self):
        once = [([14], 'i')], '08001', 'could not connect'
        self.check(('--auth-fault', 'late-close'), {NATIVE: once, AUTO: once}, idc(E['RS_REDSHIFT_IDP_PASSWORD']))

    def test_14_for_a_password(self):
        """One record of 28000 whatever opens, and one that says who may be able to."""
        wanted = 'asked for an identity-provider token'
        self.check(('--auth', '14'), {LIBPQ: ([([14], '')], '28000', 'Opener=auto'),
                                      AUTO: ([([14], '')] * 2, '28000', wanted),
                                      NATIVE: ([([14], '')], '28000', wanted)})


if __name__ == '__main__':
    unittest.main()

#!/usr/bin/python3
"""What the connections of a process share, by the stand-ins' logs: how often AWS is asked, and what the server is told.

Every program that connects is one of its own; its connections stay open to the end, since with the last one the
driver manager ends the driver's environment, and with that goes what is kept."""
import json, os, subprocess, sys, threading, time, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import E, Failed, Log, Odbc, fault  # noqa: E402
import bench, lapse  # noqa: E402

CREDENTIALS = ('GetClusterCredentials', 'DescribeClusters', 'AssumeRole')


def one(odbc, text):
    try:
        dbc, _, records = odbc.connect(text)
        return dbc, {'state': '', 'text': '\n'.join(t for _, t in records), 'user': odbc.run(dbc, 'SELECT current_user')[0][0]}
    except Failed as failed:
        return None, {'state': failed.args[0], 'text': failed.args[1]}


def connect_here(job):
    """job: steps, each a list of strings that are connected at once, or seconds to wait, or 'close' or 'close-all-but-one',
    or 'fork', or {'clock': seconds} (lapse.py)."""
    odbc, held, outcomes = Odbc(), [], []
    for step in job:
        if isinstance(step, (int, float)):
            time.sleep(step)
        elif isinstance(step, dict):
            lapse.set_clock(step['clock'])
        elif step in ('close', 'close-all-but-one'):
            while len(held) > (step != 'close'):
                odbc.close(held.pop())
        elif step == 'fork':
            if os.fork() != 0:
                _, status = os.wait()
                outcomes.append({'child': status})
                break
            outcomes.clear()
            odbc, held = Odbc(), held
        else:
            found, start = [None] * len(step), threading.Barrier(len(step))

            def work(i):
                start.wait()
                found[i] = one(odbc, step[i])

            threads = [threading.Thread(target=work, args=(i,)) for i in range(len(step))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            held += [dbc for dbc, _ in found if dbc]
            outcomes += [outcome for _, outcome in found]
    print(json.dumps(outcomes), flush=True)
    if 'fork' in job and 'child' not in (outcomes or [{}])[-1]:
        os._exit(0)


def connect(*job, env=None):
    done = subprocess.run([sys.executable, __file__, '--connect'], input=json.dumps(job), text=True, stdout=subprocess.PIPE,
                          check=True, timeout=200, env={**E, **(env or {})})
    return [outcome for line in done.stdout.splitlines() for outcome in json.loads(line)]


GOOD = fault('throttle-0')  # does nothing, but says in the log who asks


def iam(**more):
    return bench.iam(**{'EndpointUrl': GOOD, **more})


class Cache(unittest.TestCase):
    def check(self, *job, calls, states=None, env=None):
        """calls: how often GetClusterCredentials, DescribeClusters, AssumeRole are answered well."""
        log, server = Log(E['RS_AWS_LOG']), Log(E['RS_REDSHIFT_LOG'])
        outcomes = connect(*job, env=env)
        self.assertEqual([o['state'] for o in outcomes if 'state' in o],
                         states or [''] * sum('state' in o for o in outcomes), outcomes)
        found = [r['action'] for r in log.requests() if r['status'] == 200 and f'/py{os.getpid()}-' in r['path']]
        self.assertEqual([found.count(name) for name in CREDENTIALS[:len(calls)]], list(calls), outcomes)
        return outcomes, server

    def test_the_second_asks_nothing(self):
        self.check([iam()], [iam()], [iam()], calls=(1, 1))
        self.check([iam(DisableCache=1)], [iam(DisableCache=1)], [iam()], calls=(3, 3))

    def test_sixty_four_at_once(self):
        outcomes, _ = self.check([iam()] * 64, calls=(1, 1))
        self.assertEqual({o['user'] for o in outcomes}, {E['RS_DB_USER']})
        self.assertEqual(len(outcomes), 64)

    def test_sixty_four_through_a_role(self):
        env = {'AWS_CONFIG_FILE': E['RS_AWS_CONFIG_FILE'], 'AWS_SHARED_CREDENTIALS_FILE': E['RS_AWS_CREDENTIALS_FILE']}
        role = iam(Profile='role', AccessKeyID=None, SecretAccessKey=None, StsEndpointUrl=GOOD)
        self.check([role] * 64, [role], calls=(1, 1, 1), env=env)

    def test_other_settings_ask_again(self):
        others = [{'DbUser': E['RS_DB_EXISTING_USER'], 'AutoCreate': 0}, {'DbGroups': 'group1'}, {'IAMDuration': 901},
                  {'AccessKeyID': E['RS_AWS_TEMP_ACCESS_KEY_ID'], 'SecretAccessKey': E['RS_AWS_TEMP_SECRET_ACCESS_KEY'],
                   'SessionToken': E['RS_AWS_TEMP_SESSION_TOKEN']}]
        texts = [[iam()]] + [[iam(**other)] for other in others] + [[iam()]] + [[iam(**other)] for other in others]
        outcomes, _ = self.check(*texts, calls=(5, 5))
        self.assertEqual(outcomes[1]['user'], E['RS_DB_EXISTING_USER'])
        self.assertEqual([o['user'] for o in outcomes[:5]], [o['user'] for o in outcomes[5:]])

    def test_renewed_before_it_lapses(self):
        """Kept for two seconds of sixty-two; no login meets a password that has lapsed."""
        text = iam(EndpointUrl=fault('shortcreds-62'))
        _, server = self.check([text] * 8, 3, [text] * 8, 3, [text], calls=(3, 3))
        self.assertEqual(self.refusals(server), 0)

    def test_too_short_to_keep(self):
        for name, count in (('shortcreds-60', 3), ('shortcreds-30', 3)):
            text = iam(EndpointUrl=fault(name))
            self.check([text], [text], [text], calls=(count, count))

    def test_lapsed_on_arrival(self):
        text = iam(EndpointUrl=fault('expiredcreds'))
        self.check([text], [text], calls=(2, 2), states=['28000', '28000'])

    def test_a_clock_that_is_corrected(self):
        """The service is an hour ahead: its times are compared with its clock."""
        text = iam(EndpointUrl=fault('skewdate'))
        self.check([text], [text], [text], calls=(1, 1))

    def test_refusals_are_not_kept(self):
        bad, good = iam(EndpointUrl=fault('error500-3')), iam()
        self.check([bad], [bad], [bad], [good], calls=(2, 2), states=['HY000', '', '', ''])

    def test_a_refused_password_is_renewed_once(self):
        """This server takes each password once: what is kept is refused, and one new one is tried."""
        keys = {'Opener': 'native', 'Server': 'localhost', 'Port': E['RS_REDSHIFT_DIGESTS_PORT']}
        _, server = self.check([iam(**keys)], [iam(**keys)], [iam(**keys)], calls=(3, 0))
        self.assertEqual(self.refusals(server), 2)

    def test_a_new_password_that_is_refused_is_final(self):
        text = iam(DbUser='nobody_there', AutoCreate=0)
        _, server = self.check([text], calls=(1, 1), states=['28000'])
        self.assertEqual(self.refusals(server), 1)

    def test_a_forked_child_begins_empty(self):
        self.check([iam()], 'fork', [iam()], [iam()], calls=(2, 2))

    def test_gone_with_the_last_connection(self):
        self.check([iam()], 'close', [iam()], calls=(2, 2))

    def refusals(self, server):
        count = 0
        for session in server.sessions(1):
            count += any(e['event'] == 'auth_fail' for e in session)
        return count


if __name__ == '__main__':
    if sys.argv[1:] == ['--connect']:
        connect_here(json.load(sys.stdin))
    else:
        unittest.main()

#!/usr/bin/python3
"""Hours of connecting, under a clock that stands still until the test moves it (libfaketime): what is kept is
renewed before it lapses, and no login meets a password that has.

Driver, aws stand-in and redshift stand-in go by the same clock; the database behind by its own."""
import glob, json, os, subprocess, sys, tempfile, time, unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
import bench  # noqa: E402
from bench import E, Log  # noqa: E402

CLOCK = 'FAKETIME_TIMESTAMP_FILE'
START = 'RS_CLOCK_START'
HOUR = 3600


def set_clock(seconds):
    """That long after the start; for all at once."""
    path = E[CLOCK]
    with open(path + '.new', 'w') as file:
        file.write(time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(int(E[START]) + seconds)))
    os.rename(path + '.new', path)


class Bench:
    """Stand-ins of our own, with a folder for their log and the passwords."""

    def __init__(self, library):
        self.folder = tempfile.TemporaryDirectory()
        at = self.folder.name
        os.mkdir(f'{at}/store')
        E.update({CLOCK: f'{at}/clock', START: str(int(time.time())), 'FAKETIME_NO_CACHE': '1',
                  'FAKETIME_DONT_FAKE_MONOTONIC': '1', 'TZ': 'UTC'})
        set_clock(0)
        self.env = {**E, 'LD_PRELOAD': ':'.join(filter(None, [E.get('LD_PRELOAD'), library]))}
        certs = os.path.dirname(E['RS_CA_FILE'])
        certificate = [f'--cert={certs}/good.pem', f'--key={certs}/good.key']
        self.redshift = self.start('fake_redshift.py', '--pg-socket', E['RS_PG_SOCKET'], '--pg-port', E['RS_PG_PORT'],
                                   '--password-store', f'{at}/store', '--password-reuse', '--log', f'{at}/redshift',
                                   *certificate)
        self.aws = self.start('fake_aws.py', '--keys', f'{E["RS_SANDBOX_DIR"]}/aws-keys.json', '--store', f'{at}/store',
                              '--log', f'{at}/aws', '--cluster-port', str(self.redshift[1]), *certificate)

    def start(self, script, *arguments):
        process = subprocess.Popen(['/usr/bin/python3', os.path.join(HERE, '..', 'sandbox', script), '--stdin-eof',
                                    *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.env)
        line = process.stdout.readline().strip()
        if not line.isdigit():
            sys.exit(f'{script} did not start')
        return process, int(line)

    def iam(self, **more):
        url = f'https://localhost:{self.aws[1]}/'
        return bench.iam(**{'EndpointUrl': url, 'StsEndpointUrl': url, **more})

    def end(self):
        for process, _ in (self.aws, self.redshift):
            process.stdin.close()
            process.stdout.close()
            process.wait(30)
        self.folder.cleanup()


class Lapse(unittest.TestCase):
    def connect(self, *job):
        """States; how often AWS was asked for what; how often the server refused."""
        at = BENCH.folder.name
        aws, server = Log(f'{at}/aws'), Log(f'{at}/redshift')
        set_clock(0)
        done = subprocess.run([sys.executable, os.path.join(HERE, 'cache.py'), '--connect'], input=json.dumps(job),
                              text=True, stdout=subprocess.PIPE, check=True, timeout=250, env=BENCH.env)
        outcomes = json.loads(done.stdout)
        asked = [(r['action'], r['status']) for r in aws.requests()]
        refused = [e for session in server.sessions(len(outcomes)) for e in session if e['event'] == 'auth_fail']
        return [o['state'] for o in outcomes], asked, refused

    def hours(self, text, step, until, **calls):
        """Two at once, again and again. Each is signed in, and AWS was asked so often."""
        job = [item for now in range(0, until + 1, step) for item in ({'clock': now}, [text] * 2, 'close-all-but-one')]
        states, asked, refused = self.connect(*job)
        self.assertEqual(set(states), {''})
        self.assertEqual(len(states), 2 * (until // step + 1))
        self.assertEqual(refused, [])
        self.assertEqual({status for _, status in asked}, {200})
        for name, count in calls.items():
            self.assertEqual([action for action, _ in asked].count(name), count, asked)

    def test_passwords(self):
        """Good for 900 seconds, renewed with 60 left."""
        self.hours(BENCH.iam(), 210, HOUR, GetClusterCredentials=5, DescribeClusters=5)

    def test_passwords_that_last(self):
        self.hours(BENCH.iam(IAMDuration=3600), 590, 2 * HOUR, GetClusterCredentials=3)

    def test_a_role_s_keys(self):
        """Good for an hour, renewed with five minutes left; the passwords they buy by themselves."""
        E['AWS_CONFIG_FILE'] = BENCH.env['AWS_CONFIG_FILE'] = E['RS_AWS_CONFIG_FILE']
        E['AWS_SHARED_CREDENTIALS_FILE'] = BENCH.env['AWS_SHARED_CREDENTIALS_FILE'] = E['RS_AWS_CREDENTIALS_FILE']
        text = BENCH.iam(Profile='role', AccessKeyID=None, SecretAccessKey=None)
        self.hours(text, 330, 2 * HOUR, AssumeRole=3)

    def test_the_last_second(self):
        for seconds, calls in ((839, 1), (840, 2), (900, 2)):
            with self.subTest(seconds=seconds):
                text = BENCH.iam()
                states, asked, refused = self.connect([text], {'clock': seconds}, [text])
                self.assertEqual((states, refused), (['', ''], []))
                self.assertEqual([action for action, _ in asked].count('GetClusterCredentials'), calls)

    def test_a_clock_put_back(self):
        """Nobody knows how much is left: asked anew."""
        states, asked, refused = self.connect({'clock': 600}, [BENCH.iam()], {'clock': 0}, [BENCH.iam()])
        self.assertEqual((states, refused), (['', ''], []))
        self.assertEqual([action for action, _ in asked].count('GetClusterCredentials'), 2)

    def test_the_server_would_refuse(self):
        """It goes by the same clock: a password of the store, a second before and when it has lapsed."""
        self.connect([BENCH.iam()])
        newest = max(glob.glob(f'{BENCH.folder.name}/store/*.json'), key=os.path.getmtime)
        with open(newest) as file:
            entry = json.load(file)
        text = bench.standard(Server='localhost', Port=BENCH.redshift[1], UID=entry['user'], PWD=entry['password'])
        states, _, refused = self.connect({'clock': 899}, [text], {'clock': 900}, [text])
        self.assertEqual((states, [e['reason'] for e in refused]), (['', '28000'], ['expired']))


if __name__ == '__main__':
    found = glob.glob('/usr/lib/*/faketime/libfaketimeMT.so.1')
    if not found:
        print('libfaketime is missing (package faketime)')
        sys.exit(77)
    BENCH = Bench(found[0])
    try:
        unittest.main(exit=False).result.wasSuccessful() or sys.exit(1)
    finally:
        BENCH.end()

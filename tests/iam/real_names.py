#!/usr/bin/python3
"""Signing in by AWS's own addresses and names, with no endpoint configured.

In a network namespace of its own, where 169.254.169.254 and the like are addresses of the loopback
interface, /etc/hosts leads AWS's names here, and the aws stand-in serves them at ports 80 and 443 with
a certificate for these names. The redshift stand-in stays outside: its port in the namespace is a
socket made inside and served from outside.
"""
import hashlib, json, os, shutil, socket, subprocess, sys, tempfile, threading, unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
from bench import E, Log, string  # noqa: E402

TOOL = sys.argv[1]
FAKE_AWS = os.path.join(HERE, '..', 'sandbox', 'fake_aws.py')
INSTANCE, CONTAINER, POD = '169.254.169.254', '169.254.170.2', '169.254.170.23'
REGIONS = ('us-west-2', 'cn-north-1', 'us-gov-west-1', 'us-iso-east-1')
NAMES = ('redshift.us-west-2.amazonaws.com', 'sts.us-west-2.amazonaws.com', 'redshift-fips.us-west-2.amazonaws.com',
         'sts-fips.us-west-2.amazonaws.com', 'redshift.us-west-2.api.aws', 'sts.us-west-2.api.aws',
         'redshift-serverless.us-west-2.amazonaws.com', 'portal.sso.us-west-2.amazonaws.com',
         'oidc.us-west-2.amazonaws.com', 'redshift.cn-north-1.amazonaws.com.cn', 'sts.cn-north-1.amazonaws.com.cn',
         'redshift.us-gov-west-1.amazonaws.com', 'sts.us-gov-west-1.amazonaws.com',
         'redshift-fips.us-gov-west-1.amazonaws.com', 'redshift.us-iso-east-1.c2s.ic.gov')
UNCERTIFIED = 'redshift.eu-west-1.amazonaws.com'  # leads here too, but is not on the certificate
ROLE = 'role_arn = arn:aws:iam::123456789012:role/RedshiftAccess\n'
MACHINE_TOKEN = 'machine token/+=='
RELATIVE = {'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI': '/v2/credentials/bench',
            'AWS_CONTAINER_AUTHORIZATION_TOKEN': MACHINE_TOKEN}
START_URL = 'https://example.awsapps.com/start'
SSO = (f'sso_start_url = {START_URL}\nsso_region = us-west-2\nsso_account_id = 123456789012\n'
       'sso_role_name = RedshiftAccess\n')
FOLDER = None  # of the running test: certificate, home, log


# ---- outside ----

def skip(reason):
    print(reason)
    sys.exit(77)


def relay(one, other):
    try:
        while data := one.recv(65536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # whoever is left finds out by itself


def serve(listener):
    """Whoever comes to the namespace's port is led to the bench's."""
    while True:
        inside, _ = listener.accept()
        outside = socket.create_connection((E['RS_REDSHIFT_HOST'], int(E['RS_REDSHIFT_PORT'])))
        for pair in ((inside, outside), (outside, inside)):
            threading.Thread(target=relay, args=pair, daemon=True).start()


def outside():
    if os.geteuid() != 0:
        skip('only root may make a network namespace')
    for program in ('unshare', 'ip', 'mount'):
        if not shutil.which(program):
            skip(f'the program {program} is missing')
    unshare = ['unshare', '--net', '--mount']
    tried = subprocess.run([*unshare, 'ip', 'link', 'set', 'lo', 'up'], stderr=subprocess.PIPE, text=True)
    if tried.returncode != 0:
        skip('this system makes no network namespace: ' + tried.stderr.strip())
    ours, theirs = socket.socketpair()
    with subprocess.Popen([*unshare, sys.executable, __file__, TOOL, '--inside', str(theirs.fileno())],
                          pass_fds=[theirs.fileno()]) as inside:
        theirs.close()
        try:
            _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
            if descriptors:
                threading.Thread(target=serve, args=[socket.socket(fileno=descriptors[0])], daemon=True).start()
            status = inside.wait(240)
        finally:
            inside.kill()
    sys.exit(status)


# ---- inside ----

def run(*arguments):
    subprocess.run(arguments, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def prepare(channel):
    """Addresses, names, the certificate, both servers."""
    run('ip', 'link', 'set', 'lo', 'up')
    for address in (INSTANCE, CONTAINER, POD):
        run('ip', 'address', 'add', address + '/32', 'dev', 'lo')
    hosts = f'{FOLDER}/hosts'
    with open(hosts, 'w') as file:
        file.write(''.join(f'127.0.0.1 {name}\n' for name in ('localhost', *NAMES, UNCERTIFIED)))
    run('mount', '--bind', hosts, '/etc/hosts')
    listener = socket.create_server(('127.0.0.1', int(E['RS_REDSHIFT_PORT'])))
    socket.send_fds(channel, [b'.'], [listener.fileno()])
    with open(f'{FOLDER}/names', 'w') as file:
        file.write('subjectAltName = ' + ', '.join('DNS:' + name for name in NAMES))
    ca = os.path.splitext(E['RS_CA_FILE'])[0]
    run('openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=aws',
        '-keyout', f'{FOLDER}/key', '-out', f'{FOLDER}/csr')
    run('openssl', 'x509', '-req', '-in', f'{FOLDER}/csr', '-CA', ca + '.pem', '-CAkey', ca + '.key', '-days', '2',
        '-CAserial', f'{FOLDER}/serial', '-CAcreateserial', '-extfile', f'{FOLDER}/names', '-out', f'{FOLDER}/pem')
    options = [f'--host={name}' for name in (*NAMES, UNCERTIFIED)] + [f'--region={name}' for name in REGIONS]
    options += [f'--machine={INSTANCE}=instance', f'--machine={CONTAINER}=container', f'--machine={POD}=container']
    aws = subprocess.Popen(
        ['/usr/bin/python3', FAKE_AWS, '--listen=443', f'--cert={FOLDER}/pem', f'--key={FOLDER}/key', '--stdin-eof',
         f'--keys={E["RS_SANDBOX_DIR"]}/aws-keys.json', f'--store={E["RS_PASSWORD_STORE"]}', f'--log={FOLDER}/log',
         f'--cluster-port={E["RS_REDSHIFT_PORT"]}', *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if aws.stdout.readline().strip() != b'443':
        sys.exit('the aws stand-in did not start')
    return listener, aws


class RealNames(unittest.TestCase):
    def asked(self, config='', env={}, state='', text='', **keys):
        """Signs in; the hosts that were asked, in order."""
        with open(f'{FOLDER}/config', 'w') as file:
            file.write(config)
        clean = {k: v for k, v in E.items() if not k.startswith('AWS_') and not k.lower().endswith('_proxy')}
        clean.update(HOME=FOLDER, AWS_CONFIG_FILE=f'{FOLDER}/config', AWS_SHARED_CREDENTIALS_FILE=f'{FOLDER}/none', **env)
        log = Log(f'{FOLDER}/log')
        done = subprocess.run(
            [TOOL, 'doctor', '--json', string(**{'ClusterID': E['RS_CLUSTER_ID'], 'Region': 'us-west-2',
                                                 'Database': 'dev', 'DbUser': E['RS_DB_EXISTING_USER'], **keys})],
            env=clean, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=60)
        events = json.loads(done.stdout)['events']
        failures = [e for e in events if e['kind'] == 'failure']
        self.assertEqual([e['sqlstate'] for e in failures][:1], [state][:len(state)], done.stdout)
        self.assertIn(text, failures[0]['text'] if failures else '')
        if not state:
            self.assertTrue(any(e['text'].startswith('signed in as ') for e in events), done.stdout)
        requests = log.requests()
        for request in requests:
            self.assertIn(request['signature'], ('ok', 'not checked'), request)
        hosts = [request['host'] for request in requests]
        return [host for i, host in enumerate(hosts) if hosts[i - 1:i] != [host]]

    def test_instance_profile(self):
        self.assertEqual(self.asked(InstanceProfile=1), [INSTANCE, 'redshift.us-west-2.amazonaws.com'])

    def test_end_of_the_chain(self):
        self.assertEqual(self.asked(IAM=1), [INSTANCE, 'redshift.us-west-2.amazonaws.com'])

    def test_instance_as_a_role_s_source(self):
        self.assertEqual(self.asked('[profile x]\ncredential_source = Ec2InstanceMetadata\n' + ROLE, Profile='x'),
                         [INSTANCE, 'sts.us-west-2.amazonaws.com', 'redshift.us-west-2.amazonaws.com'])

    def test_instance_without_version_2(self):
        """And a service that is switched off is not asked."""
        self.assertEqual(self.asked(InstanceProfile=1, state='28000', text='no token: HTTP 404', env={
            'AWS_EC2_METADATA_SERVICE_ENDPOINT': f'http://{INSTANCE}/nothing'}), [INSTANCE])
        self.assertEqual(self.asked(IAM=1, state='28000', text='AWS_EC2_METADATA_DISABLED is true',
                                    env={'AWS_EC2_METADATA_DISABLED': 'true'}), [])

    def test_container(self):
        self.assertEqual(self.asked(IAM=1, env=RELATIVE), [CONTAINER, 'redshift.us-west-2.amazonaws.com'])
        self.assertEqual(self.asked(IAM=1, state='28000', text='AccessDenied', env={
            **RELATIVE, 'AWS_CONTAINER_AUTHORIZATION_TOKEN': 'wrong'}), [CONTAINER])

    def test_container_as_a_role_s_source(self):
        self.assertEqual(self.asked('[profile x]\ncredential_source = EcsContainer\n' + ROLE, RELATIVE, Profile='x'),
                         [CONTAINER, 'sts.us-west-2.amazonaws.com', 'redshift.us-west-2.amazonaws.com'])

    def test_pod(self):
        with open(f'{FOLDER}/token', 'w') as file:
            file.write(MACHINE_TOKEN + '\n')
        self.assertEqual(self.asked(IAM=1, env={
            'AWS_CONTAINER_CREDENTIALS_FULL_URI': f'http://{POD}/v1/credentials',
            'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE': f'{FOLDER}/token'}), [POD, 'redshift.us-west-2.amazonaws.com'])

    def test_identity_center(self):
        cache = f'{FOLDER}/.aws/sso/cache'
        os.makedirs(cache, exist_ok=True)
        for name, line in (('corp', f'[profile x]\nsso_session = corp\n{SSO}[sso-session corp]\nsso_region = us-west-2\n'
                                    f'sso_start_url = {START_URL}\n'),
                           (START_URL, '[profile x]\n' + SSO)):
            with open(f'{cache}/{hashlib.sha1(name.encode()).hexdigest()}.json', 'w') as file:
                json.dump({'accessToken': 'sso.good+/=', 'expiresAt': '2099-01-01T00:00:00Z'}, file)
            self.assertEqual(self.asked(line, Profile='x'),
                             ['portal.sso.us-west-2.amazonaws.com', 'redshift.us-west-2.amazonaws.com'])
        with open(f'{cache}/{hashlib.sha1(b"corp").hexdigest()}.json', 'w') as file:
            json.dump({'accessToken': 'old', 'expiresAt': '2020-01-01T00:00:00Z', 'refreshToken': 'sso.refresh',
                       'clientId': 'client', 'clientSecret': 'sso.client', 'startUrl': START_URL,
                       'registrationExpiresAt': '2099-01-01T00:00:00Z'}, file)
        self.assertEqual(self.asked(f'[profile x]\nsso_session = corp\n{SSO}[sso-session corp]\nsso_region = us-west-2\n'
                                    f'sso_start_url = {START_URL}\n', Profile='x'),
                         ['oidc.us-west-2.amazonaws.com', 'portal.sso.us-west-2.amazonaws.com',
                          'redshift.us-west-2.amazonaws.com'])

    def test_regions(self):
        role = '[profile x]\ncredential_source = Ec2InstanceMetadata\n' + ROLE
        fips, dual = {'AWS_USE_FIPS_ENDPOINT': 'true'}, {'AWS_USE_DUALSTACK_ENDPOINT': 'true'}
        for region, env, sts, redshift in (
                ('us-west-2', fips, 'sts-fips.us-west-2.amazonaws.com', 'redshift-fips.us-west-2.amazonaws.com'),
                ('us-west-2', dual, 'sts.us-west-2.api.aws', 'redshift.us-west-2.api.aws'),
                ('cn-north-1', {}, 'sts.cn-north-1.amazonaws.com.cn', 'redshift.cn-north-1.amazonaws.com.cn'),
                ('us-gov-west-1', {}, 'sts.us-gov-west-1.amazonaws.com', 'redshift.us-gov-west-1.amazonaws.com'),
                ('us-gov-west-1', fips, 'sts.us-gov-west-1.amazonaws.com', 'redshift-fips.us-gov-west-1.amazonaws.com')):
            with self.subTest(region=region, env=env):
                self.assertEqual(self.asked(role, env, Profile='x', Region=region), [INSTANCE, sts, redshift])
        self.assertEqual(self.asked(InstanceProfile=1, Region='us-iso-east-1'),
                         [INSTANCE, 'redshift.us-iso-east-1.c2s.ic.gov'])

    def test_serverless(self):
        self.assertEqual(self.asked(InstanceProfile=1, ClusterID=None, Workgroup='default', DbUser=None),
                         [INSTANCE, 'redshift-serverless.us-west-2.amazonaws.com'])

    def test_another_name_s_certificate(self):
        self.assertEqual(self.asked(InstanceProfile=1, Region='eu-west-1', state='08001', text=UNCERTIFIED), [INSTANCE])


if __name__ == '__main__':
    if sys.argv[2:3] == ['--inside']:
        with tempfile.TemporaryDirectory() as FOLDER:
            kept = prepare(socket.socket(fileno=int(sys.argv[3])))
            passed = unittest.main(argv=sys.argv[:1], exit=False).result.wasSuccessful()
        sys.exit(not passed)
    else:
        outside()

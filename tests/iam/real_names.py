#!/usr/bin/python3
"""Signing in by AWS's own addresses and names, with no endpoint configured.

In a network namespace of its own, where 169.254.169.254 and the like are addresses of the loopback
interface, and the aws stand-in serves them and AWS's names at ports 80 and 443 with a certificate for
these names.
"""
import hashlib, json, os, subprocess, sys, unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
import namespace  # noqa: E402
from nameserver import NameServer  # noqa: E402
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
# A public cluster's own name is an alias too.
CLUSTER = 'sales.abc123xyz789.us-west-2.redshift.amazonaws.com'
DOMAINS = {'db.example.com': 'data.example.com', 'data.example.com': CLUSTER,
           CLUSTER: 'ec2-203-0-113-9.eu-west-1.compute.amazonaws.com',
           'ec2-203-0-113-9.eu-west-1.compute.amazonaws.com': '127.0.0.1',
           'china.example.com': 'w.123456789012.cn-north-1.redshift-serverless.amazonaws.com.cn',
           'w.123456789012.cn-north-1.redshift-serverless.amazonaws.com.cn': '127.0.0.1',
           'plain.example.com': '127.0.0.1', 'sick.example.com': None, 'redshift.sa-east-1.amazonaws.com': None}
FOLDER = None  # of the running test: certificate, home, log


def begin(folder):
    """Addresses, names, the certificate, both servers."""
    global FOLDER
    FOLDER = folder
    namespace.names(folder, (*NAMES, UNCERTIFIED), (INSTANCE, CONTAINER, POD))
    namespace.resolver(folder)
    NameServer(DOMAINS)
    namespace.certificate(folder, NAMES, E['RS_CA_FILE'])
    options = [f'--host={name}' for name in (*NAMES, UNCERTIFIED)] + [f'--region={name}' for name in REGIONS]
    options += [f'--machine={INSTANCE}=instance', f'--machine={CONTAINER}=container', f'--machine={POD}=container']
    return namespace.start(
        FAKE_AWS, '--listen=443', f'--cert={folder}/pem', f'--key={folder}/key', f'--log={folder}/log',
        f'--keys={E["RS_SANDBOX_DIR"]}/aws-keys.json', f'--store={E["RS_PASSWORD_STORE"]}',
        f'--cluster-port={E["RS_REDSHIFT_PORT"]}', *options)


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
        self.failure = failures[0]['text'] if failures else ''
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

    def test_domain_of_one_s_own(self):
        """The region is where its aliases lead, and before the environment's; all else is the user's word."""
        for server, region in (('db.example.com', 'us-west-2'), ('DB.example.com.', 'us-west-2'),
                               ('china.example.com', 'cn-north-1'), ('plain.example.com', 'us-gov-west-1'),
                               ('nobody.example.com', 'us-gov-west-1'), ('sick.example.com', 'us-gov-west-1')):
            with self.subTest(server=server):
                asked = self.asked(env={'AWS_REGION': 'us-gov-west-1'}, InstanceProfile=1, Region=None, Server=server,
                                   vpc_endpoint_url=f'https://localhost:{E["RS_REDSHIFT_PORT"]}')
                suffix = 'amazonaws.com.cn' if region.startswith('cn-') else 'amazonaws.com'
                self.assertEqual(asked, [INSTANCE, f'redshift.{region}.{suffix}'])

    def test_names_that_do_not_resolve(self):
        """What nobody has is final; a name server that is out of order may be well again."""
        for region, attempts in (('sa-east-1', ', 3 attempts'), ('sa-west-1', '')):
            self.assertEqual(self.asked(InstanceProfile=1, Region=region, state='08001', text=f'redshift.{region}'),
                             [INSTANCE])
            self.assertIn(f'(redshift.{region}.amazonaws.com{attempts})', self.failure)

    def test_another_name_s_certificate(self):
        self.assertEqual(self.asked(InstanceProfile=1, Region='eu-west-1', state='08001', text=UNCERTIFIED), [INSTANCE])


if __name__ == '__main__':
    namespace.main(__file__, [int(E['RS_REDSHIFT_PORT'])], begin)

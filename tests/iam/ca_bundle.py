#!/usr/bin/python3
"""Whom the calls to AWS trust: CaFile, AWS_CA_BUNDLE, a profile's ca_bundle, each with the right and a wrong CA."""
import os, subprocess, sys, tempfile, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from bench import E, iam  # noqa: E402

TOOL = sys.argv.pop(1)
RIGHT, WRONG = E['RS_CA_FILE'], E['RS_OTHER_CA_FILE']


class Bundle(unittest.TestCase):
    def creds(self, ca_file=None, variable=None, profile=None):
        """Asks AWS for a password with a role's keys: what was said of a failure, None if there was none."""
        with tempfile.TemporaryDirectory() as home:
            with open(f'{home}/config', 'w') as file:
                file.write('[profile x]\nrole_arn = arn:aws:iam::123456789012:role/RedshiftAccess\nsource_profile = y\n'
                           + (f'ca_bundle = {profile}\n' if profile else '')
                           + f'[profile y]\naws_access_key_id = {E["RS_AWS_ACCESS_KEY_ID"]}\n'
                             f'aws_secret_access_key = {E["RS_AWS_SECRET_ACCESS_KEY"]}\n')
            env = {k: v for k, v in E.items() if not k.startswith('AWS_')}
            env.update(HOME=home, AWS_CONFIG_FILE=f'{home}/config', AWS_SHARED_CREDENTIALS_FILE=f'{home}/none')
            if variable:
                env['AWS_CA_BUNDLE'] = variable
            done = subprocess.run([TOOL, 'creds', iam(CaFile=ca_file, AccessKeyID=None, SecretAccessKey=None, Profile='x',
                                                      StsEndpointUrl=E['RS_AWS_URL'])],
                                  env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return None if done.returncode == 0 else done.stdout + done.stderr

    def test_right(self):
        for place in ('ca_file', 'variable', 'profile'):
            with self.subTest(place=place):
                self.assertIsNone(self.creds(**{place: RIGHT}))

    def test_wrong(self):
        for place in ('ca_file', 'variable', 'profile'):
            with self.subTest(place=place):
                self.assertIn("certificate was not accepted", self.creds(**{place: WRONG}) or '')
                self.assertIn(WRONG, self.creds(**{place: WRONG}))

    def test_missing(self):
        for place in ('ca_file', 'variable', 'profile'):
            with self.subTest(place=place):
                self.assertIn('/nobody/ca.pem', self.creds(**{place: '/nobody/ca.pem'}) or '')

    def test_order(self):
        self.assertIsNone(self.creds(RIGHT, WRONG, WRONG))
        self.assertIsNone(self.creds(None, RIGHT, WRONG))
        self.assertIn(WRONG, self.creds(None, WRONG, RIGHT) or '')
        self.assertIn(WRONG, self.creds(WRONG, RIGHT, RIGHT) or '')


if __name__ == '__main__':
    unittest.main()

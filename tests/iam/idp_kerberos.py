#!/usr/bin/python3
"""AD FS with a ticket instead of a password, from the application's side: a real KDC, and Apache's Negotiate."""
import os, sys, unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from idp_bench import Case, aws_log, host, idp_log, isql, party, plugin, stay  # noqa: E402
from real_kerberos import RealKerberos  # noqa: E402
from real_saml import need  # noqa: E402


class Kerberos(Case):
    @classmethod
    def setUpClass(cls):
        cls.idp = RealKerberos().__enter__()
        cls.addClassCleanup(cls.idp.__exit__)
        os.environ.update(cls.idp.environment)

    def as_(self, name):
        os.environ['KRB5CCNAME'] = self.idp.ticket(name) if name else 'FILE:/nonexistent'

    def text(self, **more):
        return plugin('ADFS', **{**host(self.idp.port), **more})

    def test_the_whole_chain(self):
        self.as_('bob')
        log, before = aws_log(), len(self.idp.requests)
        self.good(self.text())
        self.assertEqual(self.asked(log), ['AssumeRoleWithSAML', 'DescribeClusters', 'GetClusterCredentials'])
        requests = self.idp.requests[before:]
        self.assertEqual([(line['path'].partition('?')[0], line['user']) for line in requests],
                         [('/adfs/ls/IdpInitiatedSignOn.aspx', ''), ('/adfs/ls/wia', 'bob')])
        for line in requests:
            self.assertIn('MSIE 10.0; Windows NT 6', line['agent'])
        status, text = isql(self.text())
        self.assertEqual((status, 'bob' in text), (0, True), text)

    def test_two_principals_in_one_process(self):
        """Neither ever gets the other's login, whatever is remembered."""
        stay(self)
        for _ in range(2):
            for name, groups in (('bob', ('group1',)), ('alice', ('group1', 'group2'))):
                for cache in (0, 1):
                    self.as_(name)
                    self.good(self.text(DisableCache=cache), name, groups)

    def test_no_ticket(self):
        self.as_(None)
        self.bad(self.text(), '28000', 'integrated authentication failed', 'Kerberos ticket')

    def test_a_ticket_that_is_not_enough(self):
        self.as_('mallory')
        self.bad(self.text(), '28000', 'no SAML response')

    def test_the_form_instead(self):
        self.as_('bob')
        log = idp_log()
        self.bad(plugin('ADFS', **host(), loginToRp=party('forms-only')), '28000',
                 'AD FS offered the form instead of integrated authentication')
        self.assertEqual([r['form'] for r in log.requests()], [{}])

    def test_a_redirect_to_another_host(self):
        self.as_('bob')
        log = idp_log()
        self.bad(plugin('ADFS', **host(), loginToRp=party('redirect-host')), '08001', 'another host')
        self.assertEqual(len(log.requests()), 1)


if __name__ == '__main__':
    need(RealKerberos.programs)
    unittest.main()

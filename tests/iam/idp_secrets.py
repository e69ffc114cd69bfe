"""What must not be told of a sign-in: collected from what the stand-ins say was sent to them, so that each
secret was in play; and the search for it in logs and diagnostics."""
import glob, json, os, tempfile, urllib.parse

from canary import spellings
from idp_bench import E, Failed, SignedIn

# Names of what is secret: fields of forms and of JSON objects, parameters of URLs.
NAMES = {'Password', 'pf.pass', 'passwd', 'word', 'password', 'client_secret', 'code', 'code_verifier', 'onetimetoken',
         'passCode', 'answer', 'stateToken', 'clientSecret', 'codeVerifier', 'deviceCode', 'SAMLAssertion',
         'WebIdentityToken', 'state'}


def of(line):
    """Names and secrets of one request."""
    found = dict(line.get('cookies', {}))
    for pairs in (line.get('query', {}), line.get('form', {}), dict(line.get('parameters', []))):
        found.update({name: value for name, value in pairs.items() if name in NAMES})
    text = line.get('body') or ''
    if not text.startswith('{'):
        found.update({name: value for name, value in urllib.parse.parse_qsl(text) if name in NAMES})
        text = '{}'
    try:
        body = json.loads(text)
    except ValueError:
        body = {}
    found.update({name: value for name, value in body.items() if name in NAMES})
    return {name: value for name, value in found.items() if isinstance(value, str) and len(value) > 4}


class Talkative:
    """Connections at the most talkative level, and all that was told of them."""

    def __init__(self, case, *logs):
        """logs: functions that begin to follow a stand-in's log."""
        self.case, self.logs = case, [log() for log in logs]
        self.folder = tempfile.TemporaryDirectory(prefix='rs-canary-')
        case.addCleanup(self.folder.cleanup)
        self.store = set(os.listdir(E['RS_PASSWORD_STORE']))
        self.told = []
        for kind in ('text', 'json'):
            os.mkdir(self.kind(kind), 0o700)

    def kind(self, kind):
        return os.path.join(self.folder.name, kind)

    def go(self, make, is_good=True, **more):
        """make(**keys) -> connection string"""
        for kind in ('text', 'json'):
            text = make(**more, LogLevel=6, LogSql=1, LogFormat=kind, LogPath=self.kind(kind))
            try:
                self.told += [state + words for state, words in SignedIn(text).warnings]
                self.case.assertTrue(is_good, text)
            except Failed as failed:
                self.case.assertFalse(is_good, failed.args[1])
                self.told.append(failed.args[1])

    def secrets(self):
        """Secret -> the names that it was sent by."""
        found = {}
        for log in self.logs:
            for line in log.requests():
                for name, value in of(line).items():
                    found.setdefault(value, set()).add(name)
        for name in set(os.listdir(E['RS_PASSWORD_STORE'])) - self.store:
            try:
                with open(os.path.join(E['RS_PASSWORD_STORE'], name), encoding='utf-8') as file:
                    found[json.load(file)['password']] = {'what the database takes'}
            except (OSError, ValueError):
                pass  # being written, or taken
        return found

    def search(self, *expected):
        """expected: names of secrets that must have been sent."""
        secrets = self.secrets()
        self.case.assertLessEqual(set(expected), set().union(*secrets.values()))
        texts = dict(enumerate(self.told))
        for path in glob.glob(self.folder.name + '/*/*'):
            with open(path, encoding='utf-8', errors='replace') as file:
                texts[path] = file.read()
        self.case.assertGreater(sum(len(text) for text in texts.values()), 1000)
        for where, text in texts.items():
            for secret, names in secrets.items():
                for spelling in spellings(secret):
                    self.case.assertNotIn(spelling, text, f'{names} told in {where}')

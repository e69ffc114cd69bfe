"""A real identity provider for tests: Debian's SimpleSAMLphp behind a TLS front, on a bench that is up.

    with RealSaml() as idp:     about a second
        idp.port                AD FS's and PingFederate's addresses lead to its login form
        idp.start_url(7890)     for BrowserSAML, whose response goes to http://localhost:7890/redshift/
        idp.requests            what was asked, as the idp stand-in logs it

It knows the accounts of idp_accounts.py, and signs for the saml provider `ssp`.
"""

import http.client
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import types

import idp_accounts
import idp_saml
from idp_server import Handler, Server

HERE = os.path.dirname(os.path.realpath(__file__))
SSP = "/usr/share/simplesamlphp"
START_LIMIT = 20

CONFIG = """<?php
$config = [
    'baseurlpath' => '%(base)s', 'certdir' => '%(certs)s/', 'loggingdir' => '%(folder)s/',
    'datadir' => '%(folder)s/', 'tempdir' => '%(folder)s/tmp', 'metadatadir' => '%(folder)s/',
    'attributenamemapdir' => '/etc/simplesamlphp/attributemap/',
    'technicalcontact_name' => 'x', 'technicalcontact_email' => 'x@example.com', 'timezone' => 'UTC',
    'secretsalt' => '%(salt)s', 'auth.adminpassword' => '%(salt)s',
    'enable.saml20-idp' => true, 'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'logging.level' => SimpleSAML\\Logger::NOTICE, 'logging.handler' => 'file',
    'session.cookie.secure' => true, 'session.phpsession.savepath' => '%(folder)s/tmp',
    'session.phpsession.httponly' => true, 'store.type' => 'phpsession',
    'metadata.sources' => [['type' => 'flatfile', 'directory' => '%(folder)s/']],
    'language.available' => ['en'], 'language.default' => 'en', 'showerrors' => true,
];
"""
SOURCES = """<?php
$config = ['users' => ['exampleauth:UserPass'] + json_decode(file_get_contents('%(folder)s/users.json'), true)];
"""
HOSTED = """<?php
$metadata['http://ssp.example.com/idp'] = [
    'host' => '__DEFAULT__', 'privatekey' => 'saml-ssp.key', 'certificate' => 'saml-ssp.pem',
    'auth' => 'users', 'signature.algorithm' => 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    'attributes.NameFormat' => 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri',
];
"""
# The port of a listener is known to the one who asks.
REMOTE = """<?php
$post = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST';
$metadata['urn:amazon:webservices'] = [
    'AssertionConsumerService' => [['index' => 1, 'Binding' => $post, 'Location' => '%(acs)s']],
];
if (preg_match('/^urn:amazon:webservices:browser:([0-9]+)$/', $_GET['spentityid'] ?? '', $found)) {
    $metadata[$found[0]] = [
        'audience' => ['urn:amazon:webservices'],
        'AssertionConsumerService' => [
            ['index' => 1, 'Binding' => $post, 'Location' => "http://localhost:$found[1]/redshift/"]],
    ];
}
"""
# The addresses of the products that it stands in for, and PHP's own way to files and scripts.
ROUTER = """<?php
$_SERVER['HTTPS'] = 'on';
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$starts = ['/adfs/ls/IdpInitiatedSignOn.aspx' => 'loginToRp', '/idp/startSSO.ping' => 'PartnerSpId'];
if (isset($starts[$path])) {
    header('Location: /simplesaml/saml2/idp/SSOService.php?spentityid='
           . urlencode($_GET[$starts[$path]] ?? ''), true, 302);
    return true;
}
if (preg_match('#^/simplesaml(/resources/[\\w/.-]+\\.(js|css))$#', $path, $found) && strpos($path, '..') === false) {
    header('Content-Type: ' . ($found[2] === 'js' ? 'text/javascript' : 'text/css'));
    return readfile('%(ssp)s/www' . $found[1]) !== false;
}
if (!preg_match('#^/simplesaml((/[^/]+?)*?\\.php)(/.*)?$#', $path, $found) || strpos($path, '..') !== false) {
    http_response_code(404);
    return true;
}
$_SERVER['SCRIPT_NAME'] = '/simplesaml' . $found[1];
$_SERVER['PATH_INFO'] = $found[3] ?? '';
chdir(dirname('%(ssp)s/www' . $found[1]));
require '%(ssp)s/www' . $found[1];
"""


class Front(Handler):
    """Forwards to PHP; logs what came, as the stand-in does."""

    def dispatch(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.behind, timeout=60)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in ("connection", "accept-encoding")}
        connection.request(self.command, self.path, self.body, headers)
        answer = connection.getresponse()
        data = answer.read()
        self.say(answer.status, answer.getheader("Content-Type", "text/html"), data,
                 [(name, value) for name, value in answer.getheaders() if name.lower() not in
                  ("content-type", "content-length", "connection", "transfer-encoding", "host", "date")])
        connection.close()


def clean_environment(**more):
    """Without what a sanitizer build of the driver needs in the process that tests it."""
    return {**{name: value for name, value in os.environ.items()
               if name not in ("LD_PRELOAD", "ASAN_OPTIONS")}, **more}


def need(*lists):
    """Ends the test as skipped when a file of these is missing."""
    missing = [name for names in lists for name in names if not os.path.exists(name)]
    if missing:
        print("missing (./dev deps idp brings it): " + " ".join(missing))
        sys.exit(77)


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def wait_for_port(port, process):
    limit = time.monotonic() + START_LIMIT
    while time.monotonic() < limit and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("nothing listens at port %d" % port)


def tls_context(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder + "/good.pem", folder + "/good.key")
    return context


class Log:
    """A Stand that keeps its lines for the test, and writes nothing."""

    def __init__(self):
        self.lines = []
        self.options = types.SimpleNamespace(name="real")

    def log(self, **line):
        self.lines.append(line)

    def requests(self):
        """Each is written a moment after its answer, and waited for."""
        limit = time.monotonic() + START_LIMIT
        while time.monotonic() < limit:
            events = [line["event"] for line in self.lines]
            if events.count("asked") == events.count("request"):
                break
            time.sleep(0.01)
        return [line for line in self.lines if line["event"] == "request"]


class RealSaml:
    programs = ("/usr/bin/php", SSP + "/www/saml2/idp/SSOService.php")

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rs-ssp-")
        self.certs = os.environ["RS_SANDBOX_DIR"] + "/certs"
        self.log = Log()

    @property
    def requests(self):
        return self.log.requests()

    def start_url(self, port):
        return ("https://localhost:%d/simplesaml/saml2/idp/SSOService.php?spentityid="
                "urn%%3Aamazon%%3Awebservices%%3Abrowser%%3A%d" % (self.port, port))

    def __enter__(self):
        self.server = Server(("127.0.0.1", 0), self.log, tls_context(self.certs), Front)
        self.port = self.server.server_address[1]
        self.server.behind = free_port()
        self.write()
        with open(self.folder + "/php.log", "wb") as log:
            self.php = subprocess.Popen(
                ["php", "-q", "-d", "log_errors=1", "-d", "display_errors=0", "-d",
                 "error_log=" + self.folder + "/php.log", "-S", "127.0.0.1:%d" % self.server.behind, self.folder + "/router.php"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env=clean_environment(SIMPLESAMLPHP_CONFIG_DIR=self.folder, PHP_CLI_SERVER_WORKERS="4"),
                start_new_session=True)
        wait_for_port(self.server.behind, self.php)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        # Its workers are in its group.
        os.killpg(self.php.pid, 15)
        self.php.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def write(self):
        users = {}
        for name, account in idp_accounts.ACCOUNTS.items():
            attributes = {idp_saml.AWS + "Role": [role.replace("saml-provider/idp", "saml-provider/ssp")
                                                  for role in account.roles],
                          idp_saml.AWS + "RoleSessionName": [account.session]}
            attributes.update({idp_saml.REDSHIFT + each: values for each, values in account.attributes.items()})
            users["%s:%s" % (name, idp_accounts.PASSWORD)] = attributes
        values = {"folder": self.folder, "certs": self.certs, "ssp": SSP, "acs": idp_saml.AWS_ACS,
                  "base": "https://localhost:%d/simplesaml/" % self.port, "salt": os.urandom(16).hex()}
        os.mkdir(self.folder + "/tmp")
        for name, text in (("config.php", CONFIG), ("authsources.php", SOURCES), ("router.php", ROUTER),
                           ("saml20-idp-hosted.php", HOSTED), ("saml20-sp-remote.php", REMOTE)):
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(text % values)
        with open(self.folder + "/users.json", "w", encoding="utf-8") as file:
            json.dump(users, file)

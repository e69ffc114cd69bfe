"""Real Kerberos for tests: Debian's KDC, and Apache with mod_auth_gssapi, on a bench that is up.

    with RealKerberos() as idp:         about two seconds
        idp.port                        AD FS's address; it leads to /adfs/ls/wia, which wants a ticket
        idp.ticket("bob")               a cache of bob's with a ticket, for KRB5CCNAME
        idp.environment                 what a client needs besides
        idp.requests                    what came through, with who it was

Principals: bob and alice, known as such to idp_accounts.py, and mallory, who may get tickets and no more.
"""

import http.server
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import threading
import urllib.parse

import idp_accounts
import idp_pages
import idp_saml
from real_saml import Log, clean_environment, free_port, wait_for_port

REALM = "TEST.EXAMPLE"
PRINCIPALS = ("bob", "alice", "mallory")
MODULES = "/usr/lib/apache2/modules"

KRB5_CONF = """\
[libdefaults]
default_realm = %(realm)s
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
udp_preference_limit = 1
[realms]
%(realm)s = {
  kdc = 127.0.0.1:%(kdc_port)d
}
[domain_realm]
localhost = %(realm)s
"""
KDC_CONF = """\
[kdcdefaults]
kdc_ports = 0
kdc_tcp_listen = 127.0.0.1:%(kdc_port)d
[realms]
%(realm)s = {
  database_name = %(folder)s/principal
  key_stash_file = %(folder)s/stash
  acl_file = %(folder)s/acl
  max_life = 1h
}
"""
# Kerberos alone, as AD FS with Negotiate; the page itself is made behind.
APACHE_CONF = """\
ServerRoot %(folder)s
PidFile %(folder)s/apache.pid
DefaultRuntimeDir %(folder)s
ErrorLog %(folder)s/apache.log
Listen 127.0.0.1:%(port)d
ServerName localhost
%(account)s
%(modules)s
SSLEngine on
SSLCertificateFile %(certs)s/good.pem
SSLCertificateKeyFile %(folder)s/tls.key
ProxyPass / http://127.0.0.1:%(behind)d/
ProxyPreserveHost on
RequestHeader unset X-Remote-User
<Location /adfs/ls/wia>
  AuthType GSSAPI
  AuthName "AD FS"
  GssapiCredStore keytab:%(folder)s/keytab
  GssapiAllowedMech krb5
  GssapiBasicAuth Off
  Require valid-user
  RequestHeader set X-Remote-User expr=%%{REMOTE_USER}
  RequestHeader unset Authorization
</Location>
"""
LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "headers", "proxy", "proxy_http", "ssl",
          "auth_gssapi")


class Behind(http.server.BaseHTTPRequestHandler):
    """The pages: the start leads to wia, and wia knows from Apache who it is."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        owner = self.server.owner
        split = urllib.parse.urlsplit(self.path)
        user = self.headers.get("X-Remote-User", "").removesuffix("@" + REALM)
        owner.log.log(event="request", path=self.path, user=user, agent=self.headers.get("User-Agent"))
        if split.path == "/adfs/ls/IdpInitiatedSignOn.aspx":
            self.say(302, "text/html", b"", ("Location", "/adfs/ls/wia?" + split.query))
        elif split.path == "/adfs/ls/wia":
            account = idp_accounts.find(user) if user != "mallory" else None
            if account is None:
                self.say(200, "text/html", b"<html><body>You are not authorized</body></html>")
                return
            account = idp_accounts.ACCOUNTS[user]
            page = idp_pages.carrying("plain", "https://signin.aws.amazon.com:443/saml",
                                      idp_saml.response(owner.signer, account, account.flaws))
            self.say(200, *page)
        else:
            self.say(404, "text/html", b"")

    def say(self, status, kind, data, *headers):
        self.send_response_only(status)
        for name, value in (("Content-Type", kind), ("Content-Length", str(len(data))), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)


class RealKerberos:
    programs = ("/usr/sbin/krb5kdc", "/usr/sbin/kadmin.local", "/usr/sbin/apache2", "/usr/bin/kinit",
                MODULES + "/mod_auth_gssapi.so")

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="rs-krb-")
        self.certs = os.environ["RS_SANDBOX_DIR"] + "/certs"
        self.signer = idp_saml.Signer(self.certs + "/saml.key", self.certs + "/saml.pem")
        self.log = Log()
        self.processes = []
        self.password = secrets.token_hex(8)
        self.environment = {"KRB5_CONFIG": self.folder + "/krb5.conf"}
        self.inner = clean_environment(**self.environment, KRB5_KDC_PROFILE=self.folder + "/kdc.conf",
                                       LC_ALL="C")

    @property
    def requests(self):
        return self.log.lines

    def run(self, *command, text=""):
        subprocess.run(command, input=text, text=True, check=True, env=self.inner, cwd=self.folder,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def start(self, *command):
        with open(self.folder + "/%s.out" % os.path.basename(command[0]), "wb") as log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.inner,
                                       cwd=self.folder, start_new_session=True)
        self.processes.append(process)
        return process

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    def __enter__(self):
        try:
            self.begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def begin(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Behind)
        self.server.owner = self
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port, kdc_port = free_port(), free_port()
        values = {"folder": self.folder, "certs": self.certs, "realm": REALM, "kdc_port": kdc_port, "port": self.port,
                  "behind": self.server.server_address[1], "account": "",
                  "modules": "\n".join("LoadModule %s_module %s/mod_%s.so" % (name, MODULES, name)
                                       for name in LOADED)}
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if account:
            values["account"] = "User nobody\nGroup #%d" % account.pw_gid
            os.chmod(self.folder, 0o711)
        self.write("krb5.conf", KRB5_CONF % values)
        self.write("kdc.conf", KDC_CONF % values)
        self.write("apache.conf", APACHE_CONF % values)
        shutil.copyfile(self.certs + "/good.key", self.folder + "/tls.key")
        os.chmod(self.folder + "/tls.key", 0o600)
        self.run("/usr/sbin/kdb5_util", "create", "-s", "-P", secrets.token_hex(8), "-r", REALM)
        self.run("/usr/sbin/kadmin.local", text="".join(
            "addprinc -pw %s %s\n" % (self.password, name) for name in PRINCIPALS) +
            "addprinc -randkey HTTP/localhost\nktadd -k %s/keytab HTTP/localhost\n" % self.folder)
        if account:
            os.chown(self.folder + "/keytab", account.pw_uid, account.pw_gid)
        kdc = self.start("/usr/sbin/krb5kdc", "-n")
        apache = self.start("/usr/sbin/apache2", "-f", self.folder + "/apache.conf", "-DFOREGROUND")
        wait_for_port(kdc_port, kdc)
        wait_for_port(self.port, apache)

    def __exit__(self, *_):
        for process in self.processes:
            process.terminate()
            process.wait()
        self.server.shutdown()
        self.server.server_close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ticket(self, name):
        cache = "FILE:%s/cache-%s" % (self.folder, name)
        self.run("/usr/bin/kinit", "-c", cache, name, text=self.password + "\n")
        return cache

"""A real OpenID provider for tests: npm's oidc-provider at the addresses of Azure AD version 2, on a
bench that is up.

    with RealOidc() as idp:     about a second
        idp.port                …/example.com/oauth2/v2.0/authorize and …/token

What it gives, the database takes as its user u_idp's.
"""

import os
import shutil
import subprocess
import tempfile

import idp_azure
from real_saml import HERE, clean_environment

# Where ./dev deps has npm put it.
MODULES = os.path.realpath(os.path.join(HERE, "..", "..", "build", "npm", "node_modules"))


class RealOidc:
    programs = (shutil.which("node") or "node", MODULES + "/oidc-provider/lib/index.js")

    def __init__(self, pem=None, key=None, address="127.0.0.1", port=0):
        certs = os.environ["RS_SANDBOX_DIR"] + "/certs"
        self.command = ["node", os.path.join(HERE, "real_oidc.mjs"), MODULES, pem or certs + "/good.pem",
                        key or certs + "/good.key", certs + "/saml.key", os.environ["RS_PASSWORD_STORE"],
                        idp_azure.PUBLIC, address, str(port)]

    def __enter__(self):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, env=clean_environment())
        line = self.process.stdout.readline().strip()
        if not line.isdigit():
            raise RuntimeError("oidc-provider did not start: " + self.said())
        self.port = int(line)
        return self

    def said(self):
        self.errors.seek(0)
        return self.errors.read().decode()

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()

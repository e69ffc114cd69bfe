"""JSON web tokens, signed and checked by openssl."""

import base64
import json
import os
import re
import subprocess
import tempfile


def encoded(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def make(key, claims, **header):
    """key: path of an RSA key"""
    text = ".".join(encoded(json.dumps(part).encode()) for part in
                    ({"typ": "JWT", "alg": "RS256", **header}, claims))
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(),
                               stdout=subprocess.PIPE, check=True).stdout
    return text + "." + encoded(signature)


def claims_unchecked(token):
    """None when it is no token."""
    if not re.match(r"^[\w-]+\.[\w-]+\.[\w-]+$", token):
        return None
    header, claims, _ = token.split(".")
    try:
        if json.loads(decoded(header)).get("alg") != "RS256":
            return None
        claims = json.loads(decoded(claims))
    except (ValueError, AttributeError):
        return None
    return claims if isinstance(claims, dict) else None


def claims_of(token, certificate):
    """None when it is no token, or not signed by the owner of the certificate."""
    claims = claims_unchecked(token)
    if claims is None:
        return None
    text, _, signature = token.rpartition(".")
    with tempfile.TemporaryDirectory(prefix="rs-jwt-") as folder:
        with open(os.path.join(folder, "signature"), "wb") as file:
            file.write(decoded(signature))
        public = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"],
                                stdout=subprocess.PIPE, check=True).stdout
        with open(os.path.join(folder, "public"), "wb") as file:
            file.write(public)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", "public", "-signature",
                               "signature"], cwd=folder, input=text.encode(), check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return claims if done.returncode == 0 else None

"""SAML responses of the idp stand-in: built as text, signed by xmlsec1.

An account says what stands in its assertion (idp_accounts.py); a flaw says what is wrong with it.
"""

import base64
import html
import os
import secrets
import subprocess
import tempfile
import time

ASSERTION_NS = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL_NS = "urn:oasis:names:tc:SAML:2.0:protocol"
STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
AWS = "https://aws.amazon.com/SAML/Attributes/"
REDSHIFT = "https://redshift.amazon.com/SAML/Attributes/"
AUDIENCE = "urn:amazon:webservices"
AWS_ACS = "https://signin.aws.amazon.com/saml"
ISSUER = "http://idp.example.com/adfs/services/trust"
LIFETIME = 300

SIGNATURE = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>'
    '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
    '<ds:Reference URI="#%s"><ds:Transforms>'
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>'
    '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>'
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/>'
    '</ds:Reference></ds:SignedInfo><ds:SignatureValue/>'
    '<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>')

BOMB = ('<!DOCTYPE b [<!ENTITY a "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa">' +
        "".join('<!ENTITY %s "%s">' % (name, ("&%s;" % chr(ord(name) - 1)) * 20)
                for name in "bcdefgh") + "]>")
DTD = "<!DOCTYPE Response SYSTEM \"https://idp.example.com/response.dtd\">"

# What can be wrong with a response; README.md says what each is.
FLAWS = ("expired", "unsigned", "forged", "tampered", "audience", "recipient", "future", "status",
         "encrypted", "dtd", "bomb", "malformed", "root", "nobase64", "empty", "large", "norole",
         "halfrole", "nosession", "noassertion")


def stamp(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def attribute(name, values):
    return '<saml:Attribute Name="%s">%s</saml:Attribute>' % (name, "".join(
        "<saml:AttributeValue>%s</saml:AttributeValue>" % html.escape(value) for value in values))


class Signer:
    """An identity provider's key and certificate."""

    def __init__(self, key, certificate):
        self.key, self.certificate = key, certificate

    def sign(self, text, key=None):
        """The document with its Signature filled in; key: another than the one that is known."""
        with tempfile.TemporaryDirectory(prefix="rs-saml-") as folder:
            path = os.path.join(folder, "in.xml")
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = subprocess.run(
                ["xmlsec1", "--sign", "--privkey-pem", "%s,%s" % (key or self.key, self.certificate),
                 "--id-attr:ID", ASSERTION_NS + ":Assertion", path],
                stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError("xmlsec1: " + done.stderr.decode("utf-8", "replace"))
        text = done.stdout.decode("utf-8")
        return text.partition("?>")[2].strip() if text.startswith("<?xml") else text

    def other_key(self):
        """One that nobody has registered."""
        path = os.path.join(tempfile.mkdtemp(prefix="rs-saml-"), "other.key")
        subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return path


def roles(account, flaws):
    if "norole" in flaws:
        return []
    if "halfrole" in flaws:
        return [value.split(",")[0] for value in account.roles]
    return account.roles


def attributes(account, flaws):
    found = ""
    if roles(account, flaws):
        found += attribute(AWS + "Role", roles(account, flaws))
    if "nosession" not in flaws:
        found += attribute(AWS + "RoleSessionName", [account.session])
    for name, values in account.attributes.items():
        found += attribute(REDSHIFT + name, values)
    return found


def assertion(account, flaws=(), acs=AWS_ACS, signature=True):
    """Signature still empty."""
    now = time.time()
    if "expired" in flaws:
        now -= 3600
    if "future" in flaws:
        now += 3600
    number = "_" + secrets.token_hex(16)
    acs = "https://elsewhere.example.com/saml" if "recipient" in flaws else acs
    audience = "urn:elsewhere" if "audience" in flaws else AUDIENCE
    filler = attribute("filler", ["x" * 80000]) if "large" in flaws else ""
    return (
        '<saml:Assertion xmlns:saml="%s" ID="%s" Version="2.0" IssueInstant="%s">'
        "<saml:Issuer>%s</saml:Issuer>%s<saml:Subject>"
        '<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">%s</saml:NameID>'
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        '<saml:SubjectConfirmationData NotOnOrAfter="%s" Recipient="%s"/>'
        "</saml:SubjectConfirmation></saml:Subject>"
        '<saml:Conditions NotBefore="%s" NotOnOrAfter="%s"><saml:AudienceRestriction>'
        "<saml:Audience>%s</saml:Audience></saml:AudienceRestriction></saml:Conditions>"
        '<saml:AuthnStatement AuthnInstant="%s"><saml:AuthnContext><saml:AuthnContextClassRef>'
        "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
        "</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>"
        "<saml:AttributeStatement>%s%s</saml:AttributeStatement></saml:Assertion>"
        % (ASSERTION_NS, number, stamp(now), ISSUER, SIGNATURE % number if signature else "",
           html.escape(account.session), stamp(now + LIFETIME), acs, stamp(now - 5),
           stamp(now + LIFETIME), audience, stamp(now), attributes(account, flaws), filler))


def response(signer, account, flaws=(), acs=AWS_ACS):
    """The base64 text that a page carries."""
    if "empty" in flaws:
        return ""
    if "nobase64" in flaws:
        return "PHNhbWw=*not base64*"
    status = '<samlp:StatusCode Value="%sSuccess"/>' % STATUS
    inner = assertion(account, flaws, acs, "unsigned" not in flaws)
    if "status" in flaws:
        status = ('<samlp:StatusCode Value="%sResponder"><samlp:StatusCode Value="%sAuthnFailed"/>'
                  "</samlp:StatusCode><samlp:StatusMessage>The account may not do this."
                  "</samlp:StatusMessage>" % (STATUS, STATUS))
        inner = ""
    if "encrypted" in flaws:
        inner = ('<saml:EncryptedAssertion xmlns:saml="%s"><xenc:EncryptedData '
                 'xmlns:xenc="http://www.w3.org/2001/04/xmlenc#"><xenc:CipherData><xenc:CipherValue>'
                 "c2VjcmV0</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData>"
                 "</saml:EncryptedAssertion>" % ASSERTION_NS)
    if "noassertion" in flaws:
        inner = ""
    text = ('<samlp:Response xmlns:samlp="%s" ID="_%s" Version="2.0" IssueInstant="%s" '
            'Destination="%s"><saml:Issuer xmlns:saml="%s">%s</saml:Issuer><samlp:Status>%s'
            "</samlp:Status>%s</samlp:Response>"
            % (PROTOCOL_NS, secrets.token_hex(16), stamp(time.time()), acs, ASSERTION_NS, ISSUER,
               status, inner))
    if "<ds:Signature " in text:
        text = signer.sign(text, signer.other_key() if "forged" in flaws else None)
    if "tampered" in flaws:
        text = text.replace(html.escape(account.session), "mallory")
    if "root" in flaws:
        text = text.replace("samlp:Response", "samlp:ArtifactResponse")
    if "malformed" in flaws:
        text = text[:-20]
    text = {"dtd": DTD, "bomb": BOMB}.get(next((f for f in flaws if f in ("dtd", "bomb")), ""),
                                          "") + text
    if "bomb" in flaws:
        text = text.replace(html.escape(account.session), "&h;")
    return base64.b64encode(text.encode()).decode()


def bare_assertion(signer, account, flaws=()):
    """As Azure's token endpoint gives it: the assertion alone, base64url without padding."""
    text = assertion(account, flaws, signature="unsigned" not in flaws)
    if "unsigned" not in flaws:
        text = signer.sign(text, signer.other_key() if "forged" in flaws else None)
    if "tampered" in flaws:
        text = text.replace(html.escape(account.session), "mallory")
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

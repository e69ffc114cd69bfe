"""What AssumeRoleWithSAML of the aws stand-in believes: xmlsec1 checks the signature, with the
certificate that is registered for the provider; the rest is read from what was signed."""

import base64
import binascii
import calendar
import os
import re
import subprocess
import tempfile
import time
import xml.etree.ElementTree

from aws_errors import ApiError

ASSERTION_NS = "urn:oasis:names:tc:SAML:2.0:assertion"
PROTOCOL_NS = "urn:oasis:names:tc:SAML:2.0:protocol"
SIGNATURE_NS = "http://www.w3.org/2000/09/xmldsig#"
AWS = "https://aws.amazon.com/SAML/Attributes/"
AUDIENCES = ("urn:amazon:webservices", "https://signin.aws.amazon.com/saml")
RECIPIENT = re.compile(r"^(https://signin\.aws\.amazon\.com(:443)?/saml|"
                       r"http://localhost:[0-9]{1,5}/redshift/)$")
PROVIDER = re.compile(r"^arn:aws:iam::123456789012:saml-provider/([\w._-]{1,128})$")
REDEEM_SECONDS = 300
SKEW = 60


def invalid(text):
    return ApiError(400, "InvalidIdentityToken", text)


def denied():
    return ApiError(403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")


def moment(text):
    found = re.match(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z$", text or "")
    if not found:
        raise invalid("Invalid date in the assertion")
    return calendar.timegm(time.strptime(found[1], "%Y-%m-%dT%H:%M:%S"))


def decoded(text):
    if not re.match(r"^[A-Za-z0-9+/]+={0,2}$", text):
        raise invalid("Invalid base64 SAMLResponse")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise invalid("Invalid base64 SAMLResponse") from None
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise invalid("Response contains a document type")
    return data


def signature_is_good(data, certificate):
    """Only the registered key counts, whatever the document says about its own."""
    with tempfile.TemporaryDirectory(prefix="rs-sts-") as folder:
        path = os.path.join(folder, "in.xml")
        with open(path, "wb") as file:
            file.write(data)
        done = subprocess.run(
            ["xmlsec1", "--verify", "--pubkey-cert-pem", certificate, "--enabled-key-data",
             "key-name", "--enabled-reference-uris", "same-doc",
             "--id-attr:ID", ASSERTION_NS + ":Assertion", "--id-attr:ID",
             PROTOCOL_NS + ":Response", path],
            stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode == 0


def signed_assertion(data, certificate):
    """The one assertion of the response, which the signature is about."""
    try:
        root = xml.etree.ElementTree.fromstring(data)
    except xml.etree.ElementTree.ParseError:
        raise invalid("Response is not well-formed XML") from None
    if root.tag != "{%s}Response" % PROTOCOL_NS:
        raise invalid("Response is not a SAML response")
    found = root.findall("{%s}Assertion" % ASSERTION_NS)
    if len(found) != 1 or len(list(root.iter("{%s}Assertion" % ASSERTION_NS))) != 1:
        raise invalid("Exactly one assertion is expected")
    signatures = [(owner, owner.find("{%s}Signature" % SIGNATURE_NS)) for owner in (found[0], root)]
    signatures = [(owner, each) for owner, each in signatures if each is not None]
    references = [(owner.get("ID"), [ref.get("URI") for ref in each.iter(
        "{%s}Reference" % SIGNATURE_NS)]) for owner, each in signatures]
    if not references or any(uris != ["#" + number] for number, uris in references):
        raise invalid("Response signature invalid")
    if not signature_is_good(data, certificate):
        raise invalid("Response signature invalid")
    return root, found[0]


def values(assertion, name):
    return [(value.text or "").strip() for each in assertion.iter("{%s}Attribute" % ASSERTION_NS)
            if each.get("Name") == name
            for value in each.iter("{%s}AttributeValue" % ASSERTION_NS)]


def check_times(assertion):
    now = time.time()
    conditions = assertion.find("{%s}Conditions" % ASSERTION_NS)
    if conditions is None:
        raise invalid("Conditions are missing")
    if moment(conditions.get("NotBefore")) > now + SKEW:
        raise invalid("Token is not yet valid")
    if (moment(conditions.get("NotOnOrAfter")) <= now
            or moment(assertion.get("IssueInstant")) + REDEEM_SECONDS <= now):
        raise ApiError(400, "ExpiredTokenException",
                       "Token must be redeemed within 5 minutes of issuance")


def check_addressee(assertion):
    audiences = [each.text for each in assertion.iter("{%s}Audience" % ASSERTION_NS)]
    if not set(audiences) & set(AUDIENCES):
        raise denied()
    data = assertion.find(".//{%s}SubjectConfirmationData" % ASSERTION_NS)
    if data is None or not RECIPIENT.match(data.get("Recipient", "")):
        raise denied()
    return audiences[0]


def check(parameters, certificates):
    """What the answer says of who signed in; parameters are AssumeRoleWithSAML's.

    certificates: names of saml providers, each with the path of its certificate.
    """
    text, principal = parameters.get("SAMLAssertion", ""), parameters.get("PrincipalArn", "")
    if not 4 <= len(text) <= 100000:
        raise ApiError(400, "ValidationError", "1 validation error detected: Value at "
                       "'sAMLAssertion' failed to satisfy constraint: Member must have length "
                       "between 4 and 100000")
    provider = PROVIDER.match(principal)
    if not provider:
        raise ApiError(400, "ValidationError", "%s is invalid" % principal)
    data = decoded(text)
    if provider[1] not in certificates:
        raise invalid("Specified provider doesn't exist")
    root, assertion = signed_assertion(data, certificates[provider[1]])
    status = root.find("{%s}Status/{%s}StatusCode" % (PROTOCOL_NS, PROTOCOL_NS))
    if status is None or not status.get("Value", "").endswith(":Success"):
        raise ApiError(403, "IDPRejectedClaim", "The identity provider rejected the claim")
    check_times(assertion)
    audience = check_addressee(assertion)
    pair = {parameters["RoleArn"], principal}
    if not any({part.strip() for part in value.split(",")} == pair
               for value in values(assertion, AWS + "Role")):
        raise denied()
    session = values(assertion, AWS + "RoleSessionName")
    if len(session) != 1 or not re.match(r"^[\w+=,.@-]{2,64}$", session[0], re.ASCII):
        raise invalid("RoleSessionName is required in AuthnResponse")
    issuer = assertion.find("{%s}Issuer" % ASSERTION_NS)
    subject = assertion.find(".//{%s}NameID" % ASSERTION_NS)
    return {"session": session[0], "audience": audience, "provider": provider[1],
            "issuer": issuer.text if issuer is not None else "",
            "subject": subject.text if subject is not None else ""}

"""What AssumeRoleWithWebIdentity of the aws stand-in believes: tokens that openssl finds signed with
the certificate of their issuer; and two words without a meaning, for profiles with a token's file."""

import time

import idp_jwt
from aws_errors import ApiError

AUDIENCES = ("66666666-7777-8888-9999-000000000000", "redshift")
OPAQUE, EXPIRED = "good.web+token/==", "expired.web.token"


def iso(moment):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))


def invalid(text):
    return ApiError(400, "InvalidIdentityToken", text)


def check(token, issuers):
    """What the answer says of who it is.  issuers: URL -> path of the certificate."""
    if not 4 <= len(token) <= 20000:
        raise ApiError(400, "ValidationError", "Value at 'webIdentityToken' failed to satisfy constraint: "
                       "Member must have length between 4 and 20000")
    if token == EXPIRED:
        raise ApiError(400, "ExpiredTokenException", "Token expired: " + token)
    if token == OPAQUE:
        return {}
    unsure = idp_jwt.claims_unchecked(token)
    if unsure is None:
        raise invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an "
                      "Access Token)")
    issuer = unsure.get("iss", "")
    if issuer not in issuers:
        raise invalid("No OpenIDConnect provider found in your account for %s" % issuer)
    claims = idp_jwt.claims_of(token, issuers[issuer])
    if claims is None:
        raise invalid("Couldn't verify the signature of the token")
    if claims.get("aud") not in AUDIENCES:
        raise invalid("Incorrect token audience")
    if not isinstance(claims.get("exp"), int) or not claims.get("sub"):
        raise invalid("Missing a required claim: exp, sub")
    if claims["exp"] <= time.time():
        raise ApiError(400, "ExpiredTokenException", "Token expired: current date/time %s must be before "
                       "the expiration date/time %s" % (iso(time.time()), iso(claims["exp"])))
    return {"SubjectFromWebIdentityToken": claims["sub"], "Provider": issuer, "Audience": claims["aud"]}

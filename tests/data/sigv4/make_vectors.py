#!/usr/bin/python3
"""Makes the signing vectors of this folder with botocore (Debian: python3-botocore).

One folder a case: context.json, request.txt and the expected header-canonical-request.txt,
header-string-to-sign.txt and header-signature.txt. The cases are the driver's own calls and what
the published suite leaves out. Run it again after adding a case; the output is the same every time.
"""
import datetime
import json
import os
import shutil
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

HERE = os.path.dirname(os.path.abspath(__file__))
FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/x-amz-json-1.1"
LONG_TERM = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", None)
TEMPORARY = ("ASIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "TOK+/=")
GOLDEN_TOKEN = (LONG_TERM[0], LONG_TERM[1], "TOK+/=")
OTHER = ("AKIAOTHERKEYEXAMPLE0", "a/+b c=d~é", None)
NOON = "2026-01-15T12:00:00Z"


class Signer(SigV4Auth):
    """keeps_path: the path is encoded but not normalised."""

    keeps_path = False

    def _normalize_url_path(self, path):
        if self.keeps_path:
            return quote(path, safe="/~")
        return super()._normalize_url_path(path)


def case(name, service, region, host, method="POST", path="/", query=(), headers=(), body="",
         keys=LONG_TERM, when=NOON, normalize=True, sign_body=False, omit_token=False):
    """query: (name, value, how it stands in the target) triples."""
    stamp = when.replace("-", "").replace(":", "")
    request = AWSRequest(method=method, url="https://" + host + path,
                         data=body.encode(), params=[(n, v) for n, v, _ in query])
    request.headers["Host"] = host
    for header, value in headers:
        request.headers.add_header(header, value)
    request.headers["X-Amz-Date"] = stamp
    if keys[2] and not omit_token:
        request.headers["X-Amz-Security-Token"] = keys[2]
    request.context["timestamp"] = stamp
    signer = Signer(Credentials(*keys), service, region)
    signer.keeps_path = not normalize
    if sign_body:
        request.headers["X-Amz-Content-SHA256"] = signer.payload(request)
    canonical = signer.canonical_request(request)
    to_sign = signer.string_to_sign(request, canonical)
    signature = signer.signature(to_sign, request)

    target = path + ("?" + "&".join(raw for _, _, raw in query) if query else "")
    lines = ["%s %s HTTP/1.1" % (method, target), "Host:" + host]
    lines += ["%s:%s" % pair for pair in headers]
    text = "\n".join(lines) + "\n" + ("\n" + body if body else "")
    credentials = {"access_key_id": keys[0], "secret_access_key": keys[1]}
    if keys[2]:
        credentials["token"] = keys[2]
    context = {"credentials": credentials, "normalize": normalize, "omit_session_token": omit_token,
               "region": region, "service": service, "sign_body": sign_body, "timestamp": when}
    folder = os.path.join(HERE, name)
    os.mkdir(folder)
    for file, content in (("context.json", json.dumps(context, indent=4, ensure_ascii=False)),
                          ("request.txt", text),
                          ("header-canonical-request.txt", canonical),
                          ("header-string-to-sign.txt", to_sign),
                          ("header-signature.txt", signature)):
        with open(os.path.join(folder, file), "w", encoding="utf-8", newline="") as out:
            out.write(content)
    print("%-28s %s" % (name, signature))


def form(name, service, region, suffix, body, **more):
    case(name, service, region, "%s.%s.%s" % (service, region, suffix),
         headers=[("Content-Type", FORM)], body=body, **more)


def target(name, region, operation, body, **more):
    case(name, "redshift-serverless", region, "redshift-serverless.%s.amazonaws.com" % region,
         headers=[("Content-Type", JSON), ("X-Amz-Target", "RedshiftServerless." + operation)],
         body=body, **more)


def main():
    for entry in os.scandir(HERE):
        if entry.is_dir():
            shutil.rmtree(entry.path)
    aws, china = "amazonaws.com", "amazonaws.com.cn"
    credentials = ("Action=GetClusterCredentials&Version=2012-12-01&DbUser=newuser&DbName=dev"
                   "&ClusterIdentifier=examplecluster&DurationSeconds=900&AutoCreate=true"
                   "&DbGroups.DbGroup.1=group1&DbGroups.DbGroup.2=group2")
    describe = "Action=DescribeClusters&Version=2012-12-01&ClusterIdentifier=examplecluster"

    form("credentials", "redshift", "us-west-2", aws, credentials)
    form("with-iam-token", "redshift", "us-west-2", aws,
         "Action=GetClusterCredentialsWithIAM&Version=2012-12-01&DbName=dev"
         "&CustomDomainName=db.example.com", keys=GOLDEN_TOKEN)
    form("describe", "redshift", "us-west-2", aws, describe)
    form("describe-china", "redshift", "cn-north-1", china, describe)
    form("describe-gov", "redshift", "us-gov-west-1", aws, describe, keys=TEMPORARY)
    form("identity", "sts", "us-west-2", aws, "Action=GetCallerIdentity&Version=2011-06-15")
    form("assume-role", "sts", "us-west-2", aws,
         "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2F"
         "RedshiftAccess&RoleSessionName=odbc-1768478400000&ExternalId=ext-1&DurationSeconds=3600")
    target("serverless-credentials", "us-east-1", "GetCredentials",
           '{"dbName":"dev","durationSeconds":900,"workgroupName":"default"}')
    target("serverless-workgroup", "us-east-1", "GetWorkgroup", '{"workgroupName":"default"}')

    form("other-keys", "redshift", "eu-central-1", aws, "DbUser=%C3%A9", keys=OTHER,
         when="1999-12-31T23:59:59Z")
    form("leap-day", "redshift", "ap-southeast-2", aws, describe, when="2024-02-29T00:00:00Z")
    form("body-unicode", "redshift", "us-west-2", aws, "DbUser=ü€😀\n\nDbName=x")
    form("body-signed", "redshift", "us-west-2", aws, describe, sign_body=True)
    form("token-omitted", "redshift", "us-west-2", aws, describe, keys=TEMPORARY, omit_token=True)
    form("path-prefix", "redshift", "us-west-2", aws, describe, path="/proxy/aws/")

    host = "redshift.us-west-2.amazonaws.com"
    here = {"service": "redshift", "region": "us-west-2", "host": host, "method": "GET"}
    case("port", "redshift", "us-west-2", "localhost:8443", headers=[("Content-Type", FORM)],
         body=describe)
    case("query-unicode", query=[("ü", "€ 😀", "ü=%e2%82%ac%20😀"), ("a", "", "a"),
                                 ("B", "2", "B=2"), ("a", "+/=~", "a=%2B/=%7E")], **here)
    case("query-same-name", query=[("k", "b", "k=b"), ("k", "a", "k=a"), ("k", "", "k="),
                                   ("j-k", "1", "j-k=1"), ("k%", "1", "k%25=1")], **here)
    case("query-plus", query=[("a+b", "c+d", "a+b=c+d")], **here)
    case("headers-duplicate", headers=[("X-Thing", "b"), ("A-First", "1"), ("x-thing", "a  c"),
                                       ("X-THING", " \"q  r\" ")], **here)
    case("headers-order", headers=[("Zeta", "1"), ("alpha", "2"), ("Alpha-b", "3"),
                                   ("alphab", "4")], **here)
    case("header-folded", headers=[("My-Fold", "one\n  two\n\tthree ")], **here)
    case("header-empty", headers=[("My-Empty", "")], **here)
    case("path-unicode", path="/ü/a b/%41/~x", **here)
    case("path-dots", path="/a/./b/../c//d/..", **here)
    case("path-dots-kept", path="/a/./b/../c//d/..", normalize=False, **here)
    case("path-above-root", path="/../../x/", **here)


if __name__ == "__main__":
    main()

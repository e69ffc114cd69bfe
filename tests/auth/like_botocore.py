#!/usr/bin/python3
"""The same AWS settings, resolved by the driver and by botocore, must give the same credentials and
endpoints.  The samples need no call.

Usage: like_botocore.py PROGRAM"""

import os
import subprocess
import sys
import tempfile

try:
    import botocore
except ImportError:
    print("python3-botocore is not installed")
    sys.exit(77)

KEYS = "aws_access_key_id = %s\naws_secret_access_key = s%s\n"


def keys(name):
    return KEYS % (name, name)


PROCESS = ("credential_process = printf '{\"Version\":1,\"AccessKeyId\":\"P\","
           "\"SecretAccessKey\":\"sP\"%s}'\n")

# What is compared: config file, credentials file, environment, explicit profile or None.
SAMPLES = [
    ("static", "", "[default]\n" + keys("A"), {}, None),
    ("config only", "[default]\n" + keys("A"), "", {}, None),
    ("credentials win", "[default]\n" + keys("C"), "[default]\n" + keys("A"), {}, None),
    ("token", "", "[default]\n" + keys("A") + "aws_session_token = t==\n", {}, None),
    ("old token", "", "[default]\n" + keys("A") + "aws_security_token = old\n", {}, None),
    ("named", "[profile p]\n" + keys("P"), "", {}, "p"),
    ("named in credentials", "", "[p]\n" + keys("P"), {}, "p"),
    ("by variable", "[profile p]\n" + keys("P"), "[default]\n" + keys("A"),
     {"AWS_PROFILE": "p"}, None),
    ("missing", "", "[default]\n" + keys("A"), {}, "gone"),
    ("missing by variable", "", "[default]\n" + keys("A"), {"AWS_PROFILE": "gone"}, None),
    ("case counts", "[profile P]\n" + keys("P"), "", {}, "p"),
    ("environment", "", "[default]\n" + keys("A"),
     {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "sE"}, None),
    ("environment with token", "", "",
     {"AWS_ACCESS_KEY_ID": "E", "AWS_SECRET_ACCESS_KEY": "sE", "AWS_SESSION_TOKEN": "t"}, None),
    ("nothing", "[default]\nregion = us-east-1\n", "", {}, None),
    ("no files", None, None, {}, None),
    ("process", "[default]\n" + PROCESS % "", "", {}, None),
    ("process with token", "[default]\n" + PROCESS % ",\"SessionToken\":\"t\"", "", {}, None),
    ("process fails", "[default]\ncredential_process = false\n", "", {}, None),
    ("process before keys beside it", "[default]\n" + keys("A") + PROCESS % "", "", {}, None),
    ("keys of the other file before it", "[default]\n" + PROCESS % "", "[default]\n" + keys("A"),
     {}, None),
    ("value with equals", "", "[default]\naws_access_key_id = A\n"
     "aws_secret_access_key = a=b/c+==\n", {}, None),
    ("blanks", "", "[default]\naws_access_key_id=A\naws_secret_access_key   =   s   \n", {}, None),
    ("comments", "", "# one\n; two\n[default]\n# three\n" + keys("A"), {}, None),
    ("other sections", "[plugins]\ncli = x\n[profile p]\n" + keys("P"), "", {}, "p"),
    ("endpoint of the profile", "[default]\nendpoint_url = https://a.example/\n", "[default]\n"
     + keys("A"), {}, None),
    ("endpoint of a service", "[default]\nservices = s\n" + keys("A") +
     "[services s]\nredshift =\n  endpoint_url = https://r.example/\n", "", {}, None),
    ("service before all", "[default]\nservices = s\nendpoint_url = https://a.example/\n"
     + keys("A") + "[services s]\nsts =\n  endpoint_url = https://t.example/\n", "", {}, None),
    ("endpoint by variable", "[default]\nendpoint_url = https://a.example/\n" + keys("A"), "",
     {"AWS_ENDPOINT_URL": "https://v.example/"}, None),
    ("service by variable", "", "[default]\n" + keys("A"),
     {"AWS_ENDPOINT_URL": "https://v.example/",
      "AWS_ENDPOINT_URL_REDSHIFT": "https://r.example/"}, None),
    ("ignored endpoints", "[default]\nendpoint_url = https://a.example/\n" + keys("A"), "",
     {"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None),
    ("ignored by the profile", "[default]\nignore_configured_endpoint_urls = true\n"
     "endpoint_url = https://a.example/\n" + keys("A"), "", {}, None),
    ("FIPS", "[default]\nuse_fips_endpoint = true\n" + keys("A"), "", {}, None),
    ("FIPS by variable", "", "[default]\n" + keys("A"), {"AWS_USE_FIPS_ENDPOINT": "true"}, None),
    ("dual stack", "[default]\nuse_dualstack_endpoint = true\n" + keys("A"), "", {}, None),
    ("both", "", "[default]\n" + keys("A"), {"AWS_USE_DUALSTACK_ENDPOINT": "true",
                                            "AWS_USE_FIPS_ENDPOINT": "true"}, None),
]

THEIRS = """
import sys
import botocore.exceptions, botocore.session
try:
    session = botocore.session.Session(profile=sys.argv[1] if len(sys.argv) > 1 else None)
    found = session.get_credentials()
    if found is None:
        print("fails")
        sys.exit()
    found = found.get_frozen_credentials()
    print("keys", found.access_key, found.secret_key, found.token or "")
    for service in ("redshift", "sts"):
        client = session.create_client(service, region_name="us-west-2")
        print(client.meta.endpoint_url.rstrip("/") + "/")
except botocore.exceptions.BotoCoreError:
    print("fails")
"""


def run(command, profile, env):
    done = subprocess.run(command + ([profile] if profile else []), env=env, text=True,
                          stdout=subprocess.PIPE, timeout=60, check=True)
    lines = done.stdout.splitlines()
    return ["fails"] if lines[0].startswith("fails") else [line.rstrip() for line in lines]


def main():
    wrong, keyed, compared = 0, 0, 0
    version = tuple(int(part) for part in botocore.__version__.split(".")[:2])
    for name, config, credentials, env, profile in SAMPLES:
        # Older ones know nothing of endpoint_url and its variables.
        if version < (1, 31) and name.split(" ")[0] in ("endpoint", "service"):
            continue
        compared += 1
        with tempfile.TemporaryDirectory() as home:
            os.mkdir(os.path.join(home, ".aws"))
            for file, text in (("config", config), ("credentials", credentials)):
                if text is not None:
                    with open(os.path.join(home, ".aws", file), "w", encoding="utf-8") as out:
                        out.write(text)
            env = {"PATH": os.environ["PATH"], "HOME": home, "AWS_EC2_METADATA_DISABLED": "true",
                   "AWS_STS_REGIONAL_ENDPOINTS": "regional", **env}
            ours = run([sys.argv[1]], profile, env)
            theirs = run([sys.executable, "-c", THEIRS], profile, env)
        keyed += ours[0] != "fails"
        if ours != theirs:
            wrong += 1
            print("%s: ours %r, botocore's %r" % (name, ours, theirs))
    print("%d of %d samples, %d with credentials, %d differ from botocore %s"
          % (compared, len(SAMPLES), keyed, wrong, botocore.__version__))
    sys.exit(1 if wrong or compared < 30 or keyed < 20 else 0)


main()

"""Who the identity providers know, and what becomes of each who signs in.

Everybody has the same password, full of what must be escaped somewhere.  `way` says what happens
after the password was right, `flaws` what is wrong with the SAML response then (idp_saml.py).
"""

PASSWORD = "s3cret ;}=&+%\"<\\é"
IAM = "arn:aws:iam::123456789012:"


def pair(role, provider="idp", turned=False):
    both = [IAM + "role/" + role, IAM + "saml-provider/" + provider]
    return ",".join(reversed(both) if turned else both)


class Account:
    def __init__(self, way="", flaws=(), roles=None, factors=(), user="bob", groups=("group1",),
                 create="true", **more):
        self.way, self.flaws, self.factors = way, flaws, factors
        self.roles = [pair("ADFS-Production", turned=True)] if roles is None else roles
        self.session = "bob@example.com"
        self.attributes = {"DbUser": [user] if user else [], "AutoCreate": [create] if create else [],
                           "DbGroups": list(groups), **{k: [v] for k, v in more.items()}}
        self.attributes = {name: kept for name, kept in self.attributes.items() if kept}


ACCOUNTS = {
    "bob": Account(),
    "alice": Account(user="alice", groups=("group1,group2",)),
    "carol": Account(user="Carol", groups=("Group1", "GROUP2"), ForceLowercase="true"),
    "override": Account(user="bob", AllowDbUserOverride="true"),
    # Two roles, the second written the other way round, and values that are no pair.
    "several": Account(roles=["nonsense", pair("ADFS-Production"), pair("ADFS-Dev", turned=True),
                              IAM + "role/Lonely"]),
    "untrusted": Account(roles=[pair("Untrusted")]),
    "nosuchrole": Account(roles=[pair("NoSuchRole")]),
    "otherprovider": Account(roles=[pair("ADFS-Production", provider="nosuch")]),
    "nouser": Account(user=None),
    "nocreate": Account(create=None, groups=(), user="existing_user"),
    "norole": Account(flaws=("norole",)),
    "halfrole": Account(flaws=("halfrole",)),
    "locked": Account("locked"),
    "expiredpassword": Account("password-expired"),
    "mfa": Account("mfa", factors=("sms", "web")),
    "totp": Account("mfa", factors=("sms", "totp")),
    "push": Account("mfa", factors=("push",)),
    "push-rejected": Account("mfa", factors=("push-rejected",)),
    "push-timeout": Account("mfa", factors=("push-timeout",)),
    "push-forever": Account("mfa", factors=("push-forever",)),
    "push-away": Account("mfa", factors=("push-away",)),
    "question": Account("mfa", factors=("question",)),
    "manyfactors": Account("mfa", factors=("question", "push", "totp")),
    "noresponse": Account("noresponse"),
    "page404": Account("status-404"),
    "page500": Account("status-500"),
    "stall": Account("stall"),
    "huge": Account("huge"),
    "cut": Account("cut"),
    "close": Account("close"),
    "away": Account("redirect-host"),
    "downgrade": Account("redirect-http"),
    "loop": Account("redirect-loop"),
    "tenhops": Account("redirect-ten"),
    "elevenhops": Account("redirect-eleven"),
}
for _way in ("warned", "warned-out", "reset", "enroll", "enroll-activate", "recovery",
             "recovery-challenge", "challenge", "unauthenticated", "strange", "forbidden", "busy-once",
             "busy-long", "notoken", "nojson", "api-500", "api-302", "deny"):
    ACCOUNTS[_way] = Account(_way)
for _flaw in ("expired", "unsigned", "forged", "tampered", "audience", "recipient", "future",
              "status", "encrypted", "dtd", "bomb", "malformed", "root", "nobase64", "empty",
              "large", "nosession", "noassertion"):
    ACCOUNTS["saml-" + _flaw] = Account(flaws=(_flaw,))


def find(name):
    """By the name alone, at example.com, or as DOMAIN\\name; None: nobody."""
    name = name.removesuffix("@example.com").rpartition("\\")[2]
    return ACCOUNTS.get(name)


def is_right(account, password):
    return account is not None and password == PASSWORD

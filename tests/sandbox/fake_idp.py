#!/usr/bin/python3
"""Stand-ins for identity providers: AD FS, PingFederate, Okta, Azure AD, a page for Browser SAML.

All of them at one https port; the path says which one is meant.  README.md says how a test chooses
a page's layout and what goes wrong with it.
"""

import argparse
import os
import signal
import ssl
import sys
import threading

import idp_adfs
import idp_azure
import idp_okta
import idp_ping
import idp_start
from idp_server import Handler, Server, Stand


def loop(handler):
    """/loop/N leads to /loop/N+1; at zero to where `to` says, and above zero forever."""
    number = int(handler.place.rpartition("/")[2])
    target = handler.query.get("to", "")
    if number == 0 and target:
        handler.redirect(target)
    else:
        handler.redirect("/loop/%d%s" % (number + 1, "?" + handler.path.partition("?")[2]
                                         if target else ""))


Handler.pages = (
    ("/adfs/carry/", idp_adfs.carry),
    ("/adfs/", idp_adfs.answer),
    ("/idp/", idp_ping.answer),
    ("/loop/", loop),
    ("/api/", idp_okta.answer),
    ("/home/", idp_okta.answer),
    ("/app/", idp_okta.answer),
    ("/saml/", idp_start.answer),
    ("/", idp_azure.answer),
)


def main():
    parser = argparse.ArgumentParser(description="IdP stand-ins; prints the port, then serves.")
    parser.add_argument("--listen", type=int, default=0, help="port, 0 for any")
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--saml-key", required=True, help="what assertions are signed with")
    parser.add_argument("--saml-cert", required=True)
    parser.add_argument("--store", help="folder for tokens that the redshift stand-in takes")
    parser.add_argument("--log", help="JSON lines, appended")
    parser.add_argument("--name", default="idp", help="name of this instance in the log")
    parser.add_argument("--stdin-eof", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if options.stdin_eof:
        def watch():
            while os.read(0, 4096):
                pass
            os._exit(0)
        threading.Thread(target=watch, daemon=True).start()
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(options.cert, options.key)
        server = Server((options.address, options.listen), Stand(options), context)
    except (OSError, ssl.SSLError) as error:
        sys.exit("fake_idp: %s" % error)
    print(server.server_address[1], flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()

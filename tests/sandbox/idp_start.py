"""The page of the idp stand-in that a browser opens for BrowserSAML: its response is posted to
http://localhost:PORT/redshift/.  /saml/start/WAY?port=PORT"""

import idp_pages
import idp_saml
from idp_server import signed_in


def answer(handler):
    if handler.place.startswith("/saml/start"):
        way = handler.place.removeprefix("/saml/start").strip("/") or "plain"
        handler.want(handler.query.get("port", "").isdigit(), "port is missing")
        if not handler.act(way):
            show(handler, handler.stand.keep("start", (way, handler.query["port"])), way)
    elif handler.place == "/saml/login":
        login(handler)
    else:
        handler.say(404, "text/plain", b"nothing here\n")


def show(handler, secret, way):
    layout = way if way in idp_pages.LAYOUTS and way not in ("noform", "base") else "plain"
    handler.page(idp_pages.document(layout, idp_pages.form(layout, [
        ("text", "user", "", ""), ("password", "word", "", ""), ("hidden", "secret", secret, "")],
        "/saml/login")))


def login(handler):
    handler.want_form()
    kept = handler.stand.kept_for("start", handler.form.get("secret", ""))
    handler.want(kept, "secret is wrong or missing")
    account = signed_in(handler, handler.form.get("user"), handler.form.get("word"))
    if account is None:
        show(handler, handler.form["secret"], kept[0])
    elif not handler.act(account.way):
        target = "http://localhost:%s/redshift/" % kept[1]
        response = idp_saml.response(handler.stand.signer, account, account.flaws, target)
        handler.page(idp_pages.carrying("plain", target, response))

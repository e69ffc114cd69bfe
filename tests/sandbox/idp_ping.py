"""PingFederate of the idp stand-in: the page of its HTML form adapter, in one step or two.

The last word of PartnerSpId chooses the page: a layout, or what goes wrong (README.md).
"""

import idp_pages
import idp_saml
from idp_adfs import layout_of, way_of
from idp_server import signed_in

START = "/idp/startSSO.ping"
WRONG = "We didn't recognize the username or password you entered. Please try again."


def answer(handler):
    if handler.place == START and handler.command == "GET":
        start(handler)
    elif handler.place == START or handler.place.endswith("/resumeSAML20" + START):
        posted(handler)
    else:
        handler.say(404, "text/html", b"<html><body>no such page</body></html>")


def start(handler):
    way = way_of(handler.query.get("PartnerSpId", ""))
    if way is None:
        handler.say(400, "text/html", b"<html><body>Unable to lookup SP connection</body></html>")
    elif way == "redirect-login":
        handler.redirect("https://%s%s?PartnerSpId=urn%%3Aamazon%%3Awebservices"
                         % (handler.elsewhere(), START))
    elif not handler.act(way):
        handler.page(*page(handler, way, "twosteps" if way == "twosteps" else "both"))


def page(handler, way, step, error="", user=""):
    """step: both, or twosteps and then password"""
    layout = layout_of(way)
    secret = handler.stand.keep("form", (way, step, user))
    action = "/idp/%s/resumeSAML20%s" % (secret[:8], START)
    base = ""
    if layout == "base":
        base, action = "https://%s/idp/" % handler.headers["Host"], action[len("/idp/"):]
    if way == "action-host":
        action = "https://%s%s" % (handler.elsewhere(), action)
    if way == "action-http":
        action = "http://%s%s" % (handler.headers["Host"], action)
    controls = [("text", "pf.username", "", "username"), ("password", "pf.pass", "", "password"),
                ("hidden", "pf.ok", "", ""), ("hidden", "pf.cancel", "", ""),
                ("hidden", "pf.adapterId", "HTMLForm", "pf.adapterId"), ("hidden", "secret", secret, "")]
    if step == "twosteps" or way == "nopassword":
        del controls[1]
    if step == "password":
        controls[0] = ("hidden", "pf.username", user, "username")
    if way == "nouser":
        del controls[0]
    if way == "twopasswords":
        controls.insert(2, ("password", "pf.newpass", "", "newpassword"))
    if way == "renamed":
        controls[0] = ("email", "customer_email", "", "field1")
        controls[1] = ("password", "the_PassPhrase", "", "field2")
    text = '<div class="ping-error">%s</div>' % error if error else ""
    cookie = handler.stand.keep("cookie", secret)
    return (idp_pages.document(layout, text + idp_pages.form(layout, controls, action), base),
            [("Set-Cookie", "PF=%s; Path=/; Secure; HttpOnly" % cookie)])


def posted(handler):
    handler.want_form()
    form = handler.form
    kept = handler.stand.kept_for("form", form.get("secret", ""))
    handler.want(kept, "secret is wrong or missing")
    way, step, user = kept
    if handler.stand.kept_for("cookie", handler.cookies.get("PF", "")) != form["secret"]:
        handler.entry["cookie_lost"] = True
        handler.say(200, "text/html", b"<html><body>Page expired</body></html>")
        return
    handler.want_kept(layout_of(way), "secret", form["secret"])
    handler.want(handler.query.get("skip.simultaneous.authn.req.check") == "true" or
                 not handler.place.endswith("startSSO.ping"), "another sign-in is under way")
    handler.want(form.get("pf.ok") == "clicked", "pf.ok was not clicked")
    handler.want(form.get("pf.cancel") == "", "pf.cancel is not empty")
    handler.want(form.get("pf.adapterId") == "HTMLForm", "pf.adapterId is wrong or missing")
    name = form.get("customer_email" if way == "renamed" else "pf.username", "")
    if step == "twosteps":
        handler.page(*page(handler, way, "password", user=name))
        return
    handler.want(step != "password" or name == user, "pf.username has changed")
    word = form.get("the_PassPhrase" if way == "renamed" else "pf.pass")
    account = signed_in(handler, name, word)
    if account is None or account.way in ("locked", "password-expired", "mfa"):
        handler.page(*page(handler, way, step, WRONG, user))
    elif not handler.act(account.way):
        response = idp_saml.response(handler.stand.signer, account, account.flaws)
        handler.page(idp_pages.carrying(layout_of(way), "https://signin.aws.amazon.com/saml",
                                        response))

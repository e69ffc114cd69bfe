"""AD FS of the idp stand-in: the sign-on page that an identity provider begins.

The last word of loginToRp chooses the page: a layout, or what goes wrong (README.md).
"""

import urllib.parse

import idp_pages
import idp_saml
from idp_server import signed_in

PATH = "/adfs/ls/IdpInitiatedSignOn.aspx"
PARTY = "urn:amazon:webservices"
WRONG = "Incorrect user ID or password. Type the correct user ID and password, and try again."
LOCKED = "Your account has been locked. Contact your administrator for details."
EXPIRED = "Your password has expired. You must change it before you can sign in."
HOPS = {"redirect-ten": -8, "redirect-eleven": -9}


def way_of(party):
    """plain for the usual name; None: no such party."""
    if party == PARTY:
        return "plain"
    return party[len(PARTY) + 1:] if party.startswith(PARTY + ":") else None


def layout_of(way):
    return way if way in idp_pages.LAYOUTS else "plain"


def answer(handler):
    if handler.place.rstrip("/") == "/adfs/ls/wia":
        integrated(handler)
    elif handler.place.rstrip("/") not in (PATH, "/adfs/ls"):
        handler.say(404, "text/html", b"<html><body>no such page</body></html>")
    elif handler.command == "POST":
        posted(handler)
    else:
        start(handler)


def start(handler):
    handler.want(handler.command == "GET", "only GET and POST")
    party = handler.query.get("loginToRp", "")
    way = way_of(party)
    if way is None:
        options(handler)
    elif way in HOPS:
        handler.redirect(hops(way, "%s?loginToRp=%s" % (PATH, PARTY)))
    elif way == "redirect-login":
        handler.redirect("https://%s%s?loginToRp=%s" % (handler.elsewhere(), PATH, PARTY))
    elif handler.act(way):
        pass
    elif "MSIE 10.0; Windows NT 6" in (handler.headers.get("User-Agent") or "") and way != "forms-only":
        handler.redirect("/adfs/ls/wia?loginToRp=" + party)
    else:
        sign_in_page(handler, way)


def options(handler):
    """As the real one does with a relying party that it does not know: which one, please?"""
    handler.page(idp_pages.document("plain", (
        '<form method="post" id="idp_SignInForm" action="%s"><input type="radio" '
        'name="SignInIdpSite" checked><select name="SigninOptions" id="idp_RelyingPartyDropDownList">'
        '<option value="1">Amazon Web Services</option></select>'
        '<input type="submit" name="SignInSubmit" value="Sign in"></form>' % PATH)))


def sign_in_page(handler, way, error=""):
    layout = layout_of(way)
    secret = handler.stand.keep("form", way)
    # The page of one layout has no form, and is posted to itself: its secret is all that says so.
    action = "%s?loginToRp=%s&client-request-id=%s" % (
        PATH, PARTY if way == "plain" else PARTY + ":" + way, secret)
    base = ""
    if layout == "base":
        base, action = "https://%s/adfs/ls/" % handler.headers["Host"], action.rpartition("/")[2]
    if way == "action-host":
        action = "https://%s%s" % (handler.elsewhere(), action)
    if way == "action-http":
        action = "http://%s%s" % (handler.headers["Host"], action)
    controls = [("email", "UserName", "", "userNameInput"),
                ("password", "Password", "", "passwordInput"),
                ("checkbox", "Kmsi", "true", "kmsiInput"),
                ("hidden", "AuthMethod", "FormsAuthentication", "optionForms"),
                ("hidden", "__RequestVerificationToken", secret, "")]
    if way == "nouser":
        controls = controls[1:]
    if way == "nopassword":
        controls = controls[:1] + controls[2:]
    text = '<div id="error"><span id="errorText">%s</span></div>' % error
    cookies = [("Set-Cookie", "MSISSamlRequest=%s; path=/adfs; HttpOnly; Secure"
                % handler.stand.keep("cookie", secret))]
    if way == "cookieless":
        cookies = []
    handler.page(idp_pages.document(layout, text + idp_pages.form(layout, controls, action), base),
                 cookies)


def posted(handler):
    handler.want_form()
    form = handler.form
    secret = form.get("__RequestVerificationToken", "")
    way = handler.stand.kept_for("form", secret)
    if way is None or handler.stand.kept_for(
            "cookie", handler.cookies.get("MSISSamlRequest", "")) != secret:
        handler.entry["cookie_lost"] = True
        sign_in_page(handler, way_of(handler.query.get("loginToRp", "")) or "plain")
        return
    handler.want_kept(layout_of(way), "__RequestVerificationToken", secret)
    handler.want(form.get("AuthMethod") == "FormsAuthentication", "AuthMethod is wrong or missing")
    handler.want("Kmsi" not in form, "Kmsi was not ticked")
    account = signed_in(handler, form.get("UserName"), form.get("Password"))
    if account is None:
        sign_in_page(handler, way, WRONG)
    elif account.way == "locked":
        sign_in_page(handler, way, LOCKED)
    elif account.way == "password-expired":
        sign_in_page(handler, way, EXPIRED)
    elif account.way == "mfa":
        second_factor(handler, way)
    elif account.way in HOPS:
        handler.redirect(hops(account.way, carried(handler, account, way)))
    elif not handler.act(account.way):
        deliver(handler, account, way)


def hops(way, target):
    """So many redirects in all, the last to the target."""
    return "/loop/%d?to=%s" % (HOPS[way], urllib.parse.quote(target, safe=""))


def carried(handler, account, way):
    return "/adfs/carry/" + handler.stand.keep("carry", (account, layout_of(way)))


def carry(handler):
    """The response at the end of a chain of redirects."""
    kept = handler.stand.kept_for("carry", handler.place.rpartition("/")[2], take=True)
    handler.want(kept, "nothing is carried here")
    deliver(handler, *kept)


def second_factor(handler, way):
    """Told by the field's name, or by the greeting alone."""
    if way == "plain":
        body = ('<form method="post" action="%s"><input type="text" name="VerificationCode">'
                '<input type="hidden" name="AuthMethod" value="AzureMfaAuthentication"></form>' % PATH)
    else:
        body = '<div id="mfaGreeting">Welcome, now the second step</div><a href="#">Approve</a>'
    handler.page(idp_pages.document("plain", body))


def integrated(handler):
    """Its tickets are another server's (kerberos.py); here nobody's is good."""
    handler.say(401, "text/html", b"<html><body>401</body></html>",
                [("WWW-Authenticate", "Negotiate"), ("Connection", "keep-alive")])


def deliver(handler, account, way):
    response = idp_saml.response(handler.stand.signer, account, account.flaws)
    handler.page(idp_pages.carrying(layout_of(way), "https://signin.aws.amazon.com:443/saml", response))

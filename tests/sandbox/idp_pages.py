"""HTML of the idp stand-in: the same form in many layouts, and the page that carries a response.

A control is (type, name, value, id).  Every layout has the same controls; whoever reads one
correctly posts the same pairs.
"""

import html

# Name of a layout: README.md says what is particular about it.
LAYOUTS = ("plain", "unquoted", "noform", "twoforms", "german", "late", "base", "xhtml", "table")


def quoted(text):
    return '"%s"' % html.escape(text)


def entities(text):
    """As Okta writes values: what is neither a letter nor a digit as a numeric entity."""
    return "".join(c if c.isalnum() and c.isascii() else "&#x%x;" % ord(c) for c in text)


def control(kind, name, value, number, style):
    if style == "unquoted":
        words = [("TYPE", kind.upper()), ("NAME", name), ("VALUE", entities(value)), ("ID", number)]
        return "<INPUT " + " ".join(
            "%s=%s" % (k, v if v else "''") for k, v in words if v or k == "VALUE") + ">"
    if style == "xhtml":
        return "<input id='%s' value='%s' name='%s' type='%s' />" % (
            number, html.escape(value), name, kind)
    words = [("id", number), ("name", name), ("type", kind)]
    if value or kind not in ("text", "email", "password"):
        words.append(("value", value))
    return "<input %s>" % " ".join("%s=%s" % (k, quoted(v)) for k, v in words if v or k == "value")


# Controls of which a browser sends nothing, or its choice; (what stands in the page, what is sent).
BALLAST = ('<select name="realm"><option value="a">A</option><option value="b" selected>B</option>'
           '</select><textarea name="note">two words</textarea>'
           '<input type="checkbox" name="unticked" value="1">'
           '<input type="checkbox" name="ticked" checked>'
           '<input type="hidden" name="off" value="1" disabled>'
           '<input type="hidden" value="nameless"><input type="image" name="picture" src="x.png">'
           '<input type="reset" name="again" value="Reset">',
           {"realm": "b", "note": "two words", "ticked": "on"})
UMLAUTS = "Grüße, Ärger & Öl"


def ballast(layout):
    """What a layout's form sends besides its controls."""
    if layout == "late":
        return BALLAST[1]
    return {"gruss": UMLAUTS} if layout == "german" else {}


def form(layout, controls, action, identity="loginForm"):
    style = layout if layout in ("unquoted", "xhtml") else ""
    fields = [control(*each, style) for each in controls]
    hidden = [text for text, each in zip(fields, controls) if each[0] == "hidden"]
    shown = [text for text, each in zip(fields, controls) if each[0] != "hidden"]
    button = '<input type="submit" name="proceed" value="Sign in">'
    if layout == "unquoted":
        return ("<FORM METHOD=post ACTION=%s ID=%s>%s<INPUT TYPE=submit NAME=proceed VALUE=go></FORM>"
                % (entities(action), identity, "<BR>".join(fields)))
    if layout == "noform":
        return "<div>%s</div><script>/* posts them to this page */</script>" % "".join(fields)
    if layout == "twoforms":
        return ('<form action="/search" method="get"><input name="q" type="text" value="">'
                '<input type="hidden" name="username" value="guest"></form>'
                '<form method="post" id="%s" action="%s">%s%s</form>'
                '<form id="options" method="post" action="/options">'
                '<input type="hidden" name="AuthMethod"></form>'
                % (identity, html.escape(action), "".join(fields), button))
    if layout == "german":
        return ('<form method="post" action="%s" accept-charset="utf-8"><label>Benutzername'
                "</label>%s%s<button name=\"anmelden\" value=\"1\">Anmelden</button></form>"
                % (html.escape(action), "".join(fields),
                   control("hidden", "gruss", UMLAUTS, "", "")))
    if layout == "late":
        return ('<form method="POST" action="%s">%s%s%s%s</form>'
                % (html.escape(action), "".join(shown), button, "".join(hidden), BALLAST[0]))
    if layout == "table":
        # What a browser's parser has to mend: a form that starts inside a table, nothing closed.
        return ('<table><form method=post action="%s"><tr><td>%s</table>'
                % (html.escape(action), "<tr><td>".join(fields)))
    return '<form method="post" id="%s" autocomplete="off" action="%s">\n%s\n%s</form>' % (
        identity, html.escape(action), "\n".join(fields), button)


def document(layout, body, base=""):
    """(content type, bytes)"""
    if layout == "german":
        text = ('<!DOCTYPE html><html lang="de"><head><title>Anmeldung für Gäste</title></head>'
                "<body><h1>Bitte melden Sie sich an</h1>%s</body></html>" % body)
        return "text/html; charset=iso-8859-1", text.encode("iso-8859-1")
    if layout == "unquoted":
        text = "<HTML><HEAD><TITLE>login</TITLE></HEAD><BODY BGCOLOR=white>%s" % body
    elif layout == "xhtml":
        text = ('<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 '
                'Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
                '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head>'
                "<body>%s</body></html>" % body)
    else:
        head = '<base href="%s">' % html.escape(base) if base else ""
        text = ("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>Sign in</title>%s"
                "<!-- <form><input type=password name=no></form> --></head><body>\n%s\n</body></html>\n"
                % (head, body))
    return "text/html; charset=utf-8", text.encode()


def posted(layout, target, controls):
    """The page whose script posts it on: SAML's and OAuth's form_post."""
    inner = form("plain" if layout in ("noform", "base") else layout, controls, target, "postForm")
    script = "<script>document.forms[document.forms.length - 1].submit()</script>"
    if layout == "noform":
        inner = "".join(control(*each, "") for each in controls)
    if layout == "twoforms":
        # The one to be posted is not the last.
        script = "<script>document.getElementById('postForm').submit()</script>"
    return document(layout, inner + script)


def carrying(layout, target, response):
    """SAML's page; the value may have line breaks, as some servers write it."""
    if layout == "late":
        response = "\r\n".join(response[at:at + 76] for at in range(0, len(response), 76))
    return posted(layout, target, [("hidden", "SAMLResponse", response, ""),
                                   ("hidden", "RelayState", "", "")])

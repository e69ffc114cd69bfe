"""A small browser: cookies, redirects, forms.  For tests of the idp stand-in and, as the program
`browser`, for tests of the driver.  Its reading of HTML is Python's, which has nothing to do with
the driver's."""

import html.parser
import http.client
import http.cookiejar
import ssl
import urllib.error
import urllib.parse
import urllib.request


class Form:
    def __init__(self, attributes):
        self.action = attributes.get("action") or ""
        self.method = (attributes.get("method") or "get").lower()
        self.identity = attributes.get("id") or ""
        self.controls = []  # (type, name, value)

    def pairs(self):
        return [(name, value) for kind, name, value in self.controls]

    def has(self, kind):
        return any(each[0] == kind for each in self.controls)

    def value(self, name):
        return next((value for _, each, value in self.controls if each == name), None)

    def fill(self, name, value):
        self.controls = [(kind, each, value if each == name else old)
                         for kind, each, old in self.controls]


class Reader(html.parser.HTMLParser):
    """Forms with their successful controls; what stands outside of any is a form of its own."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.outside = Form({"method": "post"})
        self.forms, self.form = [], None
        self.base = ""
        self.select = self.area = None

    def current(self):
        return self.form or self.outside

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in reversed(attrs)}
        if tag == "form" and self.form is None:
            self.form = Form(attributes)
            self.forms.append(self.form)
        elif tag == "base":
            self.base = attributes.get("href", "")
        elif tag == "input":
            self.add_input(attributes, "checked" in attributes)
        elif tag == "select":
            self.select = [attributes.get("name", ""), None, False]
        elif tag == "option" and self.select:
            if self.select[1] is None or "selected" in attributes and not self.select[2]:
                self.select[1], self.select[2] = attributes.get("value", ""), "selected" in attributes
        elif tag == "textarea":
            self.area = [attributes.get("name", ""), ""]

    def add_input(self, attributes, is_checked):
        kind = attributes.get("type", "text").lower()
        if "disabled" in attributes or not attributes.get("name"):
            return
        if kind in ("submit", "button", "image", "reset", "file"):
            return
        if kind in ("checkbox", "radio"):
            if not is_checked:
                return
            attributes.setdefault("value", "on")
        self.current().controls.append((kind, attributes["name"], attributes.get("value", "")))

    def handle_data(self, data):
        if self.area:
            self.area[1] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.form = None
        elif tag == "select" and self.select:
            if self.select[0] and self.select[1] is not None:
                self.current().controls.append(("select", self.select[0], self.select[1]))
            self.select = None
        elif tag == "textarea" and self.area:
            self.current().controls.append(("textarea", *self.area))
            self.area = None


class Page:
    def __init__(self, status, url, headers, data):
        self.status, self.url, self.headers, self.data = status, url, headers, data
        self.text = data.decode(headers.get_content_charset() or "utf-8", "replace")
        reader = Reader()
        if headers.get_content_type() == "text/html":
            reader.feed(self.text)
        self.base = urllib.parse.urljoin(url, reader.base)
        self.forms = reader.forms + ([reader.outside] if reader.outside.controls else [])

    def form_with(self, kind):
        return next((form for form in self.forms if form.has(kind)), None)

    def value(self, name):
        return next((form.value(name) for form in self.forms if form.value(name) is not None), None)

    def target(self, form):
        return urllib.parse.urljoin(self.base, form.action) if form.action else self.url


class Redirects(urllib.request.HTTPRedirectHandler):
    max_redirections = max_repeats = 20

    def __init__(self, stop):
        self.stop = stop

    def redirect_request(self, request, file, code, message, headers, newurl):
        return None if self.stop(newurl) else super().redirect_request(
            request, file, code, message, headers, newurl)


class Browser:
    def __init__(self, ca_file=None, agent="Mozilla/5.0 standin", stop=lambda url: False):
        """stop: a redirect there is not followed; its answer is the page."""
        context = ssl.create_default_context(cafile=ca_file)
        self.agent = agent
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context), urllib.request.ProxyHandler({}),
            urllib.request.HTTPCookieProcessor(self.jar), Redirects(stop))

    def open(self, url, data=None, headers=None, method=None):
        request = urllib.request.Request(url, data, {"User-Agent": self.agent, **(headers or {})},
                                         method=method)
        try:
            with self.opener.open(request, timeout=30) as answer:
                return Page(answer.status, answer.geturl(), answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Page(error.code, error.geturl(), error.headers, error.read())

    def submit(self, page, form, headers=None):
        """As browsers do: the page's origin goes along."""
        origin = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(page.url))
        return self.open(page.target(form), urllib.parse.urlencode(form.pairs()).encode(),
                         {"Content-Type": "application/x-www-form-urlencoded", "Origin": origin,
                          **(headers or {})})

    def sign_in(self, page, user, password):
        """Fills in the form with the password, in one step or two; the page after it."""
        for _ in range(2):
            form = page.form_with("password") or next(
                (each for each in page.forms if each.has("text") or each.has("email")), None)
            if form is None:
                return page
            for kind, name, _ in list(form.controls):
                if kind == "password":
                    form.fill(name, password)
                elif kind in ("text", "email"):
                    form.fill(name, user)
                elif name == "pf.ok":
                    form.fill(name, "clicked")
            had_password = form.has("password")
            if any(name == "pf.ok" for _, name, _ in form.controls):
                form.action = page.target(form)
                form.action += ("&" if "?" in form.action else "?") + \
                    "skip.simultaneous.authn.req.check=true"
            page = self.submit(page, form)
            if had_password:
                break
        return self.agree(page)

    def agree(self, page):
        """Goes on where a page of the same server asks for no more than that."""
        form = page.forms[0] if len(page.forms) == 1 else None
        if form and form.value("prompt") == "consent":
            return self.submit(page, form)
        return page

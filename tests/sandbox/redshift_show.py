"""The SHOW commands that look into the catalog, as SELECTs from the views of redshift_shim.sql.

Names are identifiers, quoted or not, that fold unless the session says otherwise; LIKE compares
with case, and its pattern has no escape character.  No order is promised, so rows come backwards.
"""

import re

NAME = rb"(?:\"(?:[^\"]|\"\")+\"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*)"
TOKEN = re.compile(rb"\s*(" + NAME + rb"|'(?:[^'\\]|\\.|'')*'|[.(),;]|\S)", re.S)
BEGIN = re.compile(rb"^\s*SHOW\s+(DATABASES|SCHEMAS|TABLES|COLUMNS|CONSTRAINTS|GRANTS|COLUMN|"
                   rb"PROCEDURES|FUNCTIONS|PARAMETERS)\b", re.I)

DATABASES = ("database_name", "svv_redshift_databases", [
    "database_name", "database_owner", "database_type", "database_acl", "database_options",
    "database_isolation_level"])
COLUMN_EXTRAS = ("'INTERLEAVED'::varchar AS sort_key_type, CASE WHEN ordinal_position = 1 THEN 1 "
                 "ELSE 0 END AS sort_key, CASE WHEN ordinal_position = 1 THEN 1 ELSE 0 END AS "
                 "dist_key, 'lzo'::varchar AS encoding, NULL::varchar AS collation")
TABLE_EXTRAS = ("'owner'::varchar AS owner, timestamp '2026-01-02 03:04:05' AS last_altered_time, "
                "NULL::timestamp AS last_modified_time, 'AUTO(ALL)'::varchar AS dist_style, "
                "'REGULAR'::varchar AS table_subtype")
KEYS = ("(SELECT * FROM pg_catalog.rs_far_keys UNION ALL SELECT db, nsp, rel, con, att, seq, pk_nsp,"
        " pk_rel, pk_att, pk_con FROM pg_catalog.rs_near_keys)")
GRANTS = ("(SELECT * FROM pg_catalog.rs_far_grants UNION ALL SELECT t.db, t.nsp, t.rel, NULL,"
          " pg_get_userbyid(x.grantor)::text,"
          " CASE WHEN x.grantee = 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END,"
          " x.privilege_type, x.is_grantable FROM pg_catalog.rs_near_tables AS t,"
          " aclexplode(t.acl) AS x"
          " UNION ALL SELECT c.db, c.nsp, c.rel, c.att, pg_get_userbyid(x.grantor)::text,"
          " CASE WHEN x.grantee = 0 THEN 'public' ELSE pg_get_userbyid(x.grantee)::text END,"
          " x.privilege_type, x.is_grantable FROM pg_catalog.rs_near_columns AS c,"
          " aclexplode(c.acl) AS x)")


KEEPS_CASE = "current_setting('rs.enable_case_sensitive_identifier') IN ('on', 'true', '1')"


class Syntax(Exception):
    """What SHOW does not understand; the argument is the word."""


def literal(text):
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


class Words:
    """The words of a command, one by one."""

    def __init__(self, text):
        self.tokens = TOKEN.findall(text)
        while self.tokens and self.tokens[-1] == b";":
            self.tokens.pop()

    def next(self):
        return self.tokens.pop(0) if self.tokens else b""

    def is_next(self, word):
        return bool(self.tokens) and self.tokens[0].upper() == word

    def take(self, *words):
        for word in words:
            if not self.is_next(word):
                raise Syntax(self.next().decode("utf-8", "replace"))
            self.next()

    def may_take(self, word):
        if self.is_next(word):
            self.next()
            return True
        return False

    def name(self):
        """As an expression: how quoted names fold is the session's."""
        token = self.next()
        if not re.fullmatch(NAME, token, re.S):
            raise Syntax(token.decode("utf-8", "replace"))
        text = token.decode("utf-8", "replace")
        is_quoted = text[0] == '"'
        if is_quoted:
            text = text[1:-1].replace('""', '"')
        # Only ASCII folds.
        folded = "".join(c.lower() if c.isascii() else c for c in text)
        if is_quoted and folded != text:
            return "(CASE WHEN %s THEN %s ELSE %s END)" % (KEEPS_CASE, literal(text), literal(folded))
        return literal(folded)

    def names(self, count):
        found = [self.name()]
        while len(found) < count:
            self.take(b".")
            found.append(self.name())
        return found + ["NULL"] * (3 - count)

    def pattern(self):
        """The condition of a LIKE, if there is one; the column to be put in."""
        if not self.may_take(b"LIKE"):
            return "true"
        token = self.next()
        if token[:1] != b"'":
            raise Syntax(token.decode("utf-8", "replace"))
        text = re.sub(r"\\(.)|''", lambda m: m.group(1) or "'", token[1:-1].decode(), flags=re.S)
        return "{} LIKE " + literal(text) + " ESCAPE ''"

    def end(self):
        if self.tokens:
            raise Syntax(self.next().decode("utf-8", "replace"))


def select(columns, source, where, order, exists):
    order = ", ".join(column + " DESC" for column in order.split(", "))
    return ("SELECT %s FROM (SELECT *, count(*) OVER () AS rs_n FROM (SELECT %s FROM %s WHERE %s)"
            " AS r) AS q WHERE pg_catalog.rs_show_exists(%s)"
            " AND pg_catalog.rs_show_limit(q.rs_n, rs_rows_at_most) ORDER BY %s"
            % (", ".join("q." + re.sub(r"^.* AS ", "", c) for c in columns), ", ".join(columns),
               source, where, ", ".join(exists), order))


def of_schema(words, source, columns, name):
    words.take(b"FROM", b"SCHEMA")
    names = words.names(2)
    pattern = words.pattern().format(name)
    words.end()
    return select(columns, source, "database_name = %s AND schema_name = %s AND %s"
                  % (names[0], names[1], pattern), "3", names)


def tables(words):
    return of_schema(words, "pg_catalog.svv_all_tables", [
        "database_name", "schema_name", "table_name", "table_type", "table_acl", "remarks",
        *TABLE_EXTRAS.split(", ")], "table_name")


def columns(words):
    words.take(b"FROM", b"TABLE")
    names = words.names(3)
    pattern = words.pattern().format("column_name")
    words.end()
    return select(["database_name", "schema_name", "table_name", "column_name", "ordinal_position",
                   "column_default", "is_nullable", "data_type", "character_maximum_length",
                   "numeric_precision", "numeric_scale", "remarks", *COLUMN_EXTRAS.split(", ")],
                  "pg_catalog.svv_all_columns",
                  "database_name = %s AND schema_name = %s AND table_name = %s AND %s"
                  % (*names, pattern), "5", names)


def constraints(words):
    if words.may_take(b"PRIMARY"):
        words.take(b"KEYS", b"FROM", b"TABLE")
        names = words.names(3)
        words.end()
        return select(["db AS database_name", "nsp AS schema_name", "rel AS table_name",
                       "att AS column_name", "seq AS key_seq", "con AS pk_name"], KEYS + " AS k",
                      "pk_rel IS NULL AND db = %s AND nsp = %s AND rel = %s"
                      % tuple(names), "5", names)
    words.take(b"FOREIGN", b"KEYS")
    exported = words.may_take(b"EXPORTED")
    words.take(b"FROM", b"TABLE")
    names = words.names(3)
    words.end()
    return select(["db AS pk_database_name", "pk_nsp AS pk_schema_name", "pk_rel AS pk_table_name",
                   "pk_att AS pk_column_name", "db AS fk_database_name", "nsp AS fk_schema_name",
                   "rel AS fk_table_name", "att AS fk_column_name", "seq AS key_seq",
                   "3 AS update_rule", "3 AS delete_rule", "con AS fk_name", "pk_con AS pk_name",
                   "7 AS deferrability"], KEYS + " AS k",
                  "pk_rel IS NOT NULL AND db = %s AND {0}nsp = %s AND {0}rel = %s"
                  .format("pk_" if exported else "") % tuple(names), "6, 7, 9", names)


def grants(words, of_columns):
    words.take(b"ON", b"TABLE")
    names = words.names(3)
    pattern = words.pattern().format("att")
    words.end()
    shown = ["db AS database_name", "nsp AS schema_name"]
    shown += ["rel AS table_name", "att AS column_name"] if of_columns else ["rel AS object_name"]
    shown += ["grantor AS grantor_name", "grantee AS identity_name", "privilege AS privilege_type",
              "grantable AS admin_option"]
    return select(shown, GRANTS + " AS g",
                  "att IS %s NULL AND db = %s AND nsp = %s AND rel = %s AND %s"
                  % ("NOT" if of_columns else "", *names, pattern), "4, 5, 6", names)


def routines(words, name, kind):
    return of_schema(words, "pg_catalog.svv_redshift_functions",
                     ["database_name", "schema_name", "function_name AS " + name,
                      "result_type AS return_type", "argument_type AS argument_list"],
                     "function_name").replace(" WHERE database_name",
                                              " WHERE function_type LIKE '%s%%' AND database_name"
                                              % kind)


def parameters(words):
    """Of PostgreSQL's own functions the shim knows no names."""
    words.take(b"OF")
    is_procedure = words.may_take(b"PROCEDURE")
    if not is_procedure:
        words.take(b"FUNCTION")
    names = words.names(3)
    words.take(b"(")
    types = b""
    while words.tokens and not words.is_next(b")"):
        token = words.next()
        types += token if token in b"(),." else b" " + token
    words.take(b")")
    pattern = words.pattern().format("''")
    words.end()
    types = re.sub(r"\s*,\s*", ", ", types.decode().strip())
    kind = "procedure_name" if is_procedure else "function_name"
    source = ("(SELECT f.*, u.n, u.kind AS u_kind, u.name AS u_name, u.mode AS u_mode"
              " FROM pg_catalog.svv_redshift_functions AS f LEFT JOIN pg_catalog.rs_far_functions"
              " AS r ON r.db = f.database_name AND r.nsp = f.schema_name AND r.name ="
              " f.function_name, unnest(string_to_array(f.argument_type, ', '),"
              " string_to_array(r.names, ', '), string_to_array(r.modes, ', '))"
              " WITH ORDINALITY AS u(kind, name, mode, n)) AS p")
    return select(["database_name", "schema_name", "function_name AS " + kind,
                   "COALESCE(u_name, '') AS parameter_name", "n AS ordinal_position",
                   "COALESCE(u_mode, 'IN') AS parameter_type", "u_kind AS data_type",
                   "NULL::integer AS character_maximum_length", "NULL::integer AS numeric_precision",
                   "NULL::integer AS numeric_scale"], source,
                  "database_name = %s AND schema_name = %s AND function_name = %s AND argument_type"
                  " = %s AND %s" % (*names, literal(types), pattern), "5",
                  [names[0], names[1], "NULL"])


def databases(words):
    pattern = words.pattern().format("database_name")
    words.end()
    return ("SELECT %s FROM pg_catalog.svv_redshift_databases WHERE %s ORDER BY 1"
            % (", ".join(DATABASES[2]), pattern))


def schemas(words):
    words.take(b"FROM", b"DATABASE")
    names = words.names(1)
    pattern = words.pattern().format("schema_name")
    words.end()
    return select(["database_name", "schema_name", "schema_owner", "schema_type", "schema_acl",
                   "source_database", "schema_option"], "pg_catalog.svv_all_schemas",
                  "database_name = %s AND %s" % (names[0], pattern), "2", names)


COMMANDS = {
    b"DATABASES": databases,
    b"SCHEMAS": schemas,
    b"TABLES": tables,
    b"COLUMNS": columns,
    b"CONSTRAINTS": constraints,
    b"GRANTS": lambda words: grants(words, False),
    b"PROCEDURES": lambda words: routines(words, "procedure_name", "STORED"),
    b"FUNCTIONS": lambda words: routines(words, "function_name", "REGULAR"),
    b"PARAMETERS": parameters,
}


def shown(text, is_on, limit, refuse):
    """The SELECT for such a SHOW, or None. is_on: the server knows them; limit: of rows;
    refuse(state, text) raises."""
    found = BEGIN.match(text)
    if not found:
        return None
    words = Words(text)
    words.take(b"SHOW")
    command = words.next().upper()
    if not is_on:
        refuse("42601", 'syntax error at or near "%s"' % command.decode())
    try:
        if command == b"COLUMN":
            words.take(b"GRANTS")
            made = grants(words, True)
        else:
            made = COMMANDS[command](words)
    except Syntax as error:
        refuse("42601", 'syntax error at or near "%s"' % error.args[0])
    return made.replace("rs_rows_at_most", "%d" % limit).encode()

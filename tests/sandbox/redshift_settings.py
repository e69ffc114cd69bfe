"""Which settings the redshift stand-in's SET knows: those of Redshift, no others."""

import re

# PostgreSQL has them too.
SHARED = {
    "application_name", "client_encoding", "client_min_messages", "datestyle",
    "extra_float_digits", "search_path", "seed", "session_authorization", "statement_timeout",
    "timezone", "transaction_isolation", "transaction_read_only",
}

# Redshift's own, with their values at the beginning.  PostgreSQL keeps any name with a dot, so
# they live under "rs."; none but query_group means anything to the stand-in.
OWN = {
    "query_group": "default",
    "enable_case_sensitive_identifier": "off",
    "describe_field_name_in_uppercase": "off",
    "downcase_delimited_identifier": "off",
    "enable_case_sensitive_super_attribute": "off",
    "enable_numeric_rounding": "off",
    "enable_result_cache_for_session": "on",
    "enable_spectrum_oid": "off",
    "enable_vacuum_boost": "off",
    "analyze_threshold_percent": "10",
    "cast_super_null_on_error": "on",
    "default_geometry_encoding": "1",
    "error_on_nondeterministic_update": "off",
    "interval_forbid_composite_literals": "on",
    "json_parse_dedup_attributes": "off",
    "json_parse_truncate_strings": "off",
    "json_serialization_enable": "off",
    "json_serialization_parse_nested_strings": "off",
    "max_concurrency_scaling_clusters": "1",
    "max_cursor_result_set_size": "0",
    "mv_enable_aqmv_for_session": "on",
    "navigate_super_null_on_error": "on",
    "parse_super_null_on_error": "off",
    "pg_federation_repeatable_read": "on",
    "spectrum_enable_pseudo_columns": "on",
    "spectrum_query_maxerror": "-1",
    "stored_proc_log_min_messages": "log",
    "use_fips_ssl": "off",
    "wlm_query_slot_count": "1",
}

AT_START = {"rs." + name: value for name, value in OWN.items()}

READONLY = b"readonly"
END = rb"\s*;?\s*$"
SET = re.compile(rb"^(\s*(?:SET|RESET)\s+(?:SESSION\s+|LOCAL\s+)?)"
                 rb"(\"[^\"]+\"|[A-Za-z_][\w.$]*)(\s*)(.?)", re.I | re.S)
SHOW = re.compile(rb"^\s*SHOW\s+(\w+)" + END, re.I)
# What follows SET without being a setting; CHARACTERISTICS comes after the SESSION taken above.
CLAUSES = {b"names", b"time", b"transaction", b"authorization", b"all"}


def for_back_end(text, refuse):
    """A SET or RESET in PostgreSQL's words; refuse(state, text) raises."""
    found = SET.match(text)
    if not found:
        return text
    head, name, blank, next_char = found.groups()
    plain = name.strip(b'"').lower()
    if plain in CLAUSES and next_char != b"=":
        return text
    if b"." in plain or plain.decode("utf-8", "replace") in SHARED:
        return text
    if plain == READONLY:
        return head + b"default_transaction_read_only" + text[found.end(2):]
    if plain.decode("utf-8", "replace") in OWN:
        return head + b"rs." + plain + text[found.end(2):]
    refuse("42704", 'unrecognized configuration parameter "%s"' % plain.decode("utf-8", "replace"))
    return None


def shown(text):
    """A SHOW of one of Redshift's own as a SELECT, or None."""
    found = SHOW.match(text)
    if not found:
        return None
    name = found.group(1).lower()
    if name.decode() in OWN:
        return b"SELECT current_setting('rs." + name + b"') AS " + name
    if name == READONLY:
        return b"SELECT current_setting('default_transaction_read_only') AS readonly"
    return None

"""Errors as Redshift words them, on demand: SELECT rs.fail('name').

Internal faults have state XX000, a number or a short text as message and a detail of many
lines; the others are PostgreSQL's with texts of their own.
"""

import re

CALL = re.compile(rb"^\s*SELECT\s+rs\.fail\s*\(\s*'(\w+)'\s*\)\s*;?\s*$", re.I)

RULE = "-" * 47


def detail(text, code, location, context=""):
    """The detail of an internal fault, with its rules and blanks."""
    return ("\n  %s\n  error:  %s\n  code:      %d\n  context:   %s\n  query:     4711\n"
            "  location:  %s\n  process:   padbmaster [pid=12345]\n  %s\n"
            % (RULE, text, code, context, location, RULE))


# name -> state, message, detail, hint
FAILURES = {
    "1023": ("XX000", "1023",
             detail("Serializable isolation violation on table", 1023, "tran_ser.cpp:512",
                    "Serializable isolation violation on table - 108193, transactions forming "
                    "the cycle are: 2, 1 (pid:9999)"), None),
    "conflict": ("XX000", "Concurrent write",
                 detail("conflict with concurrent transaction", 1018, "tbl_trans.cpp:100",
                        "table 108193"), None),
    "deadlock": ("40P01", "deadlock detected",
                 "Process 1 waits for AccessExclusiveLock on relation 108193; blocked by process "
                 "2.\nProcess 2 waits for ShareLock on relation 108194; blocked by process 1.",
                 None),
    "deadlock_xx": ("XX000", "deadlock detected", None, None),
    "oid": ("XX000", "could not open relation with OID 108193", None, None),
    "cancelled": ("57014", "Query (123) cancelled on user's request", None, None),
    "canceled": ("57014", "Query (123) canceled on user's request", None, None),
    "wlm": ("57014", "Query (123) cancelled by WLM abort action of Query Monitoring Rule \"rule\"",
            None, None),
    "wlm_xx": ("XX000", "Query (123) cancelled by WLM abort action",
               None, None),
    "timed_out": ("57014", "Statement timed out", None, None),
    "disk": ("XX000", "Disk Full",
             detail("Disk Full", 1016, "fdisk_api.cpp:345", "node: 0"), None),
    "memory": ("XX000", "out of memory",
               detail("out of memory", 1004, "alloc.cpp:405", "alloc(65536,MtPool)"), None),
    "ddl_length": ("XX000", "String length exceeds DDL length",
                   detail("String length exceeds DDL length", 8001, "cg_util.cpp:9", "varchar(3)"),
                   None),
    "too_long": ("22001", "value too long for type character varying(3)", None, None),
    "too_long_xx": ("XX000", "Value too long for character type",
                    detail("Value too long for character type", 8001, "funcs_string.hpp:395",
                           "Value too long for type character varying(3)"), None),
    "numeric": ("XX000", "Numeric data overflow (result precision)",
                detail("Numeric data overflow (result precision)", 1058, "numeric_bound.cpp:189",
                       "128 bit"), None),
    "integer": ("XX000", "Integer overflow",
                detail("Integer overflow", 1058, "cg_expr_fn_builder.cpp:30"), None),
    "zero": ("XX000", "Divide by zero",
             detail("Divide by zero", 1045, "cg_expr_fn_builder.cpp:30"), None),
    "digit": ("XX000", "Invalid digit, Value 'x', Pos 0, Type: Integer",
              detail("Invalid digit, Value 'x', Pos 0, Type: Integer", 1207, "s3_util.cpp:20"),
              "Look at stl_load_errors."),
    "input": ("XX000", "Invalid input syntax for type numeric", None, None),
    "missing": ("XX000", "Missing data for not-null field",
                detail("Missing data for not-null field", 1213, "s3_util.cpp:21"), None),
    "permission": ("42501", "permission denied for relation secret", None, None),
    "unsupported": ("0A000", "Specified types or functions (one per INFO message) not supported "
                    "on Redshift tables.", None, None),
    "assert": ("XX000", "Assert",
               detail("Assert", 1000, "xen_execute.cpp:8949", "IsA(node, Query) - "), None),
}


def asked(text):
    """(state, message, further fields) where the text asks for a failure of the table."""
    found = CALL.match(text)
    failure = FAILURES.get(found.group(1).decode()) if found else None
    if not failure:
        return None
    state, message, more, hint = failure
    return state, message, {"D": more, "H": hint, "F": "standin.c", "L": "512", "R": "rs_fail"}

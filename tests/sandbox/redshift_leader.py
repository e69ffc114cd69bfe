"""What runs on Redshift's leader node alone: a statement that reads a system view of the cluster
may not call it.  A strict server does not let it read pg_catalog's tables besides, either.
"""

import re

CLUSTER = re.compile(rb"\b(?:svv|stl|stv|svl|svcs)_\w+", re.I)
LEADER_ONLY = re.compile(
    rb"\b(age|current_schemas?|format_type|generate_series|has_\w+_privilege|localtime|now|"
    rb"col_description|obj_description|pg_get_\w+|pg_\w+_is_visible|pg_is_other_temp_schema|"
    rb"version)\s*\(", re.I)
LEADER_TABLE = re.compile(rb"\bpg_(?:attribute|attrdef|class|constraint|description|namespace|"
                          rb"proc|proc_info|type)\b", re.I)
TEXT = ("Specified types or functions (one per INFO message) not supported on Redshift tables.")


def check(text, bare, is_strict, refuse):
    """bare(text) leaves out literals and comments; refuse(state, text) raises."""
    lower = text.lower()
    if not any(prefix in lower for prefix in (b"svv_", b"stl_", b"stv_", b"svl_", b"svcs_")):
        return
    words = bare(text)
    if CLUSTER.search(words) and (LEADER_ONLY.search(words) or
                                  is_strict and LEADER_TABLE.search(words)):
        refuse("0A000", TEXT)

-- What Redshift's catalog has and PostgreSQL's has not: views, functions, and rows of what is not
-- there at all: an external schema, a late-binding view, two more databases. Run by fixture.sql, as
-- superuser, in each database that is to look like Redshift.  Names sort by their bytes.
SET client_min_messages = warning;
SET allow_system_table_mods = on;

-- A late-binding view is a view whose columns the catalog does not know.
CREATE SCHEMA late;
GRANT USAGE ON SCHEMA late TO PUBLIC;
CREATE VIEW late.clicks AS SELECT 1 AS click_id;
COMMENT ON VIEW late.clicks IS 'bound late';
DELETE FROM pg_catalog.pg_attribute WHERE attrelid = 'late.clicks'::regclass;
UPDATE pg_catalog.pg_class SET relnatts = 0 WHERE oid = 'late.clicks'::regclass;

CREATE FUNCTION pg_catalog.pg_get_late_binding_view_cols() RETURNS SETOF record
    LANGUAGE sql STABLE AS $$
    VALUES ('late'::name, 'clicks'::name, 'click_id'::name, 'bigint'::varchar, 1),
        ('late', 'clicks', 'page', 'character varying(120)', 2),
        ('late', 'clicks', 'Paid %', 'numeric(12,2)', 3),
        ('late', 'clicks', 'seen_at', 'timestamp without time zone', 4)
$$;

-- ---- what is nowhere: rows of other databases and of the external schema ----

CREATE VIEW pg_catalog.rs_far_tables AS
    SELECT db COLLATE "C" AS db, nsp COLLATE "C" AS nsp, rel COLLATE "C" AS rel,
        kind COLLATE "C" AS kind, remarks COLLATE "C" AS remarks
    FROM (VALUES
        ('dev', 'spectrum', 'events', 'EXTERNAL TABLE', NULL),
        ('dev', 'spectrum', 'Événements %_', 'EXTERNAL TABLE', NULL),
        ('other', 'public', 'orders', 'TABLE', 'of the other database'),
        ('other', 'public', 'order_lines', 'TABLE', NULL),
        ('other', 'public', 'big_orders', 'VIEW', NULL),
        ('other', 'Sales %_\ ''"', 'it''s', 'TABLE', NULL),
        ('other', 'Sales %_\ ''"', 'qu"ote', 'TABLE', NULL),
        ('other', 'Sales %_\ ''"', 'back\slash', 'TABLE', NULL),
        ('other', 'Sales %_\ ''"', 'per%cent_', 'TABLE', NULL),
        ('other', 'Sales %_\ ''"', 'UPPER', 'TABLE', NULL),
        ('other', 'Sales %_\ ''"', 'späße', 'TABLE', NULL),
        ('other', 'Sales %_\ ''"', rpad('long_', 127, 'x'), 'TABLE', NULL),
        ('shared_sales', 'gone', 'lost', 'TABLE', NULL),
        ('shared_sales', 'mart', 'facts', 'TABLE', NULL),
        ('shared_sales', 'mart', 'facts_today', 'VIEW', NULL)
    ) AS v(db, nsp, rel, kind, remarks);

CREATE VIEW pg_catalog.rs_far_columns AS
    SELECT db COLLATE "C" AS db, nsp COLLATE "C" AS nsp, rel COLLATE "C" AS rel,
        att COLLATE "C" AS att, num, kind COLLATE "C" AS kind, len, prec, scale,
        nullable COLLATE "C" AS nullable, deflt COLLATE "C" AS deflt, remarks COLLATE "C" AS remarks,
        external_type COLLATE "C" AS external_type, part_key
    FROM (VALUES
        ('dev', 'spectrum', 'events', 'id', 1, 'bigint', NULL, NULL, NULL, 'YES', NULL, NULL, 'bigint', 0),
        ('dev', 'spectrum', 'events', 'name', 2, 'string', NULL, NULL, NULL, 'YES', NULL, NULL, 'string', 0),
        ('dev', 'spectrum', 'events', 'code', 3, 'varchar(20)', NULL, NULL, NULL, 'YES', NULL, NULL, 'varchar(20)', 0),
        ('dev', 'spectrum', 'events', 'price', 4, 'decimal(10,2)', NULL, NULL, NULL, 'YES', NULL, NULL, 'decimal(10,2)', 0),
        ('dev', 'spectrum', 'events', 'small', 5, 'tinyint', NULL, NULL, NULL, 'YES', NULL, NULL, 'tinyint', 0),
        ('dev', 'spectrum', 'events', 'happened', 6, 'timestamp', NULL, NULL, NULL, 'YES', NULL, NULL, 'timestamp', 0),
        ('dev', 'spectrum', 'events', 'payload', 7, 'struct<a:int,b:array<varchar(10)>>', NULL, NULL, NULL, 'YES', NULL, NULL, 'struct<a:int,b:array<varchar(10)>>', 0),
        ('dev', 'spectrum', 'events', 'tags', 8, 'array<string>', NULL, NULL, NULL, 'YES', NULL, NULL, 'array<string>', 0),
        ('dev', 'spectrum', 'events', 'raw', 9, 'binary', NULL, NULL, NULL, 'YES', NULL, NULL, 'binary', 0),
        ('dev', 'spectrum', 'events', 'odd', 10, 'uniontype<int>', NULL, NULL, NULL, 'YES', NULL, NULL, 'uniontype<int>', 0),
        ('dev', 'spectrum', 'events', 'day', 11, 'date', NULL, NULL, NULL, 'YES', NULL, NULL, 'date', 1),
        ('dev', 'spectrum', 'Événements %_', 'Größe', 1, 'double', NULL, NULL, NULL, 'YES', NULL, NULL, 'double', 0),
        ('other', 'public', 'orders', 'order_id', 1, 'integer', NULL, 32, 0, 'NO', '"identity"(108, 0, ''1,1''::text)', 'its number', NULL, 0),
        ('other', 'public', 'orders', 'note', 2, 'character varying', 40, NULL, NULL, 'YES', '''none''::character varying', NULL, NULL, 0),
        ('other', 'public', 'orders', 'amount', 3, 'numeric', NULL, 10, 2, 'YES', NULL, NULL, NULL, 0),
        ('other', 'public', 'orders', 'at', 4, 'timestamp with time zone', NULL, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'public', 'orders', 'extra', 5, 'super', NULL, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'public', 'order_lines', 'order_id', 1, 'integer', NULL, 32, 0, 'NO', NULL, NULL, NULL, 0),
        ('other', 'public', 'order_lines', 'line', 2, 'smallint', NULL, 16, 0, 'NO', NULL, NULL, NULL, 0),
        ('other', 'public', 'order_lines', 'item', 3, 'character', 8, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'public', 'big_orders', 'order_id', 1, 'integer', NULL, 32, 0, 'YES', NULL, NULL, NULL, 0),
        ('other', 'Sales %_\ ''"', 'it''s', 'a''b', 1, 'boolean', NULL, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'Sales %_\ ''"', 'qu"ote', 'c"d', 1, 'real', NULL, 24, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'Sales %_\ ''"', 'back\slash', 'e\f', 1, 'date', NULL, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'Sales %_\ ''"', 'per%cent_', 'g%h_', 1, 'time without time zone', NULL, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'Sales %_\ ''"', 'UPPER', 'Mixed', 1, 'binary varying', 100, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'Sales %_\ ''"', 'späße', 'größe', 1, 'double precision', NULL, 53, NULL, 'YES', NULL, NULL, NULL, 0),
        ('other', 'Sales %_\ ''"', rpad('long_', 127, 'x'), rpad('column_', 127, 'y'), 1, 'bigint', NULL, 64, 0, 'YES', NULL, NULL, NULL, 0),
        ('shared_sales', 'gone', 'lost', 'n', 1, 'integer', NULL, 32, 0, 'YES', NULL, NULL, NULL, 0),
        ('shared_sales', 'mart', 'facts', 'fact_id', 1, 'bigint', NULL, 64, 0, 'NO', NULL, NULL, NULL, 0),
        ('shared_sales', 'mart', 'facts', 'place', 2, 'geometry', NULL, NULL, NULL, 'YES', NULL, NULL, NULL, 0),
        ('shared_sales', 'mart', 'facts_today', 'fact_id', 1, 'bigint', NULL, 64, 0, 'YES', NULL, NULL, NULL, 0)
    ) AS v(db, nsp, rel, att, num, kind, len, prec, scale, nullable, deflt, remarks, external_type,
        part_key);

-- Primary keys have no table that they point to.
CREATE VIEW pg_catalog.rs_far_keys AS
    SELECT * FROM (VALUES
        ('other', 'public', 'orders', 'orders_pkey', 'order_id', 1, NULL, NULL, NULL, NULL),
        ('other', 'public', 'order_lines', 'order_lines_pkey', 'order_id', 1, NULL, NULL, NULL, NULL),
        ('other', 'public', 'order_lines', 'order_lines_pkey', 'line', 2, NULL, NULL, NULL, NULL),
        ('other', 'public', 'order_lines', 'order_lines_order_id_fkey', 'order_id', 1, 'public', 'orders', 'order_id', 'orders_pkey')
    ) AS v(db, nsp, rel, con, att, seq, pk_nsp, pk_rel, pk_att, pk_con);

CREATE VIEW pg_catalog.rs_far_grants AS
    SELECT * FROM (VALUES
        ('other', 'public', 'orders', NULL, 'owner_of_other', 'reader', 'SELECT', false),
        ('other', 'public', 'orders', NULL, 'owner_of_other', 'writer', 'INSERT', true),
        ('other', 'public', 'orders', NULL, 'owner_of_other', 'public', 'SELECT', false),
        ('other', 'public', 'orders', 'note', 'owner_of_other', 'clerk', 'UPDATE', false)
    ) AS v(db, nsp, rel, att, grantor, grantee, privilege, grantable);

CREATE VIEW pg_catalog.rs_far_functions AS
    SELECT * FROM (VALUES
        ('other', 'public', 'f_net', 'REGULAR FUNCTION', 'numeric, integer', 'numeric',
            'amount, percent', 'IN, IN'),
        ('other', 'public', 'p_close', 'STORED PROCEDURE', 'integer, character varying', NULL,
            'id, note', 'IN, INOUT')
    ) AS v(db, nsp, name, kind, arguments, result, names, modes);

-- ---- what is here, in the words of the views ----

CREATE VIEW pg_catalog.rs_near_tables AS
    SELECT current_database()::varchar COLLATE "C" AS db, n.nspname::varchar COLLATE "C" AS nsp,
        c.relname::varchar COLLATE "C" AS rel,
        CASE WHEN c.relkind IN ('v', 'm') THEN 'VIEW' ELSE 'TABLE' END::varchar COLLATE "C" AS kind,
        d.description::varchar COLLATE "C" AS remarks, c.relacl AS acl, c.oid AS oid,
        pg_get_userbyid(c.relowner)::varchar COLLATE "C" AS owner
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_description AS d ON d.objoid = c.oid
        AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT pg_is_other_temp_schema(n.oid);

CREATE VIEW pg_catalog.rs_near_columns AS
    SELECT t.db, t.nsp, t.rel, a.attname::varchar COLLATE "C" AS att, a.attnum::integer AS num,
        CASE b.oid WHEN 18 THEN '"char"' WHEN 3000 THEN 'geometry' WHEN 17329 THEN 'integer'
            WHEN 17331 THEN 'character varying' WHEN 17332 THEN 'character varying'
            WHEN 17336 THEN 'timestamp without time zone'
            ELSE format_type(b.oid, NULL) END::varchar COLLATE "C" AS kind,
        CASE WHEN b.oid IN (1042, 1043, 6551) AND a.atttypmod > 4 THEN a.atttypmod - 4
            WHEN b.oid = 17332 THEN 127 END AS len,
        CASE WHEN b.oid = 21 THEN 16 WHEN b.oid = 23 THEN 32 WHEN b.oid = 20 THEN 64
            WHEN b.oid = 700 THEN 24 WHEN b.oid = 701 THEN 53
            WHEN b.oid = 1700 AND a.atttypmod > 4 THEN (a.atttypmod - 4) >> 16 & 65535 END AS prec,
        CASE WHEN b.oid IN (20, 21, 23) THEN 0
            WHEN b.oid = 1700 AND a.atttypmod > 4 THEN (a.atttypmod - 4) & 65535 END AS scale,
        CASE WHEN a.attnotnull OR y.typnotnull THEN 'NO' ELSE 'YES' END::varchar COLLATE "C"
            AS nullable,
        pg_get_expr(f.adbin, f.adrelid)::varchar COLLATE "C" AS deflt,
        d.description::varchar COLLATE "C" AS remarks, t.oid AS oid, a.attacl AS acl
    FROM pg_catalog.rs_near_tables AS t
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid
    JOIN pg_catalog.pg_type AS y ON y.oid = a.atttypid
    JOIN pg_catalog.pg_type AS b ON b.oid = CASE WHEN y.typtype = 'd' THEN y.typbasetype
        ELSE y.oid END
    LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_description AS d ON d.objoid = a.attrelid
        AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT current_database()::varchar COLLATE "C", l.nsp::varchar COLLATE "C",
        l.rel::varchar COLLATE "C", l.att::varchar COLLATE "C", l.num,
        substring(l.kind FROM '^[^(]*')::varchar COLLATE "C",
        CASE WHEN l.kind LIKE 'char%' THEN substring(l.kind FROM '\((\d+)\)')::integer END,
        CASE WHEN l.kind LIKE 'numeric%' THEN substring(l.kind FROM '\((\d+),')::integer END,
        CASE WHEN l.kind LIKE 'numeric%' THEN substring(l.kind FROM ',(\d+)\)')::integer END,
        'YES', NULL, NULL, NULL, NULL
    FROM pg_get_late_binding_view_cols() AS l(nsp name, rel name, att name, kind varchar, num int);

CREATE VIEW pg_catalog.rs_near_keys AS
    SELECT t.db, t.nsp, t.rel, o.conname::varchar AS con, a.attname::varchar AS att, k.i AS seq,
        p.nsp AS pk_nsp, p.rel AS pk_rel, b.attname::varchar AS pk_att, q.conname::varchar AS pk_con,
        o.contype AS kind
    FROM pg_catalog.pg_constraint AS o
    JOIN pg_catalog.rs_near_tables AS t ON t.oid = o.conrelid
    JOIN generate_series(1, 32) AS k(i) ON k.i <= array_upper(o.conkey, 1)
    JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = o.conkey[k.i]
    LEFT JOIN pg_catalog.rs_near_tables AS p ON p.oid = o.confrelid
    LEFT JOIN pg_catalog.pg_attribute AS b ON b.attrelid = p.oid AND b.attnum = o.confkey[k.i]
    LEFT JOIN pg_catalog.pg_constraint AS q ON q.conrelid = p.oid AND q.contype = 'p'
    WHERE o.contype IN ('p', 'f');

-- ---- Redshift's views ----

CREATE VIEW pg_catalog.svv_redshift_databases AS
    SELECT v.name::varchar COLLATE "C" AS database_name, 100 AS database_owner,
        v.kind::varchar COLLATE "C" AS database_type, NULL::varchar AS database_acl,
        NULL::varchar AS database_options, 'Snapshot Isolation'::varchar AS database_isolation_level
    FROM (VALUES ('dev', 'local'), ('other', 'local'), ('shared_sales', 'shared')) AS v(name, kind);

CREATE VIEW pg_catalog.svv_all_schemas AS
    SELECT current_database()::varchar COLLATE "C" AS database_name,
        n.nspname::varchar COLLATE "C" AS schema_name, 100 AS schema_owner,
        'local'::varchar COLLATE "C" AS schema_type, NULL::varchar AS schema_acl,
        NULL::varchar AS source_database, NULL::varchar AS schema_option
    FROM pg_catalog.pg_namespace AS n WHERE n.nspname NOT LIKE 'pg\_toast%'
    UNION ALL
    SELECT DISTINCT db, nsp, 100, CASE WHEN db = 'dev' THEN 'external'
        WHEN db = 'other' THEN 'local' ELSE 'shared' END::varchar COLLATE "C", NULL, NULL, NULL
    FROM pg_catalog.rs_far_tables;

CREATE VIEW pg_catalog.svv_all_tables AS
    SELECT db AS database_name, nsp AS schema_name, rel AS table_name, kind AS table_type,
        array_to_string(acl, '~')::varchar AS table_acl, remarks AS remarks
    FROM pg_catalog.rs_near_tables
    UNION ALL
    SELECT db, nsp, rel, kind, NULL, remarks FROM pg_catalog.rs_far_tables;

CREATE VIEW pg_catalog.svv_all_columns AS
    SELECT db AS database_name, nsp AS schema_name, rel AS table_name, att AS column_name,
        num AS ordinal_position, deflt AS column_default, nullable AS is_nullable, kind AS data_type,
        len AS character_maximum_length, prec AS numeric_precision, scale AS numeric_scale, remarks
    FROM pg_catalog.rs_near_columns
    UNION ALL
    SELECT db, nsp, rel, att, num, deflt, nullable, kind, len, prec, scale, remarks
    FROM pg_catalog.rs_far_columns;

CREATE VIEW pg_catalog.svv_tables AS
    SELECT database_name AS table_catalog, schema_name AS table_schema, table_name,
        CASE WHEN table_type = 'TABLE' THEN 'BASE TABLE' ELSE table_type END::varchar COLLATE "C"
            AS table_type, remarks
    FROM pg_catalog.svv_all_tables WHERE database_name = current_database();

CREATE VIEW pg_catalog.svv_columns AS
    SELECT database_name AS table_catalog, schema_name AS table_schema, table_name, column_name,
        ordinal_position, column_default, is_nullable, data_type, character_maximum_length,
        numeric_precision, 10 AS numeric_precision_radix, numeric_scale,
        NULL::integer AS datetime_precision, NULL::varchar AS interval_type,
        NULL::varchar AS interval_precision, NULL::varchar AS domain_name, remarks
    FROM pg_catalog.svv_all_columns WHERE database_name = current_database();

CREATE VIEW pg_catalog.svv_external_schemas AS
    SELECT 16000::oid AS esoid, 1 AS eskind, 'spectrum'::varchar COLLATE "C" AS schemaname,
        100 AS esowner, 'spectrum_db'::varchar AS databasename, '{}'::varchar AS esoptions
    WHERE current_database() = 'dev';

CREATE VIEW pg_catalog.svv_external_tables AS
    SELECT nsp AS schemaname, rel AS tablename, 's3://bucket/'::varchar AS location,
        NULL::varchar AS input_format, NULL::varchar AS output_format,
        NULL::varchar AS serialization_lib, NULL::varchar AS serde_parameters, 0 AS compressed,
        NULL::varchar AS parameters, kind AS tabletype
    FROM pg_catalog.rs_far_tables WHERE kind = 'EXTERNAL TABLE' AND db = current_database();

CREATE VIEW pg_catalog.svv_external_columns AS
    SELECT nsp AS schemaname, rel AS tablename, att AS columnname, external_type, num AS columnnum,
        part_key, 'true'::varchar AS is_nullable
    FROM pg_catalog.rs_far_columns WHERE external_type IS NOT NULL AND db = current_database();

CREATE VIEW pg_catalog.svv_table_info AS
    SELECT db AS "database", nsp AS "schema", oid AS table_id, rel AS "table", 1 AS size,
        0::numeric AS tbl_rows
    FROM pg_catalog.rs_near_tables WHERE kind = 'TABLE';

CREATE VIEW pg_catalog.svv_redshift_functions AS
    SELECT current_database()::varchar COLLATE "C" AS database_name,
        n.nspname::varchar COLLATE "C" AS schema_name, p.proname::varchar COLLATE "C" AS function_name,
        CASE p.prokind WHEN 'p' THEN 'STORED PROCEDURE' WHEN 'a' THEN 'AGGREGATE FUNCTION'
            ELSE 'REGULAR FUNCTION' END::varchar COLLATE "C" AS function_type,
        (SELECT string_agg(format_type(u.oid, NULL), ', ' ORDER BY u.n)
            FROM unnest(p.proargtypes) WITH ORDINALITY AS u(oid, n))::varchar AS argument_type,
        CASE WHEN p.prokind <> 'p' THEN format_type(p.prorettype, NULL) END::varchar AS result_type
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    UNION ALL
    SELECT db, nsp, name, kind, arguments, result FROM pg_catalog.rs_far_functions;

-- Redshift's own views of the system's catalogs, with the columns of PostgreSQL 8.0 that are used.
CREATE VIEW pg_catalog.pg_proc_info AS
    SELECT oid AS prooid, proname, pronamespace, proowner, prokind = 'a' AS proisagg, proretset,
        pronargs, prorettype, proargtypes, proargnames, proacl,
        CASE WHEN prokind = 'p' THEN 'p' ELSE 'f' END::"char" AS prokind, proargmodes,
        proallargtypes
    FROM pg_catalog.pg_proc;
CREATE VIEW pg_catalog.pg_attribute_info AS
    SELECT attrelid, attname, atttypid, attnum, atttypmod, attnotnull, attisdropped, attacl
    FROM pg_catalog.pg_attribute;

GRANT SELECT ON pg_catalog.svv_redshift_databases, pg_catalog.svv_all_schemas,
    pg_catalog.svv_all_tables, pg_catalog.svv_all_columns, pg_catalog.svv_tables,
    pg_catalog.svv_columns, pg_catalog.svv_external_schemas, pg_catalog.svv_external_tables,
    pg_catalog.svv_external_columns, pg_catalog.svv_redshift_functions,
    pg_catalog.pg_proc_info, pg_catalog.pg_attribute_info, pg_catalog.rs_far_tables,
    pg_catalog.rs_far_columns, pg_catalog.rs_far_keys, pg_catalog.rs_far_grants,
    pg_catalog.rs_far_functions, pg_catalog.rs_near_tables, pg_catalog.rs_near_columns,
    pg_catalog.rs_near_keys TO PUBLIC;

-- ---- what SHOW needs (redshift_show.py) ----

-- True, or an error: that many rows at most.
CREATE FUNCTION pg_catalog.rs_show_limit(n bigint, most integer) RETURNS boolean
    LANGUAGE plpgsql AS $$
BEGIN
    IF n > most THEN
        RAISE EXCEPTION 'The result of SHOW has more than % rows. Use LIKE or LIMIT.', most
            USING ERRCODE = '54000';
    END IF;
    RETURN true;
END $$;

-- True, or an error: the names that SHOW was given are somebody's. NULL: not given. Of the schema
-- "gone" the views tell, but nobody may see it.
CREATE FUNCTION pg_catalog.rs_show_exists(db varchar, nsp varchar, rel varchar) RETURNS boolean
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM 1 FROM pg_catalog.svv_redshift_databases AS d WHERE d.database_name = db;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'database "%" does not exist', db USING ERRCODE = '3D000';
    END IF;
    IF nsp = 'gone' THEN
        RAISE EXCEPTION 'permission denied for schema %', nsp USING ERRCODE = '42501';
    END IF;
    PERFORM 1 FROM pg_catalog.svv_all_schemas AS s
        WHERE s.database_name = db AND s.schema_name = nsp;
    IF nsp IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'schema "%" does not exist', nsp USING ERRCODE = '3F000';
    END IF;
    PERFORM 1 FROM pg_catalog.svv_all_tables AS t
        WHERE t.database_name = db AND t.schema_name = nsp AND t.table_name = rel;
    IF rel IS NOT NULL AND NOT FOUND THEN
        RAISE EXCEPTION 'relation "%" does not exist', rel USING ERRCODE = '42P01';
    END IF;
    RETURN true;
END $$;

-- ---- functions ----

CREATE FUNCTION pg_catalog.pg_last_query_id() RETURNS integer LANGUAGE sql AS 'SELECT 4711';
CREATE FUNCTION pg_catalog.getdate() RETURNS timestamp LANGUAGE sql STABLE
    AS 'SELECT date_trunc(''second'', localtimestamp)';
CREATE FUNCTION pg_catalog.nvl(anyelement, anyelement) RETURNS anyelement LANGUAGE sql IMMUTABLE
    AS 'SELECT COALESCE($1, $2)';
CREATE FUNCTION pg_catalog.len(text) RETURNS integer LANGUAGE sql IMMUTABLE
    AS 'SELECT length($1)';
CREATE FUNCTION pg_catalog.dateadd(part text, n bigint, t timestamp) RETURNS timestamp
    LANGUAGE sql IMMUTABLE AS $$
    SELECT t + CASE lower(part) WHEN 'quarter' THEN (3 * n)::text || ' month'
        ELSE n::text || ' ' || part END::interval
$$;
-- Boundaries that are crossed; weeks begin on Monday here, on Sunday there.
CREATE FUNCTION pg_catalog.datediff(part text, a timestamp, b timestamp) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE lower(part)
        WHEN 'year' THEN date_part('year', b) - date_part('year', a)
        WHEN 'quarter' THEN 4 * (date_part('year', b) - date_part('year', a))
            + date_part('quarter', b) - date_part('quarter', a)
        WHEN 'month' THEN 12 * (date_part('year', b) - date_part('year', a))
            + date_part('month', b) - date_part('month', a)
        WHEN 'day' THEN b::date - a::date
        ELSE trunc(EXTRACT(epoch FROM date_trunc(part, b) - date_trunc(part, a))
            / CASE lower(part) WHEN 'week' THEN 604800 WHEN 'hour' THEN 3600 WHEN 'minute' THEN 60
            WHEN 'millisecond' THEN 0.001 WHEN 'microsecond' THEN 0.000001 ELSE 1 END) END::bigint
$$;
CREATE FUNCTION pg_catalog.round(x double precision, n integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE AS 'SELECT round(CAST(x AS numeric), n)::double precision';
CREATE FUNCTION pg_catalog.trunc(x double precision, n integer) RETURNS double precision
    LANGUAGE sql IMMUTABLE AS 'SELECT trunc(CAST(x AS numeric), n)::double precision';
CREATE FUNCTION pg_catalog.from_hex(text) RETURNS bytea LANGUAGE sql IMMUTABLE
    AS 'SELECT decode($1, ''hex'')';
CREATE FUNCTION pg_catalog.to_hex(bytea) RETURNS text LANGUAGE sql IMMUTABLE
    AS 'SELECT encode($1, ''hex'')';
CREATE FUNCTION pg_catalog.json_parse(text) RETURNS super LANGUAGE sql IMMUTABLE
    AS 'SELECT CAST(CAST($1::json AS text) AS super)';
CREATE FUNCTION pg_catalog.json_serialize(super) RETURNS text LANGUAGE sql IMMUTABLE
    AS 'SELECT CAST($1 AS text)';

RESET allow_system_table_mods;

-- Roles, databases and tables of the test bench.  Run once by `sandbox up`, as
-- superuser on database postgres, with the passwords as psql variables.
\set ON_ERROR_STOP on
SET client_min_messages = warning;

CREATE ROLE rs_test LOGIN CREATEDB PASSWORD :'rs_test_password';
CREATE ROLE u_clear LOGIN PASSWORD :'u_clear_password';
CREATE ROLE u_digest LOGIN PASSWORD :'u_digest_password';
CREATE ROLE u_idp LOGIN;
-- Provokes 53300 at any login.
CREATE ROLE limited LOGIN CONNECTION LIMIT 0 PASSWORD :'limited_password';
-- There before any IAM login, for logins without AutoCreate.
CREATE ROLE existing_user LOGIN;
SET password_encryption = md5;
CREATE ROLE u_md5 LOGIN PASSWORD :'u_md5_password';
RESET password_encryption;
CREATE ROLE group1 NOLOGIN;
CREATE ROLE group2 NOLOGIN;
-- A name that access lists must quote.
CREATE ROLE "odd, ""role""" NOLOGIN;
-- These may become it: what a pool's former user could leave behind.
CREATE ROLE borrowed NOLOGIN;
GRANT borrowed TO rs_test, u_clear, u_md5;

CREATE DATABASE dev;
CREATE DATABASE other;

\connect dev
SET client_min_messages = warning;

-- Redshift's own types under its OIDs, so that the back end itself tells them; each is a copy of
-- one that reads and writes the same text.
SET allow_system_table_mods = on;
DO $$
DECLARE
    made record;
    kind pg_catalog.pg_type;
BEGIN
    FOR made IN SELECT * FROM (VALUES
        (702, 'abstime', 'text'), (703, 'reltime', 'text'), (704, 'tinterval', 'text'),
        (1188, 'intervaly2m', 'text'), (1190, 'intervald2s', 'text'), (2935, 'hllsketch', 'text'),
        (3000, 'geometry_raw', 'text'), (3001, 'geography', 'text'), (3999, 'geometry', 'text'),
        (4000, 'super', 'text'), (4602, 'roleitem', 'text'), (6551, 'varbyte', 'varchar'),
        (17329, 'rs_cardinal_number', 'int4'), (17331, 'rs_character_data', 'text'),
        (17332, 'rs_sql_identifier', 'text'), (17336, 'rs_time_stamp', 'timestamp'),
        (99999, 'rs_unknown', 'text')) AS v(oid, name, source)
    LOOP
        SELECT * INTO kind FROM pg_catalog.pg_type AS t
            WHERE t.oid = made.source::regtype;
        kind.oid := made.oid;
        kind.typname := made.name;
        kind.typarray := 0;
        kind.typispreferred := false;
        INSERT INTO pg_catalog.pg_type SELECT kind.*;
    END LOOP;
END $$;
RESET allow_system_table_mods;

-- As in Redshift, everybody may create in schema public.
GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC;
GRANT CREATE, TEMPORARY ON DATABASE dev TO PUBLIC;
CREATE SCHEMA rs_test AUTHORIZATION rs_test;

CREATE TABLE public.demo_sales (
    sale_id   integer NOT NULL PRIMARY KEY,
    customer  varchar(60),
    amount    numeric(18,4),
    sold_on   date,
    sold_at   timestamp,
    paid      boolean
);
INSERT INTO public.demo_sales VALUES
    ( 1, 'Anna',              19.9900, '2026-01-02', '2026-01-02 09:15:00',        true),
    ( 2, 'Björn Åkesson',    250.0000, '2026-01-02', '2026-01-02 10:01:02.5',      true),
    ( 3, 'Łukasz',             0.0001, '2026-01-03', '2026-01-03 00:00:00',        false),
    ( 4, '東京商店',         1234.5678, '2026-01-05', '2026-01-05 23:59:59.999999', true),
    ( 5, NULL,                -5.0000, '2026-01-05', '2026-01-05 12:00:00',        false),
    ( 6, 'O''Brien & Sons',   99.5000, '2026-01-07', NULL,                         NULL),
    ( 7, 'back\slash',         NULL,   '2026-01-08', '2026-01-08 08:08:08',        true),
    ( 8, 'Zoë "Z" Müller', 99999999999999.9999, '2026-02-28', '2026-02-28 06:00:00', true),
    ( 9, '😀 emoji',           7.2500, '2024-02-29', '2024-02-29 13:37:00.123456', true),
    (10, '',                   0.0000, NULL,         '1999-12-31 23:59:59',        false),
    (11, 'trailing blanks  ', 42.0000, '2026-03-01', '2026-03-01 01:02:03.04',     true),
    (12, NULL,                 NULL,   NULL,         NULL,                         NULL);

CREATE TABLE public.all_types (
    label   varchar(20) NOT NULL PRIMARY KEY,
    c_bool  boolean,
    c_int2  smallint,
    c_int4  integer,
    c_int8  bigint,
    c_num   numeric(38,10),
    c_num0  numeric(18,0),
    c_real  real,
    c_dbl   double precision,
    c_char  char(8),
    c_vchar varchar(256),
    c_text  text,
    c_bytes bytea,
    c_date  date,
    c_time  time,
    c_timetz timetz,
    c_ts    timestamp,
    c_tstz  timestamptz,
    c_ival  interval,
    c_name  name,
    c_oid   oid
);
SET timezone = 'UTC';
INSERT INTO public.all_types VALUES ('null');
INSERT INTO public.all_types VALUES
    ('zero', false, 0, 0, 0, 0, 0, 0, 0, '', '', '', '', '2000-01-01', '00:00', '00:00+00',
     '2000-01-01 00:00', '2000-01-01 00:00+00', '0', '', 0),
    ('max', true, 32767, 2147483647, 9223372036854775807,
     9999999999999999999999999999.9999999999, 999999999999999999, 3.4028235e38,
     1.7976931348623157e308, 'abcdefgh', repeat('x', 256), repeat('y', 5000),
     decode(repeat('ff', 300), 'hex'), '9999-12-31', '23:59:59.999999', '23:59:59.999999-14',
     '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59.999999+00',
     '9999 years 11 mons 30 days 23:59:59.999999', 'a_name', 4294967295),
    ('min', false, -32768, -2147483648, -9223372036854775808,
     -9999999999999999999999999999.9999999999, -999999999999999999, -3.4028235e38,
     -1.7976931348623157e308, ' ', ' ', ' ', decode('00', 'hex'), '0001-01-01', '00:00:00',
     '00:00:00+14', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00',
     '-9999 years -11 mons -30 days -23:59:59.999999', 'b', 1),
    ('tiny', true, 1, 1, 1, 0.0000000001, 1, 1.1754944e-38, 2.2250738585072014e-308, 'a  b',
     'é', '𝄞', decode('0001027f80ff5c27', 'hex'), '1970-01-01', '00:00:00.000001',
     '12:30:00+05:30', '1970-01-01 00:00:00.000001', '1970-01-01 00:00:00.000001+00',
     '00:00:00.000001', 'c', 2),
    ('special', NULL, NULL, NULL, NULL, NULL, NULL, 'NaN', 'Infinity', NULL,
     E'tab\tnew\nline\r\\', E'quote '' " {} ; %', NULL, 'infinity', '24:00:00', '24:00:00+00',
     'infinity', '-infinity', '1 mon -1 days', NULL, NULL),
    ('special2', NULL, NULL, NULL, NULL, -0.5, -1, '-Infinity', '-Infinity', NULL, 'ÄÖÜß€',
     'ｆｕｌｌ', NULL, '-infinity', '12:34:56.7', '12:34:56.7+01', '-infinity', 'infinity',
     '-1 days', NULL, NULL),
    ('bc', NULL, NULL, NULL, NULL, NULL, NULL, '-0', '-0', NULL, NULL, NULL, NULL,
     '0044-03-15 BC', NULL, NULL, '0044-03-15 12:00:00 BC', '0044-03-15 12:00:00+00 BC', NULL,
     NULL, NULL);

CREATE VIEW public.demo_paid AS
    SELECT sale_id, customer, amount FROM public.demo_sales WHERE paid;

CREATE SCHEMA second;
GRANT USAGE ON SCHEMA second TO PUBLIC;
CREATE TABLE second.regions (
    region_id smallint NOT NULL PRIMARY KEY,
    name      varchar(40) NOT NULL,
    parent_id smallint REFERENCES second.regions
);
INSERT INTO second.regions VALUES (1, 'World', NULL), (2, 'Europe', 1), (3, 'Österreich', 2);

CREATE TABLE second."Odd %_Name" ("Mixed Case" integer, "quote""d" varchar(10), "späße" date);

-- Only members of group1 may read it: shows whether DbGroups did their work.
CREATE TABLE second.for_group1 (secret_of_group varchar(20));
INSERT INTO second.for_group1 VALUES ('group1 may see this');
GRANT SELECT ON second.for_group1 TO group1;

GRANT SELECT ON public.demo_sales, public.all_types, public.demo_paid, second.regions,
    second."Odd %_Name" TO PUBLIC;
GRANT INSERT, UPDATE, DELETE ON public.demo_sales, public.all_types TO rs_test;

\ir redshift_shim.sql

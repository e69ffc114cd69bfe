-- The tables of the benchmark; psql variables narrow, mixed, wide, tables: how many rows or tables.
-- Values differ in length, sign and script; each text begins and ends with an ASCII character.
SET client_min_messages = warning;

CREATE TABLE narrow WITH (autovacuum_enabled = off) AS
SELECT i::int4 AS a, (i::int8 * 7919 % 1000000007) * 1000003 AS b,
       CASE WHEN i % 2 = 0 THEN (i::int8 * 37 % 1000003) / 100.0 ELSE sqrt(i) * 1000 END::float8 AS c
  FROM generate_series(1, :narrow) i;

CREATE TABLE mixed (id int4, big int8, amount numeric(18,4), name varchar(24), note varchar(100),
                    at timestamp, day date, done bool, share float8)
  WITH (autovacuum_enabled = off);
INSERT INTO mixed
SELECT i, i::int8 * 1000003 * CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END,
       CASE WHEN i % 16 <> 0 THEN (i * 7919::int8 % 1000000007)::numeric / 10000 END,
       CASE WHEN i % 8 = 0 THEN 'Zoë № ' ELSE 'customer ' END || i,
       CASE WHEN i % 16 <> 1 THEN left(repeat(md5(i::text), 3), 40 + i % 50) END,
       timestamp '2020-01-01 00:00:00' + i * interval '97.000123 seconds',
       date '2000-01-01' + i % 10000, i % 3 = 0,
       CASE WHEN i % 2 = 0 THEN (i::int8 * 37 % 1000003) / 100.0 ELSE sqrt(i) * 1000 END
  FROM generate_series(1, :mixed) i;

CREATE TABLE wide (id int4, body varchar(8192)) WITH (autovacuum_enabled = off);
ALTER TABLE wide ALTER body SET STORAGE PLAIN; -- nothing for the server to decompress
INSERT INTO wide SELECT i, repeat(md5(i::text), 250) FROM generate_series(1, :wide) i;

CREATE TABLE small (id int4 PRIMARY KEY, v varchar(24));
INSERT INTO small SELECT i, 'value ' || i FROM generate_series(1, 1000) i;

CREATE TABLE sink (id int4, name varchar(32), amount numeric(18,4), at timestamp);

-- Without keys: psqlodbc would list an index as a table.
CREATE SCHEMA shelf;
SELECT format('CREATE TABLE shelf.t%s (id int NOT NULL, c1 bigint, c2 numeric(18,4), '
              'c3 varchar(50), c4 timestamp, c5 date, c6 boolean, c7 double precision, '
              'c8 smallint, c9 char(10))', to_char(i, 'FM0000'))
  FROM generate_series(1, :tables) i
\gexec

GRANT USAGE ON SCHEMA shelf TO rs_bench;
GRANT SELECT ON ALL TABLES IN SCHEMA public, shelf TO rs_bench;
GRANT INSERT, TRUNCATE ON sink TO rs_bench;
VACUUM (FREEZE, ANALYZE);

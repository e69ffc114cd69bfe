# Ruby's ODBC module over TLS: types there and back, long text, errors, rollback, metadata.
# test_odbc.rb MODULE: odbc speaks SQL_C_CHAR, whose bytes are UTF-8 here, odbc_utf8 SQL_C_WCHAR.
#
# What it cannot do with any driver: arrays of parameters; integers beyond 32 bits as parameters
# (they go as text); dates before year 1. odbc_utf8 takes the halves of a surrogate pair in the
# wrong order, so its emoji are others, gives get_info's text as UTF-16 and sends no bytes that are
# not UTF-8. odbc is an ODBC 2 application, so it shows that version's states. Both trust the size
# of a column: a longer text comes with what lies behind their buffer, or crashes, so for text
# without a declared length UnknownSizes must be above MaxVarchar. Debian's build looks for
# libodbc.so.1, which is gone, and does not find the driver manager unless that is loaded before it,
# as here or with LD_PRELOAD=libodbc.so.2.
require 'fiddle'
unless ENV['RS_PG_PORT']
  puts 'the sandbox is not up (RS_PG_PORT)'
  exit 77
end
wide = ARGV[0] == 'odbc_utf8'
begin
  Fiddle::Handle.new('libodbc.so.2', Fiddle::RTLD_LAZY | Fiddle::RTLD_GLOBAL)
  require wide ? 'odbc_utf8' : 'odbc'
rescue LoadError, Fiddle::DLError
  puts 'ruby-odbc is not installed'
  exit 77
end

$failed = 0

# What is text comes without its encoding from odbc.
def plain(value)
  case value
  when Array then value.map { |one| plain(one) }
  when String then value.b
  when ODBC::Date, ODBC::Time, ODBC::TimeStamp then value.to_s
  else value
  end
end

def is(got, want, what)
  return puts("ok: #{what}") if plain(got) == plain(want)

  $failed = 1
  puts "FAILED: #{what}: #{got.inspect[0, 300]} instead of #{want.inspect[0, 300]}"
end

def braced(value)
  "{#{value.gsub('}', '}}')}}"
end

def connect(more = {})
  driver = ODBC::Driver.new
  driver.name = 'Redshift ODBC'
  driver.attrs = { 'Driver' => '{Redshift ODBC}', 'Server' => ENV['RS_PG_HOST'], 'Port' => ENV['RS_PG_PORT'],
                   'Database' => ENV['RS_PG_DATABASE'], 'UID' => ENV['RS_PG_USER'], 'PWD' => braced(ENV['RS_PG_PASSWORD']),
                   'SSLMode' => 'verify-full', 'CaFile' => ENV['RS_CA_FILE'], 'UnknownSizes' => '65535' }.merge(more)
  ODBC::Database.new.drvconnect(driver)
end

# The message that the user sees of what fails.
def refused
  yield
  'nothing failed'
rescue ODBC::Error => e
  e.message
end

def all(db, sql, *parameters)
  statement = db.run(sql, *parameters)
  statement.fetch_all
ensure
  statement&.drop
end

db = connect
dbms = ENV.fetch('RS_TEST_DBMS', 'PostgreSQL')
is(db.get_info('SQL_DBMS_NAME'), wide ? dbms.encode('UTF-16LE') : dbms, 'the server')
db.do("create temp table rb (i int, b bigint, n numeric(18,4), x float8, f boolean, t varchar(200), z #{ENV.fetch('RS_TEST_BYTES', 'bytea')}, d date, h time, " \
      'ts timestamp)')
text = wide ? 'Zoë 東京 ﬀ' : 'Zoë 東京 😀'
bytes = wide ? "\x00\x01'\\" : "\x00\x01\xff'\\".b
rows = [[1, (2**63 - 1).to_s, '12345678901234.5678', 1.5, 1, text, bytes, ODBC::Date.new(2024, 2, 29),
         ODBC::Time.new(23, 59, 59), ODBC::TimeStamp.new(2024, 2, 29, 12, 34, 56, 789_012_000)],
        [nil] * 10,
        [-2**31, (-2**63).to_s, '-0.0001', -1e300, 0, '', '', ODBC::Date.new(1, 1, 1), ODBC::Time.new(0, 0, 0),
         ODBC::TimeStamp.new(1999, 12, 31, 23, 59, 59, 0)]]
insert = db.prepare('insert into rb values (?,?,?,?,?,?,?,?,?,?)')
rows.each do |row|
  insert.execute(*row)
  is(insert.nrows, 1, 'one row')
end
insert.drop
got = all(db, 'select * from rb')
is(got.map { |row| row[1] }, [2**63 - 1, nil, -2**63], 'large integers')
is(got.map { |row| row[0, 1] + [row[1]&.to_s] + row[2..] }, rows, 'read back equal')
is(all(db, 'select i from rb where t = ? and d = ?', text, ODBC::Date.new(2024, 2, 29)), [[1]], 'found by parameters')
statement = db.run('select * from rb')
is(statement.columns(true).map { |c| [c.name, c.type, c.scale] }[0, 6],
   [['i', 4, 0], ['b', -5, 0], ['n', 2, 4], ['x', 8, 0], ['f', -7, 0], ['t', 12, 0]], 'columns of a result')
statement.drop

long = "0123456789ä#{wide ? '東' : '😀'}" * 70_000
db.do('create temp table rb_long (t text)')
db.do('insert into rb_long values (?)', long)
is(all(db, 'select t from rb_long'), [[long]], 'a megabyte of text')

a = db.run('select i from generate_series(1, 3000) i')
b = db.run('select i * 2 from generate_series(1, ?) i', 3000)
sum = 0
while (one = a.fetch)
  sum += b.fetch[0] - one[0]
end
is([sum, b.fetch], [4_501_500, nil], 'two results to their ends, in turns')
[a, b].each(&:drop)

{ 'selec 1' => "#{wide ? '42000' : '37000'} (0) [Redshift][ODBC Driver][Server]syntax error at or near \"selec\"",
  'select * from no_such_table' => "#{wide ? '42S02' : 'S0002'} (0) [Redshift][ODBC Driver][Server]relation \"no_such_table\"",
  'select 1/0' => '22012 (0) [Redshift][ODBC Driver]',
  'insert into demo_sales (sale_id) values (1)' => '23000 (0) [Redshift][ODBC Driver]' }.each do |sql, want|
  is(refused { all(db, sql) }[0, want.length], want, sql)
end
db.autocommit = false
db.do('delete from rb')
db.rollback
is(all(db, 'select count(*) from rb'), [[3]], 'rolled back')
db.autocommit = true

is(db.tables('demo_sales').fetch_all.map { |row| row[1..3] }, [%w[public demo_sales TABLE]], 'tables')
is(db.columns('demo_sales').fetch_all.map { |row| row[3] }, %w[sale_id customer amount sold_on sold_at paid], 'columns')
is(db.types(4).fetch_all[0][0], 'int4', 'types')
is(db.primary_keys('demo_sales').fetch_all.map { |row| row[3] }, %w[sale_id], 'a primary key')
is(db.foreign_keys(nil, 'regions').fetch_all.map { |row| [row[2], row[7]] }, [%w[regions parent_id]], 'a foreign key')
db.drop_all
db.disconnect

is(refused { connect('PWD' => 'wrong') },
   '28000 (0) [Redshift][ODBC Driver][Server]password authentication failed for user "rs_test"' + ENV.fetch('RS_TEST_REFUSAL', ' [SQLSTATE 28P01]'), 'a wrong password')
want = "08001 (0) [Redshift][ODBC Driver]the certificate of \"#{ENV['RS_PG_HOST']}\" could not be verified"
is(refused { connect('CaFile' => ENV['RS_OTHER_CA_FILE']) }[0, want.length], want, 'a wrong CA')
exit $failed

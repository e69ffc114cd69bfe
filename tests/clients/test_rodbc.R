# RODBC over TLS: data frames there and back, long text, errors, rollback, metadata.
# What it cannot do with any driver: show more than 65534 bytes of a text, since it binds no more;
# take the last byte of one that fills a column wider than 255, since it binds the column's size
# without a terminator; arrays of parameters (sqlSave sends prepared rows one by one), and text as a
# parameter that is longer than the column's size, where sign and point of a number do not count; keep
# numbers beyond a double other than as text (as.is).
if (!suppressWarnings(require("RODBC", quietly = TRUE))) {
    cat("r-cran-rodbc is not installed\n")
    quit(status = 77)
}
e <- Sys.getenv
if (e("RS_PG_PORT") == "") {
    cat("the sandbox is not up (RS_PG_PORT)\n")
    quit(status = 77)
}
failed <- 0
is <- function(got, want, what) {
    if (identical(got, want)) {
        cat("ok:", what, "\n")
    } else {
        failed <<- 1
        cat("FAILED:", what, ":", substr(deparse1(got), 1, 300), "instead of", substr(deparse1(want), 1, 300), "\n")
    }
}
has <- function(text, part, what) is(grepl(part, paste(text, collapse = "\n"), fixed = TRUE), TRUE, what)

keys <- function(password = paste0("{", gsub("}", "}}", e("RS_PG_PASSWORD"), fixed = TRUE), "}"), ca = e("RS_CA_FILE"))
    paste0("Driver={Redshift ODBC};Server=", e("RS_PG_HOST"), ";Port=", e("RS_PG_PORT"), ";Database=",
           e("RS_PG_DATABASE"), ";UID=", e("RS_PG_USER"), ";PWD=", password, ";SSLMode=verify-full;CaFile=", ca,
           ";", e("RS_TEST_KEYS"))

# The warnings that the user sees of a connection that fails.
refused <- function(...) {
    said <- character()
    got <- withCallingHandlers(odbcDriverConnect(keys(...)), warning = function(w) {
        said <<- c(said, conditionMessage(w))
        invokeRestart("muffleWarning")
    })
    c(said, class(got))
}

db <- odbcDriverConnect(keys())
is(class(db), "RODBC", "connected")
is(unname(odbcGetInfo(db)["DBMS_Name"]), Sys.getenv("RS_TEST_DBMS", "PostgreSQL"), "the server")

types <- c(i = "int", b = "bigint", n = "numeric(18,4)", x = "float8", f = "boolean", t = "varchar(200)", d = "date",
           h = "time", ts = "timestamp")
frame <- data.frame(i = c(1L, NA, -2147483647L), b = c("9223372036854775807", NA, "-922337203685477580"),
                    n = c("-123456789012.3456", NA, "-0.0001"), x = c(0.1, NA, -1e300), f = c(1L, NA, 0L),
                    t = c("Zo\u00eb \u6771\u4eac \U1F600", NA, "quote ' \" back \\ ? {fn x}"),
                    d = c("2024-02-29", NA, "0001-01-01"), h = c("23:59:59", NA, "00:00:00"),
                    ts = c("2024-02-29 12:34:56.789012", NA, "1999-12-31 23:59:59"), stringsAsFactors = FALSE)
is(sqlSave(db, frame, "public.r_frame", rownames = FALSE, varTypes = types, test = FALSE), 1L, "a frame sent")
got <- sqlQuery(db, "select * from r_frame", as.is = TRUE, stringsAsFactors = FALSE)
# A bit is text with as.is.
got$f <- as.integer(got$f)
is(got, frame, "read back equal")
changed <- data.frame(i = 1L, t = "changed", stringsAsFactors = FALSE)
is(sqlUpdate(db, changed, "r_frame", index = "i"), 1L, "a row changed")
is(sqlQuery(db, "select t from r_frame where i = 1", as.is = TRUE)$t, "changed", "it is")
typed <- sqlQuery(db, "select d, ts, n, x from r_frame where i = 1", stringsAsFactors = FALSE)
is(unname(sapply(typed, function(column) class(column)[1])), c("Date", "POSIXct", "numeric", "numeric"), "R's types")
sqlDrop(db, "r_frame")
is(sqlTables(db, tableName = "r_frame")$TABLE_NAME, character(), "dropped")

bytes <- sqlQuery(db, "select decode('0001ff27', 'hex') as b")
is(as.integer(bytes$b[[1]]), c(0L, 1L, 255L, 39L), "bytes")
invisible(odbcQuery(db, "create temp table r_long (t varchar(2000000))"))
long <- strrep("0123456789", 100000)
is(odbcQuery(db, paste0("insert into r_long values ('", long, "')")), 1L, "a megabyte of text sent")
long_back <- sqlQuery(db, "select length(t) as n, t, md5(t) as m from r_long", as.is = TRUE, stringsAsFactors = FALSE)
is(long_back$n, 1000000L, "it has arrived")
is(long_back$t, substr(long, 1, 65534), "what RODBC shows of it")

many <- data.frame(i = 1:2000, t = paste("row", 1:2000), stringsAsFactors = FALSE)
invisible(odbcQuery(db, "create temp table r_many (i int, t varchar(40))"))
is(sqlSave(db, many, "r_many", append = TRUE, rownames = FALSE), 1L, "two thousand rows")
is(sqlQuery(db, "select * from r_many order by i", as.is = TRUE, stringsAsFactors = FALSE), many, "read back equal")
invisible(odbcQuery(db, "select i from r_many order by i"))
is(sqlGetResults(db, max = 3)$i, 1:3, "the first rows")
is(sqlGetResults(db)$i, 4:2000, "the others")

has(sqlQuery(db, "selec 1"), "42000 0 [Redshift][ODBC Driver][Server]syntax error at or near \"selec\"", "a syntax error")
has(sqlQuery(db, "select * from no_such_table"), "42S02 0 [Redshift]", "no such table")
has(sqlQuery(db, "select 1/0"), "22012 0 [Redshift]", "a division by zero")
invisible(odbcSetAutoCommit(db, FALSE))
invisible(odbcQuery(db, "delete from r_many"))
is(odbcEndTran(db, FALSE), 0L, "a rollback")
invisible(odbcSetAutoCommit(db, TRUE))
is(sqlQuery(db, "select cast(count(*) as int) as n from r_many")$n, 2000L, "rolled back")

is(sqlTables(db, schema = "public", tableName = "demo%")$TABLE_NAME, c("demo_sales", "demo_paid"), "tables")
is(sqlColumns(db, "demo_sales", schema = "public")$COLUMN_NAME,
   c("sale_id", "customer", "amount", "sold_on", "sold_at", "paid"), "columns")
is(sqlPrimaryKeys(db, "demo_sales")[c("COLUMN_NAME", "KEY_SEQ")], data.frame(COLUMN_NAME = "sale_id", KEY_SEQ = 1L), "a key")
is(sqlTypeInfo(db, "integer")$TYPE_NAME[1], "int4", "types")
odbcClose(db)

said <- refused(password = "wrong")
has(said, paste("[RODBC] ERROR: state 28000, code 0, message [Redshift][ODBC Driver][Server]password authentication",
                paste0("failed for user \"rs_test\"", Sys.getenv("RS_TEST_REFUSAL", " [SQLSTATE 28P01]"))), "a wrong password")
said <- refused(ca = e("RS_OTHER_CA_FILE"))
has(said, paste0("[RODBC] ERROR: state 08001, code 0, message [Redshift][ODBC Driver]the certificate of \"",
                 e("RS_PG_HOST"), "\" could not be verified"), "a wrong CA")
quit(status = failed)

/*
 * Bad input, one row each: what is given, which SQLSTATE comes, which words; afterwards the same
 * handle connects with good input. No row may hang: an alarm ends the program.
 */
#define _GNU_SOURCE
#include "iamtest.h"

#include <sys/stat.h>
#include <unistd.h>

enum { USUAL_LIMIT_MS = 12000, HANG_S = 60 };

/* What stands behind the keys of a row; of a repeated key the first wins. */
#define STANDARD                                                                                   \
    "Server=localhost;Port=$RS_REDSHIFT_PORT;Database=dev;UID=$RS_REDSHIFT_USER;"                  \
    "PWD=$RS_REDSHIFT_PASSWORD;CaFile=$RS_CA_FILE"
#define NO_KEYS                                                                                    \
    "EndpointUrl=$RS_AWS_URL;CaFile=$RS_CA_FILE;ClusterID=$RS_CLUSTER_ID;Region=$RS_REGION;"       \
    "Database=dev;DbUser=$RS_DB_USER;AutoCreate=1"
#define KEYS      NO_KEYS ";AccessKeyID=$RS_AWS_ACCESS_KEY_ID;SecretAccessKey=$RS_AWS_SECRET_ACCESS_KEY"
#define TO_SERVER "Server=localhost;Port=$RS_REDSHIFT_PORT;" KEYS

/* What else a row does. */
enum {
    ONCE = 1,     /* one way of connecting is enough: it takes its time */
    NO_DSN = 2,   /* cannot be said in a data source */
    DIRECT = 4,   /* the driver manager answers itself */
    USER = 8,     /* needs a user who is not root */
    IAM_NEXT = 16 /* the good connect afterwards is an IAM one */
};

static const struct row {
    const char *keys, *behind, *env; /* env: NAME=template pairs, divided by commas */
    const char *state;               /* NULL: connects without a word, 01xxx: with one */
    const char *says;                /* one of these, divided by bars */
    int flags;
    long limit_ms;
} rows[] = {
    /* ---- the connection string itself ---- */
    { "PWD={abc", "", "", "HY000", "lacks its closing brace", NO_DSN | DIRECT, 0 },
    { "PWD={abc}d;", STANDARD, "", "HY000", "text follows the closing brace", NO_DSN | DIRECT, 0 },
    { "PWD={a}}b", "", "", "HY000", "lacks its closing brace", NO_DSN | DIRECT, 0 },
    { "nonsense;", STANDARD, "", "01S00", "is not key=value", NO_DSN, 0 },
    { "=nonsense;", STANDARD, "", "01S00", "is not key=value", NO_DSN, 0 },
    { ";;;", STANDARD, "", NULL, NULL, NO_DSN, 0 },
    { "NoSuchKey=1;", STANDARD, "", "01S00", "unknown connection key \"NoSuchKey\"", 0, 0 },
    { "NoSuchKey=1;", KEYS, "", "01S00", "unknown connection key \"NoSuchKey\"", IAM_NEXT, 0 },
    { "Unkn\xC3\xB6wn=\xC3\xA4;", STANDARD, "", "01S00", "unknown connection key", NO_DSN, 0 },
    { "jdbc:redshift:iam://x:y:z/dev", "", "", "HY000", "Region \"y:z\" is not a region name",
      NO_DSN | DIRECT, 0 },
    { "jdbc:postgresql://x/dev", "", "", "HY000", "Url cannot be read", NO_DSN | DIRECT, 0 },

    /* ---- missing keys ---- */
    { "Port=1", "", "", "28000", "Server, Database and UID are required", 0, 0 },
    { "Server=localhost;UID=x", "", "", "28000", "Database is required", 0, 0 },
    { "AccessKeyID=AKIAX", "", "", "28000",
      "Server (or ClusterID and Region), Database, SecretAccessKey and DbUser are required", 0, 0 },
    { "SecretAccessKey=;", KEYS, "", "28000", "SecretAccessKey is required with AccessKeyID", 0,
      0 },
    { "AccessKeyID=;", KEYS, "", "28000", "AccessKeyID is required with SecretAccessKey", 0, 0 },
    { "DbUser=;", KEYS, "", "28000", "DbUser is required", 0, 0 },
    { "Database=;", KEYS, "", "28000", "Database is required", 0, 0 },
    { "ClusterID=;", KEYS, "", "28000", "Server, or ClusterID and Region, is required", 0, 0 },
    { "SessionToken=abcd;AccessKeyID=;SecretAccessKey=;", KEYS, "", "28000", "AccessKeyID", 0, 0 },
    { "AuthProfile=x;Region=;", KEYS, "", "28000", "AuthProfile needs", 0, 0 },

    /* ---- bad values ---- */
    { "IAM=maybe;", KEYS, "", "HY000", "IAM: \"maybe\" is not a boolean", 0, 0 },
    { "AutoCreate=2;", KEYS, "", "HY000", "AutoCreate: \"2\" is not a boolean", 0, 0 },
    { "Port=0;", STANDARD, "", "HY000", "Port must be between 1 and 65535", 0, 0 },
    { "Port=65536;", STANDARD, "", "HY000", "Port must be between 1 and 65535", 0, 0 },
    { "Port=54x;", STANDARD, "", "HY000", "Port must be between", 0, 0 },
    { "Port=99999999999999999999;", STANDARD, "", "HY000", "Port must be between", 0, 0 },
    { "LoginTimeout=-1;", STANDARD, "", "HY000", "LoginTimeout must be between 0", 0, 0 },
    { "IAMDuration=899;", KEYS, "", "HY000", "IAMDuration must be between 900 and 3600", 0, 0 },
    { "IAMDuration=3601;", KEYS, "", "HY000", "IAMDuration must be between 900 and 3600", 0, 0 },
    { "SSLMode=strong;", STANDARD, "", "HY000", "SSLMode \"strong\" is not known", 0, 0 },
    { "Region=us_west;", KEYS, "", "HY000", "Region \"us_west\" is not a region name", 0, 0 },
    { "Region=evil.example.com/;", KEYS, "", "HY000", "is not a region name", 0, 0 },
    { "ClusterID=a.b;", KEYS, "", "HY000", "ClusterID \"a.b\" is not a cluster id", 0, 0 },
    { "EndpointUrl=http://example.com/;", KEYS, "", "HY000", "EndpointUrl must be an https URL", 0,
      0 },
    { "EndpointUrl=https://;", KEYS, "", "HY000", "EndpointUrl must be an https URL", 0, 0 },
    { "EndpointUrl=https://user:word@localhost/;", KEYS, "", "HY000", "EndpointUrl", 0, 0 },
    { "EndpointUrl=https://localhost:99999/;", KEYS, "", "HY000", "EndpointUrl", 0, 0 },
    { "Opener=mine;", STANDARD, "", "HY000", "Opener \"mine\" is not known", 0, 0 },
    { "CaFile=~/none.pem;", STANDARD, "", "08001", "there is no file", 0, 0 },
    { "CaFile=~;", STANDARD, "", "HY000", "", 0, 0 },
    { "CaFile=~/nonsense.pem;", STANDARD, "", "08001", "CaFile", 0, 0 },
    { "CaFile=~/nonsense.pem;", KEYS, "", "08001", "CaFile", 0, 0 },

    /* ---- who signs in ---- */
    { "Profile=user2;", KEYS, "", "28000", "Profile and AccessKeyID cannot be used together", 0,
      0 },
    { "plugin_name=Okta;", KEYS, "", "28000", "cannot be used together", 0, 0 },
    { "plugin_name=Okta;Profile=user2;", NO_KEYS, "", "28000", "cannot be used together", 0, 0 },
    { "AuthType=Magic;", KEYS, "", "HY000", "AuthType \"Magic\" is not known; it is one of", 0, 0 },
    { "AuthType=Plugin;", NO_KEYS, "", "28000", "plugin_name is required", 0, 0 },
    { "AuthType=Identity Provider: Okta;plugin_name=ADFS;", NO_KEYS, "", "HY000",
      "AuthType and plugin_name contradict each other", 0, 0 },
    { "IAM=1;", NO_KEYS, "", NULL, NULL, 0, 0 },
    { "IAM=1;", NO_KEYS, "AWS_ACCESS_KEY_ID=AKIANOBODY,AWS_SECRET_ACCESS_KEY=x", "28000",
      "InvalidClientTokenId", 0, 0 },
    { "IAM=1;", NO_KEYS, "AWS_SHARED_CREDENTIALS_FILE=~/none,AWS_CONFIG_FILE=~/none", "28000",
      "no AWS credentials found (environment: AWS_ACCESS_KEY_ID is not set; ", 0, 0 },
    { "IAM=1;", NO_KEYS, "AWS_PROFILE=nobody", "28000", "AWS profile \"nobody\" not found", 0, 0 },
    { "InstanceProfile=1;", NO_KEYS, "AWS_EC2_METADATA_DISABLED=true", "28000",
      "AWS_EC2_METADATA_DISABLED", 0, 0 },
    { "plugin_name=Okta;", NO_KEYS, "", "28000", "required for plugin Okta", 0, 0 },
    { "plugin_name=Nobody;", NO_KEYS, "", "HY000", "not supported", 0, 0 },
    { "SSLMode=disable;", KEYS, "", "HY000", "needs SSLMode require, verify-ca or verify-full", 0,
      0 },
    { "SSLMode=allow;", KEYS, "", "HY000", "needs SSLMode require", 0, 0 },
    { "SSLMode=prefer;", KEYS, "", "HY000", "needs SSLMode require", 0, 0 },
    { "EncryptionMethod=0;", KEYS, "", "HY000", "needs SSLMode require", 0, 0 },
    { "Server=work.123456789012.us-west-2.redshift-serverless.amazonaws.com;", KEYS, "", "08001",
      "GetCredentials: ResourceNotFoundException", 0, 0 },
    { "AuthProfile=nobody;", KEYS, "", "28000", "check AuthProfile and Region", 0, 0 },
    { "PWD=unneeded;", KEYS, "", "01S00", "PWD is ignored", IAM_NEXT, 0 },

    /* ---- AWS files ---- */
    { "Profile=nobody;", NO_KEYS, "", "28000", "AWS profile \"nobody\" not found", 0, 0 },
    { "Profile=empty;", NO_KEYS, "AWS_CONFIG_FILE=~/config", "28000",
      "AWS profile \"empty\" contains no credentials", 0, 0 },
    { "Profile=half;", NO_KEYS, "AWS_CONFIG_FILE=~/config", "28000",
      "AWS profile \"half\" has no aws_secret_access_key", 0, 0 },
    { "Profile=process;", NO_KEYS, "AWS_CONFIG_FILE=~/config", "28000",
      "credential_process of AWS profile \"process\" failed: what it printed cannot be used", 0,
      0 },
    { "Profile=role;", NO_KEYS, "AWS_CONFIG_FILE=~/config", "28000",
      "AWS profile \"half\" has no aws_secret_access_key", 0, 0 },
    { "Profile=user2;", NO_KEYS, "AWS_CONFIG_FILE=~/broken", "HY000", "/broken\", line 3: ", 0, 0 },
    { "Profile=user2;", NO_KEYS, "AWS_SHARED_CREDENTIALS_FILE=~/open", "HY000",
      "/open\", line 1: ", 0, 0 },
    { "Profile=user2;", NO_KEYS, "AWS_SHARED_CREDENTIALS_FILE=~", "HY000", "", 0, 0 },
    { "Profile=user2;", NO_KEYS, "AWS_SHARED_CREDENTIALS_FILE=~/locked", "HY000", "/locked", USER,
      0 },
    { "Profile=user2;", NO_KEYS, "AWS_SHARED_CREDENTIALS_FILE=~/none,AWS_CONFIG_FILE=~/none",
      "28000", "AWS profile \"user2\" not found", 0, 0 },
    { "Profile=user2;", NO_KEYS, "", NULL, NULL, IAM_NEXT, 0 },
    { "Profile=temp;", NO_KEYS, "", NULL, NULL, 0, 0 },
    { "AuthType=Profile;Profile=expired;", NO_KEYS, "", "28000", "expired", 0, 0 },

    /* ---- keys AWS refuses ---- */
    { "AccessKeyID=$RS_AWS_EXPIRED_ACCESS_KEY_ID;"
      "SecretAccessKey=$RS_AWS_EXPIRED_SECRET_ACCESS_KEY;"
      "SessionToken=$RS_AWS_EXPIRED_SESSION_TOKEN;",
      KEYS, "", "28000", "temporary credentials have expired", IAM_NEXT, 0 },
    { "AccessKeyID=$RS_AWS_TEMP_ACCESS_KEY_ID;SecretAccessKey=$RS_AWS_TEMP_SECRET_ACCESS_KEY;",
      KEYS, "", "28000", "session token of temporary keys is missing", IAM_NEXT, 0 },
    { "AccessKeyID=$RS_AWS_TEMP_ACCESS_KEY_ID;SecretAccessKey=$RS_AWS_TEMP_SECRET_ACCESS_KEY;"
      "SessionToken=$RS_AWS_TEMP_SESSION_TOKEN;",
      KEYS, "", NULL, NULL, IAM_NEXT, 0 },
    { "SecretAccessKey=not/the+secret;", KEYS, "", "28000", "SignatureDoesNotMatch", IAM_NEXT, 0 },
    { "AccessKeyID=AKIA\rX;", KEYS, "", "HY000", "contains a line end", 0, 0 },
    { "AccessKeyID=AKIANOTTHEREEXAMPLE0;", KEYS, "", "28000", "access key id is unknown", IAM_NEXT,
      0 },
    { "AccessKeyID=$RS_AWS_NODESCRIBE_ACCESS_KEY_ID;"
      "SecretAccessKey=$RS_AWS_NODESCRIBE_SECRET_ACCESS_KEY;",
      KEYS, "", "28000", "give Server and Port", IAM_NEXT, 0 },
    { "AccessKeyID=$RS_AWS_NODESCRIBE_ACCESS_KEY_ID;"
      "SecretAccessKey=$RS_AWS_NODESCRIBE_SECRET_ACCESS_KEY;",
      TO_SERVER, "", NULL, NULL, 0, 0 },
    { "AccessKeyID=$RS_AWS_NOCREDS_ACCESS_KEY_ID;"
      "SecretAccessKey=$RS_AWS_NOCREDS_SECRET_ACCESS_KEY;",
      TO_SERVER, "", "28000", "GetClusterCredentials: AccessDenied", IAM_NEXT, 0 },
    { "AccessKeyID=$RS_AWS_NOCREATE_ACCESS_KEY_ID;"
      "SecretAccessKey=$RS_AWS_NOCREATE_SECRET_ACCESS_KEY;",
      TO_SERVER, "", "28000", "CreateClusterUser", 0, 0 },

    /* ---- clusters and endpoints ---- */
    { "ClusterID=nosuchcluster;", KEYS, "", "08001", "check ClusterID and Region", IAM_NEXT, 0 },
    { "ClusterID=creating;", KEYS, "", "08001", "no endpoint yet", 0, 0 },
    { "ClusterID=wrongport;", KEYS, "", "08001", "could not connect", 0, 0 },
    { "EndpointUrl=https://localhost:%/;", KEYS, "", "08001", "could not reach the server", ONCE,
      0 },
    { "EndpointUrl=https://nowhere.invalid/;", KEYS, "", "08001", "could not reach the server",
      ONCE, 20000 },
    { "EndpointUrl=$RS_AWS_WRONGHOST_URL;", KEYS, "", "08001", "certificate was not accepted", 0,
      0 },
    { "EndpointUrl=$RS_AWS_UNKNOWNCA_URL;", KEYS, "", "08001", "CaFile names the authorities", 0,
      0 },
    { "EndpointUrl=$RS_AWS_EXPIRED_URL;", KEYS, "", "08001", "expired", 0, 0 },
    { "EndpointUrl=@close;", KEYS, "", "08001", "no answer from the server", ONCE, 0 },
    { "EndpointUrl=@cut;", KEYS, "", "08001", "no answer from the server", ONCE, 0 },
    { "EndpointUrl=@truncatedxml;", KEYS, "", "HY000", "the answer cannot be used", IAM_NEXT, 0 },
    { "EndpointUrl=@oversized;", KEYS, "", "HY000", "larger than 1048576 bytes", IAM_NEXT, 0 },
    { "EndpointUrl=@oversizedchunked;", KEYS, "", "HY000", "larger than 1048576 bytes", 0, 0 },
    { "EndpointUrl=@nonxml;", KEYS, "", "HY000", "the answer cannot be used", 0, 0 },
    { "EndpointUrl=@nonxml403;", KEYS, "", "28000", "HTTP403", 0, 0 },
    { "EndpointUrl=@emptybody;", KEYS, "", "HY000", "empty", 0, 0 },
    { "EndpointUrl=@xmlbomb;", KEYS, "", "HY000", "document type", 0, 0 },
    { "EndpointUrl=@redirect;", KEYS, "", "HY000", "a redirect, which is not followed", 0, 0 },
    { "EndpointUrl=@badport;", KEYS, "", "HY000", "Address and Port", 0, 0 },
    { "EndpointUrl=@nopassword;", TO_SERVER, "", "HY000", "no user or no password", IAM_NEXT, 0 },
    { "EndpointUrl=@longpassword-32767;", TO_SERVER, "", NULL, NULL, IAM_NEXT, 0 },
    { "EndpointUrl=@throttle-2;", TO_SERVER, "", NULL, NULL, ONCE, 0 },
    { "EndpointUrl=@throttle-1;", KEYS, "", NULL, NULL, ONCE, 0 },
    { "EndpointUrl=@throttle-99;", TO_SERVER, "", "HY000", "3 attempts", ONCE | IAM_NEXT, 0 },
    { "EndpointUrl=@error500-1;", TO_SERVER, "", NULL, NULL, ONCE, 0 },
    { "EndpointUrl=@error500-99;", KEYS, "", "HY000", "HTTP 500", ONCE, 0 },
    { "EndpointUrl=@error503-99;", KEYS, "", "HY000", "HTTP 503", ONCE, 0 },
    { "EndpointUrl=@error-InvalidParameterValue-400;", KEYS, "", "HY000", "InvalidParameterValue",
      0, 0 },
    /* The answer would come after the row's limit. */
    { "EndpointUrl=@stall-60;LoginTimeout=1;", KEYS, "", "HYT00", "DescribeClusters", ONCE, 0 },
    { "EndpointUrl=@stall-60;LoginTimeout=1;", TO_SERVER, "", "HYT00", "GetClusterCredentials",
      ONCE, 0 },
    { "EndpointUrl=@stall-60;StsConnectionTimeout=1;LoginTimeout=30;", TO_SERVER, "", "08001",
      "within 1 s, 3 attempts", ONCE, 40000 },
    /* The pause asked for, of which more than five seconds are granted, would outlast the login. */
    { "EndpointUrl=@throttleafter-60;LoginTimeout=5;", TO_SERVER, "", "HY000",
      "Throttling: Rate exceeded (HTTP 400", ONCE, 0 },
    { "EndpointUrl=@skewdate;", TO_SERVER, "", NULL, NULL, IAM_NEXT, 0 },
    { "EndpointUrl=@skewsig;", TO_SERVER, "", NULL, NULL, IAM_NEXT, 0 },
    { "EndpointUrl=@expiredcreds;", TO_SERVER, "", "28000", "password authentication failed",
      IAM_NEXT, 0 },

    /* ---- the server says no ---- */
    { "DbUser=nosuchuser;AutoCreate=0;", KEYS, "", "28000", "does not exist", IAM_NEXT, 0 },
    { "DbUser=$RS_DB_EXISTING_USER;AutoCreate=0;", KEYS, "", NULL, NULL, IAM_NEXT, 0 },
    { "DbGroups=nosuchgroup;", KEYS, "", "08004", "group \"nosuchgroup\" does not exist", IAM_NEXT,
      0 },
    { "UID=IAM:existing_user;PWD=used-up;", STANDARD, "", "28000", "password authentication failed",
      0, 0 },
    { "PWD=wrong;", STANDARD, "", "28000", "password authentication failed", 0, 0 },
    { "PWD=;", STANDARD, "", "28000", "PWD is not set", 0, 0 },
    { "UID=nosuchuser;", STANDARD, "", "28000", "password authentication failed", 0, 0 },
    { "Database=nosuchdb;", STANDARD, "", "08004", "nosuchdb", 0, 0 },
    { "UID=$RS_REDSHIFT_LIMITED_USER;PWD=$RS_REDSHIFT_LIMITED_PASSWORD;", STANDARD, "", "08004",
      "too many connections", 0, 0 },
    { "UID=$RS_REDSHIFT_SCRYPT_USER;PWD=$RS_REDSHIFT_SCRYPT_PASSWORD;", STANDARD, "", "28000",
      "digest algorithm 1", 0, 0 },
    { "UID=$RS_REDSHIFT_DIGEST_USER;PWD=$RS_REDSHIFT_DIGEST_PASSWORD;", STANDARD, "", NULL, NULL, 0,
      0 },
    { "Opener=libpq;UID=$RS_REDSHIFT_DIGEST_USER;PWD=$RS_REDSHIFT_DIGEST_PASSWORD;", STANDARD, "",
      "28000", "Opener=auto", 0, 0 },
    { "UID=$RS_REDSHIFT_MD5_USER;PWD=$RS_REDSHIFT_MD5_PASSWORD;", STANDARD, "", NULL, NULL, 0, 0 },
    { "InitializationString=SELECT nonsense;", STANDARD, "", "42S22", "nonsense", 0, 0 },
    { "InitializationString=SELECT nonsense;", KEYS, "", "42S22", "nonsense", IAM_NEXT, 0 },

    /* ---- TLS ---- */
    { "Port=$RS_REDSHIFT_NOTLS_PORT;", STANDARD, "", "08001", "SSLMode=disable connects without", 0,
      0 },
    { "ClusterID=notls;", KEYS, "", "08001", "does not use TLS, which temporary credentials", 0,
      0 },
    { "Port=$RS_REDSHIFT_NOTLS_PORT;", TO_SERVER, "", "08001", "does not use TLS", 0, 0 },
    { "Port=$RS_REDSHIFT_WRONGHOST_PORT;", STANDARD, "", "08001", "set SSLMode=verify-ca", 0, 0 },
    { "Port=$RS_REDSHIFT_WRONGHOST_PORT;SSLMode=verify-ca;", STANDARD, "", NULL, NULL, 0, 0 },
    { "Port=$RS_REDSHIFT_EXPIRED_PORT;", STANDARD, "", "08001", "expired", 0, 0 },
    { "Port=$RS_REDSHIFT_UNKNOWNCA_PORT;", STANDARD, "", "08001", "CaFile must name", 0, 0 },
    { "Port=$RS_REDSHIFT_UNKNOWNCA_PORT;SSLMode=require;", STANDARD, "", "08001", "CaFile", 0, 0 },
    { "Port=$RS_REDSHIFT_UNKNOWNCA_PORT;CaFile=$RS_OTHER_CA_FILE;", STANDARD, "", NULL, NULL, 0,
      0 },
    { "ClusterID=wronghost;", KEYS, "", "08001", "other.example.com", IAM_NEXT, 0 },
    { "ClusterID=expired;", KEYS, "", "08001", "expired", IAM_NEXT, 0 },
    { "ClusterID=unknownca;", KEYS, "", "08001", "CaFile must name", IAM_NEXT, 0 },

    /* ---- the server goes away ---- */
    { "Port=%;", STANDARD, "", "08001", "could not connect", 0, 0 },
    { "Server=nowhere.invalid;", STANDARD, "", "08001", "nowhere.invalid", ONCE, 20000 },
    { "ApplicationName=rs-fault: before-auth=close;", STANDARD, "", "08001", "", 0, 0 },
    { "ApplicationName=rs-fault: before-auth=reset;", STANDARD, "", "08001", "", 0, 0 },
    { "ApplicationName=rs-fault: before-auth=close;", KEYS, "", "08001", "", IAM_NEXT, 0 },
    { "ApplicationName=rs-fault: after-statuses=close;", STANDARD, "", "08001", "", 0, 0 },
    { "ApplicationName=rs-fault: after-statuses=reset;", KEYS, "", "08001", "", 0, 0 },
    { "ApplicationName=rs-fault: before-auth=garbage;LoginTimeout=2;", STANDARD, "", "08001", "",
      ONCE, 4000 },
    { "ApplicationName=rs-fault: after-statuses=garbage;LoginTimeout=2;", STANDARD, "", "08001", "",
      ONCE, 4000 },
    { "ApplicationName=rs-fault: before-auth=error=57P03:starting up;", STANDARD, "", "08001",
      "starting up", 0, 0 },
    { "ApplicationName=rs-fault: before-auth=error=53300:sorry;", STANDARD, "", "08004", "sorry", 0,
      0 },
    { "ApplicationName=rs-fault: before-auth=hang;LoginTimeout=1;", STANDARD, "", "HYT00",
      "login timeout", ONCE, 0 },
    { "ApplicationName=rs-fault: after-statuses=hang;LoginTimeout=1;", STANDARD, "", "HYT00",
      "login timeout", ONCE, 0 },
    { "ApplicationName=rs-fault: before-auth=hang;LoginTimeout=2;", KEYS, "", "HYT00",
      "login timeout", ONCE | IAM_NEXT, 0 },
    { "ApplicationName=rs-fault: before-auth=byte;", STANDARD, "", NULL, NULL, ONCE, 0 },
    { "ApplicationName=rs-fault: before-auth=slow=300;LoginTimeout=5;", STANDARD, "", NULL, NULL,
      ONCE, 0 },

    /* ---- the environment against keys ---- */
    { "", KEYS,
      "AWS_ACCESS_KEY_ID=AKIANONSENSE,AWS_SECRET_ACCESS_KEY=nonsense,AWS_SESSION_TOKEN=nonsense,"
      "AWS_PROFILE=nonsense,AWS_REGION=mars-north-1,AWS_DEFAULT_REGION=x "
      "y,AWS_CONFIG_FILE=~/broken,"
      "AWS_SHARED_CREDENTIALS_FILE=~/open,AWS_ENDPOINT_URL=https://127.0.0.1:1/,AWS_ROLE_ARN=x,"
      "AWS_WEB_IDENTITY_TOKEN_FILE=/none,AWS_USE_FIPS_ENDPOINT=true,AWS_MAX_ATTEMPTS=x",
      NULL, NULL, IAM_NEXT, 0 },
    { "Profile=user2;", NO_KEYS,
      "AWS_ACCESS_KEY_ID=AKIANONSENSE,AWS_SECRET_ACCESS_KEY=nonsense,AWS_SESSION_TOKEN=nonsense,"
      "AWS_PROFILE=nonsense,AWS_DEFAULT_PROFILE=nonsense,AWS_REGION=mars-north-1",
      NULL, NULL, IAM_NEXT, 0 },
    { "Region=;", KEYS, "AWS_REGION=us_west", "HY000", "AWS_REGION \"us_west\" is not a region", 0,
      0 },
    { "Region=;", KEYS, "AWS_REGION=us-west-2", NULL, NULL, 0, 0 },
    { "", STANDARD,
      "PGHOST=nowhere.invalid,PGPORT=1,PGUSER=nobody,PGPASSWORD=nonsense,PGSSLMODE=disable,"
      "PGDATABASE=none,PGOPTIONS=-c nonsense=1,PGSSLROOTCERT=/none,PGAPPNAME=x,PGREQUIREAUTH=none",
      NULL, NULL, 0, 0 },
    { "", KEYS, "HTTPS_PROXY=http://127.0.0.1:1/,https_proxy=http://127.0.0.1:1/,ALL_PROXY=x", NULL,
      NULL, IAM_NEXT, 0 },
    { "EndpointUrl=https://localhost:%/;", KEYS, "HTTPS_PROXY=http://user:word@127.0.0.1:1/",
      "08001", "HTTPS_PROXY is set, but proxies are not taken from the environment", ONCE, 0 },
};

/* ---- the environment of a row ---- */

static void set_environment(const char *pairs, bool on)
{
    char text[I_STRING_MAX], value[I_STRING_MAX];
    char *next = text;

    snprintf(text, sizeof text, "%s", pairs);
    while (*next != '\0') {
        char *name = next, *end = strchr(next, ',');
        char *eq = strchr(name, '=');

        next = end == NULL ? name + strlen(name) : end + 1;
        if (end != NULL)
            *end = '\0';
        if (eq == NULL)
            fail_msg("environment \"%s\"", name);
        *eq = '\0';
        i_expand(value, sizeof value, eq + 1);
        if (on)
            setenv(name, value, 1);
        else
            unsetenv(name);
    }
    setenv("AWS_CONFIG_FILE",
           on && getenv("AWS_CONFIG_FILE") != NULL ? getenv("AWS_CONFIG_FILE")
                                                   : i_var("RS_AWS_CONFIG_FILE"),
           1);
    setenv("AWS_SHARED_CREDENTIALS_FILE",
           on && getenv("AWS_SHARED_CREDENTIALS_FILE") != NULL
               ? getenv("AWS_SHARED_CREDENTIALS_FILE")
               : i_var("RS_AWS_CREDENTIALS_FILE"),
           1);
}

/* ---- one row ---- */

static const char *const way_names[] = { "SQLDriverConnect", "SQLDriverConnectW", "SQLConnect" };
static unsigned failures, done_rows, connects;

static void complain(const struct row *row, enum i_way way, const char *what,
                     const struct i_outcome *got)
{
    failures++;
    print_error("%s \"%s\" [%s]: %s; rc %d after %ld ms, wanted %s \"%s\"\n%s\n", way_names[way],
                row->keys, row->env, what, (int)got->rc, got->took_ms,
                row->state == NULL ? "success" : row->state, row->says == NULL ? "" : row->says,
                got->text);
}

static bool is_good(const struct row *row)
{
    return row->state == NULL || strncmp(row->state, "01", 2) == 0;
}

/* One of the words that a bar divides. */
static bool says_one(const char *text, const char *words)
{
    char word[256];

    for (;; words++) {
        size_t n = strcspn(words, "|");

        snprintf(word, sizeof word, "%.*s", (int)n, words);
        if (strstr(text, word) != NULL)
            return true;
        words += n;
        if (*words == '\0')
            return false;
    }
}

static void check_outcome(const struct row *row, enum i_way way, const struct i_outcome *got)
{
    long limit = row->limit_ms > 0 ? row->limit_ms : USUAL_LIMIT_MS;
    SQLRETURN want = row->state == NULL ? SQL_SUCCESS
                     : is_good(row)     ? SQL_SUCCESS_WITH_INFO
                                        : SQL_ERROR;

    if (got->rc != want)
        complain(row, way, "return code", got);
    else if (row->state != NULL && strcmp(got->state, row->state) != 0)
        complain(row, way, "state", got);
    else if (row->says != NULL && !says_one(got->text, row->says))
        complain(row, way, "text", got);
    else if (got->took_ms > limit)
        complain(row, way, "too slow", got);
    if (i_leak(got->text) != NULL)
        complain(row, way, "a secret in the text", got);
}

static void connect_well(const struct row *row, enum i_way way, SQLHDBC dbc)
{
    static struct i_outcome got;
    static char string[I_STRING_MAX];
    char user[64] = "";

    i_expand(string, sizeof string,
             (row->flags & IAM_NEXT) != 0 ? "Driver={Redshift ODBC};" KEYS
                                          : "Driver={Redshift ODBC};" STANDARD);
    i_connect(dbc, I_NARROW, string, &got);
    connects++;
    if (got.rc != SQL_SUCCESS) {
        complain(row, way, "the good connect afterwards failed", &got);
        return;
    }
    i_ask(dbc, "SELECT current_user", user, sizeof user);
    if (strcmp(user,
               (row->flags & IAM_NEXT) != 0 ? i_var("RS_DB_USER") : i_var("RS_REDSHIFT_USER")) != 0)
        complain(row, way, "another user", &got);
    if (SQLDisconnect(dbc) != SQL_SUCCESS)
        complain(row, way, "no disconnect", &got);
}

static void run(const struct row *row, enum i_way way, SQLHDBC dbc)
{
    static struct i_outcome got;
    static char template[I_STRING_MAX], string[I_STRING_MAX];
    char one[8] = "";

    snprintf(template, sizeof template, "%s%s%s",
             strncmp(row->keys, "jdbc:", 5) == 0 ? "" : "Driver={Redshift ODBC};", row->keys,
             row->behind);
    i_expand(string, sizeof string, template);
    set_environment(row->env, true);
    alarm(HANG_S);
    i_connect(dbc, way, string, &got);
    connects++;
    alarm(0);
    set_environment(row->env, false);
    check_outcome(row, way, &got);
    if (SQL_SUCCEEDED(got.rc)) {
        i_ask(dbc, "SELECT 1", one, sizeof one);
        if (strcmp(one, "1") != 0 || SQLDisconnect(dbc) != SQL_SUCCESS)
            complain(row, way, "not usable", &got);
    }
    alarm(HANG_S);
    connect_well(row, way, dbc);
    alarm(0);
}

static void matrix(void **state)
{
    const char *only = getenv("RS_ROW");

    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        SQLHENV env;
        SQLHDBC dbc;

        if ((only != NULL && strstr(row->keys, only) == NULL) ||
            ((row->flags & USER) != 0 && geteuid() == 0) ||
            ((row->flags & DIRECT) != 0 && !RS_DIRECT))
            continue;
        done_rows++;
        i_alloc(&env, &dbc);
        run(row, I_NARROW, dbc);
        if ((row->flags & ONCE) == 0)
            run(row, I_WIDE, dbc);
        if ((row->flags & (ONCE | NO_DSN)) == 0 && !RS_DIRECT)
            run(row, I_DSN, dbc);
        i_free(env, dbc);
    }
    print_message("%u rows, %u connects, %u failures\n", done_rows, connects, failures);
    assert_int_equal(failures, 0);
}

/* ---- beside the table ---- */

static void gone_during_a_query(void **state)
{
    static const char *const how[] = { "row=3=close", "row=3=reset", "mid-row=2=cut=3",
                                       "before-ready=close", "before-complete=reset" };
    static struct i_outcome got;
    static char string[I_STRING_MAX];
    SQLHENV env;
    SQLHDBC dbc;

    (void)state;
    i_alloc(&env, &dbc);
    for (size_t i = 0; i < COUNT_OF(how); i++) {
        SQLUINTEGER dead = SQL_CD_FALSE;
        char sql[256];
        SQLHSTMT stmt;
        SQLRETURN rc;

        i_expand(string, sizeof string,
                 i % 2 == 0 ? "Driver={Redshift ODBC};" KEYS : "Driver={Redshift ODBC};" STANDARD);
        alarm(HANG_S);
        i_connect(dbc, I_NARROW, string, &got);
        if (got.rc != SQL_SUCCESS)
            fail_msg("%s: %s", how[i], got.text);
        assert_int_equal(SQLAllocHandle(SQL_HANDLE_STMT, dbc, &stmt), SQL_SUCCESS);
        snprintf(sql, sizeof sql, "/* rs-fault: %s */ SELECT * FROM demo_sales", how[i]);
        rc = SQLExecDirect(stmt, text_arg(sql), SQL_NTS);
        while (SQL_SUCCEEDED(rc))
            rc = SQLFetch(stmt);
        i_records(SQL_HANDLE_STMT, stmt, &got);
        if (rc == SQL_NO_DATA) { /* all of the answer was there: the next call meets the end */
            SQLFreeStmt(stmt, SQL_CLOSE);
            rc = SQLExecDirect(stmt, text_arg("SELECT 1"), SQL_NTS);
            i_records(SQL_HANDLE_STMT, stmt, &got);
        }
        if (rc != SQL_ERROR || strcmp(got.state, "08S01") != 0)
            fail_msg("%s: rc %d %s", how[i], (int)rc, got.text);
        SQLFreeHandle(SQL_HANDLE_STMT, stmt);
        assert_true(SQL_SUCCEEDED(
            SQLGetConnectAttr(dbc, SQL_ATTR_CONNECTION_DEAD, &dead, sizeof dead, NULL)));
        assert_int_equal(dead, SQL_CD_TRUE);
        assert_true(SQL_SUCCEEDED(SQLDisconnect(dbc)));
        alarm(0);
    }
    i_free(env, dbc);
}

/* SQL_ATTR_LOGIN_TIMEOUT beats the key. */
static void login_timeout_attribute(void **state)
{
    static struct i_outcome got;
    static char string[I_STRING_MAX];
    SQLHENV env;
    SQLHDBC dbc;

    (void)state;
    i_alloc(&env, &dbc);
    assert_true(
        SQL_SUCCEEDED(SQLSetConnectAttr(dbc, SQL_ATTR_LOGIN_TIMEOUT, (SQLPOINTER)(uintptr_t)1, 0)));
    i_expand(string, sizeof string,
             "Driver={Redshift ODBC};EndpointUrl=@stall-60;LoginTimeout=30;" KEYS);
    alarm(HANG_S);
    i_connect(dbc, I_WIDE, string, &got);
    alarm(0);
    assert_int_equal(got.rc, SQL_ERROR);
    assert_string_equal(got.state, "HYT00");
    assert_true(got.took_ms < USUAL_LIMIT_MS);
    i_free(env, dbc);
}

/* The completed string connects again, also for IAM, whose password is good once. */
static void completed_string(void **state)
{
    static struct i_outcome got, again;
    static char string[I_STRING_MAX];
    SQLHENV env;
    SQLHDBC dbc;

    (void)state;
    i_alloc(&env, &dbc);
    i_expand(string, sizeof string, "Driver={Redshift ODBC};" KEYS);
    i_connect(dbc, I_NARROW, string, &got);
    assert_int_equal(got.rc, SQL_SUCCESS);
    assert_null(strstr(got.out, "IAMA:"));
    assert_true(SQL_SUCCEEDED(SQLDisconnect(dbc)));
    i_connect(dbc, I_WIDE, got.out, &again);
    if (again.rc != SQL_SUCCESS)
        fail_msg("%s\n%s", got.out, again.text);
    assert_string_equal(got.out, again.out);
    assert_true(SQL_SUCCEEDED(SQLDisconnect(dbc)));
    i_free(env, dbc);
}

static int begin(void **state)
{
    char path[512];
    int status;

    (void)state;
    snprintf(path, sizeof path, "%s/odbc.ini", i_folder());
    setenv("ODBCINI", path, 1);
    i_file("odbc.ini", "");
    i_file("nonsense.pem", "this is no certificate\n");
    i_file("config", "[profile empty]\nregion = us-west-2\n[profile half]\n"
                     "aws_access_key_id = AKIAX\n[profile process]\n"
                     "credential_process = echo no\n[profile role]\n"
                     "role_arn = arn:aws:iam::123456789012:role/x\nsource_profile = half\n");
    i_file("broken", "[profile user2]\nregion = us-west-2\ncanary-in-a-broken-line\n");
    i_file("open", "[user2\naws_secret_access_key = canary\n");
    i_file("locked", "[user2]\naws_access_key_id = AKIAX\n");
    snprintf(path, sizeof path, "%s/locked", i_folder());
    status = chmod(path, 0);
    set_environment("", false);
    return status;
}

static int finish(void **state)
{
    (void)state;
    i_end();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrix),
        cmocka_unit_test(gone_during_a_query),
        cmocka_unit_test(login_timeout_attribute),
        cmocka_unit_test(completed_string),
    };

    i_var("RS_AWS_URL");
    return cmocka_run_group_tests(tests, begin, finish);
}

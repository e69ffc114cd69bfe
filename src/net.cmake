target_sources(redshift_core PRIVATE crypto.c url.c http.c xml.c json.c ca.c)

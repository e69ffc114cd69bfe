target_sources(redshift_core PRIVATE crypto.c url.c link.c http.c world.c xml.c html.c json.c ca.c)

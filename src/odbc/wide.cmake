# What depends on the width of SQLWCHAR (wide.h), once for each width: redshift_utf16 is unixODBC's,
# redshift_utf32 iODBC's. iODBC's headers (3.52.9) differ from unixODBC's by this type and by
# SQLSETPOSIROW in what the driver uses; with SQL_WCHART_CONVERT unixODBC's have a SQLWCHAR of four
# bytes too.
foreach(name IN ITEMS text need getdata setpos info type guid param binary bookmark
    convert convert_num convert_text convert_bytes convert_time)
  target_sources(redshift_utf16 PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
  target_sources(redshift_utf32 PRIVATE ${CMAKE_CURRENT_LIST_DIR}/${name}.c)
endforeach()

# descriptors and attributes
target_sources(redshift_core PRIVATE
  ${CMAKE_CURRENT_LIST_DIR}/slot.c ${CMAKE_CURRENT_LIST_DIR}/desc.c
  ${CMAKE_CURRENT_LIST_DIR}/descfield.c ${CMAKE_CURRENT_LIST_DIR}/descset.c
  ${CMAKE_CURRENT_LIST_DIR}/ird.c
  ${CMAKE_CURRENT_LIST_DIR}/bind.c
  ${CMAKE_CURRENT_LIST_DIR}/attr.c ${CMAKE_CURRENT_LIST_DIR}/attr_dbc.c
  ${CMAKE_CURRENT_LIST_DIR}/attr_stmt.c)

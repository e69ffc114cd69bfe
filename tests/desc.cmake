# Descriptors, binding, attributes
rs_unit_test(test_desc ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_desc.c)
rs_unit_test(test_bind ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_bind.c)
rs_unit_test(test_attr ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_attr.c)
rs_unit_test(test_attr_session ${CMAKE_CURRENT_SOURCE_DIR}/unit/test_attr_session.c)

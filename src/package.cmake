# The Debian package: libraries, tool, man page, samples. `./dev package` makes it. Its scripts
# register the driver with unixODBC under its own name; a registration that is there stays as it is,
# whoever made it, and removal takes away only one that names this package's library.
set(registered "Redshift ODBC")
set(driver ${CMAKE_INSTALL_FULL_LIBDIR}/odbc/libredshift_odbc.so)
set(template ${CMAKE_INSTALL_FULL_DATADIR}/redshift-odbc/odbcinst.ini)
set(folder ${PROJECT_BINARY_DIR}/package)

file(WRITE ${folder}/odbcinst.ini "[${registered}]
Description = Amazon Redshift with IAM sign-in
Driver = ${driver}
Setup = ${driver}
Threading = 0
")
file(WRITE ${folder}/postinst "#!/bin/sh
set -e
if [ \"$1\" = configure ] && ! odbcinst -q -d -n '${registered}' 2>/dev/null | grep -q '^Driver='; then
    odbcinst -i -d -f ${template} >/dev/null
fi
")
# odbcinst counts registrations; each call takes one back.
file(WRITE ${folder}/prerm "#!/bin/sh
set -e
is_ours()
{
    odbcinst -q -d -n '${registered}' 2>/dev/null | grep -qx 'Driver=${driver}'
}
if [ \"$1\" = remove ]; then
    for each in 1 2 3 4 5 6 7 8 9; do
        is_ours || break
        odbcinst -u -d -n '${registered}' >/dev/null
    done
fi
")
file(CHMOD ${folder}/postinst ${folder}/prerm PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE
  GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
install(FILES ${folder}/odbcinst.ini DESTINATION ${CMAKE_INSTALL_DATADIR}/redshift-odbc)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME redshift-odbc)
set(CPACK_PACKAGE_CONTACT "Redshift ODBC maintainers <maintainers@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "ODBC driver for Amazon Redshift with IAM sign-in")
set(CPACK_PACKAGE_DESCRIPTION "For unixODBC and iODBC: access keys, AWS profiles, roles and tokens
become temporary database passwords; rows are streamed. Brings redshift-odbc, which tells step by
step why a connection fails.")
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# What postinst calls; the certificate authorities that are trusted unless CaFile says otherwise.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "odbcinst, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS unixodbc)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "${folder}/postinst;${folder}/prerm")
include(CPack)

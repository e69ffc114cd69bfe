# The Windows build: libraries that cmake/win-deps made stand in for those that pkg-config finds.
if(NOT EXISTS "${RS_WIN_DEPS}/versions")
  message(FATAL_ERROR "RS_WIN_DEPS is no folder that cmake/win-deps printed: \"${RS_WIN_DEPS}\"")
endif()
# win_library(NAME LIBRARY…): what is linked for PkgConfig::NAME.
function(win_library name)
  add_library(PkgConfig::${name} INTERFACE IMPORTED)
  set_target_properties(PkgConfig::${name} PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${RS_WIN_DEPS}/include"
    INTERFACE_LINK_DIRECTORIES "${RS_WIN_DEPS}/lib"
    INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()
set(system ws2_32 crypt32 secur32 bcrypt gdi32 user32 advapi32 shell32)
win_library(LIBPQ pq ssl crypto ${system})
win_library(CURL curl ssl crypto ${system})
win_library(LIBSSL ssl crypto ${system})
win_library(XML xml2 ws2_32)
win_library(CJSON cjson)
win_library(ODBCINST odbccp32)
target_include_directories(rs_flags BEFORE INTERFACE ${PROJECT_SOURCE_DIR}/src/win/include)
# Its math.h asks by casts to float what a number is.
target_compile_options(rs_flags INTERFACE -Wno-float-conversion)
target_compile_definitions(rs_flags INTERFACE CURL_STATICLIB LIBXML_STATIC
  WIN32_LEAN_AND_MEAN NOMINMAX NOGDI _WIN32_WINNT=0x0A00 __USE_MINGW_ANSI_STDIO=1)

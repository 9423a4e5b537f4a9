# SPDX-License-Identifier: Apache-2.0
# KEFUD_VERSION: 1.2.3 at the tag v1.2.3, 1.2.3+4.gabcdef four commits later; the project's version where git knows no tag.
execute_process(COMMAND git describe --tags --match "v[0-9]*" WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE described
  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(described MATCHES "^v([0-9.]+)$")
  set(KEFUD_VERSION ${CMAKE_MATCH_1})
elseif(described MATCHES "^v([0-9.]+)-([0-9]+)-(g[0-9a-f]+)$")
  set(KEFUD_VERSION ${CMAKE_MATCH_1}+${CMAKE_MATCH_2}.${CMAKE_MATCH_3})
else()
  set(KEFUD_VERSION ${PROJECT_VERSION})
endif()

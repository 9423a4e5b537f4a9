# SPDX-License-Identifier: Apache-2.0
# The console's page: built by its own script with Node, then packed into one file that is embedded. ${console_page} is that file, empty without the page.
# npm fetches the modules when the lock file changed and only then, so a second build needs no network; all build folders share them.
set(console_page "")
if(KEFUD_CONSOLE)
  find_program(NODE node REQUIRED)
  find_program(NPM npm REQUIRED)
  set(page_sources ${CMAKE_SOURCE_DIR}/daemon/console/page)
  set(page_stamp ${CMAKE_BINARY_DIR}/console/modules)
  set(page_output ${CMAKE_BINARY_DIR}/console/page)
  set(console_page ${CMAKE_BINARY_DIR}/embedded/console.page)
  file(GLOB_RECURSE page_inputs CONFIGURE_DEPENDS ${page_sources}/src/*)
  list(APPEND page_inputs ${page_sources}/build.mjs ${page_sources}/index.html ${page_sources}/tsconfig.json ${CMAKE_SOURCE_DIR}/daemon/console/pack.mjs)
  add_custom_command(OUTPUT ${page_stamp} DEPENDS ${page_sources}/package-lock.json COMMENT "The page's node modules" VERBATIM
    COMMAND ${CMAKE_COMMAND} -D NPM=${NPM} -D PAGE=${page_sources} -P ${CMAKE_SOURCE_DIR}/config/cmake/node_modules.cmake
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/console
    COMMAND ${CMAKE_COMMAND} -E touch ${page_stamp})
  add_custom_command(OUTPUT ${console_page} DEPENDS ${page_stamp} ${page_inputs} COMMENT "The console's page" VERBATIM
    COMMAND ${NODE} ${page_sources}/build.mjs --outdir ${page_output}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/embedded
    COMMAND ${NODE} ${CMAKE_SOURCE_DIR}/daemon/console/pack.mjs ${page_output} ${console_page})
endif()

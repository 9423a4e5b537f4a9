# SPDX-License-Identifier: Apache-2.0
# What is installed where, and the Debian package made of it: `./dev package`.
include(GNUInstallDirs)

# Manual pages, completions and the changelog; the first two are made by the program itself.
set(documents ${CMAKE_BINARY_DIR}/documents)
if(DEFINED ENV{SOURCE_DATE_EPOCH})
  set(source_date $ENV{SOURCE_DATE_EPOCH})
else()
  file(TIMESTAMP ${CMAKE_SOURCE_DIR}/CHANGELOG.md source_date %s UTC)
endif()
set(KEFUD_MAINTAINER "The kefud developers <kefud@lists.kefud.dev>" CACHE STRING "Who answers for the package: Name <address>")
set(pages kefud.1.gz kefud.yaml.5.gz kefud-catalog.7.gz)
set(others bash zsh fish changelog.gz)
list(TRANSFORM pages PREPEND ${documents}/ OUTPUT_VARIABLE page_files)
list(TRANSFORM others PREPEND ${documents}/ OUTPUT_VARIABLE other_files)
add_custom_command(OUTPUT ${page_files} ${other_files} COMMENT "Manual pages and completions" VERBATIM
  DEPENDS kefud config/package/documents config/package/kefud-catalog.7 CHANGELOG.md
  COMMAND ${CMAKE_SOURCE_DIR}/config/package/documents $<TARGET_FILE:kefud> ${documents} ${KEFUD_VERSION} ${source_date} ${KEFUD_MAINTAINER})
add_custom_target(documents ALL DEPENDS ${page_files} ${other_files})

# A package for the system has its settings in /etc, anything else below its prefix.
set(settings_folder ${CMAKE_INSTALL_SYSCONFDIR}/kefud)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(settings_folder /etc/kefud)
endif()
set(data ${CMAKE_INSTALL_DATADIR})
set(catalog ${data}/kefud/catalog)
set(doc ${data}/doc/kefud)

install(TARGETS kefud RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES config/kefud.yaml DESTINATION ${settings_folder})
install(DIRECTORY DESTINATION ${settings_folder}/secrets DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(DIRECTORY intents/packs/ DESTINATION ${catalog}/intents FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY replies/packs/ DESTINATION ${catalog}/replies FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY replies/playbooks replies/calendars replies/tests DESTINATION ${catalog} FILES_MATCHING PATTERN "*.yaml")
install(FILES replies/policy.yaml replies/guard.yaml DESTINATION ${catalog})

# systemd 253 brought Type=notify-reload, and Debian moved its units then.
if(SYSTEMD_VERSION VERSION_GREATER_EQUAL 253)
  set(units lib/systemd/system)
  install(FILES systemd/notify-reload.conf DESTINATION ${units}/kefud.service.d)
  install(FILES systemd/notify-reload.conf DESTINATION ${units}/kefud@.service.d)
elseif(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  set(units /lib/systemd/system)
else()
  set(units lib/systemd/system)
endif()
install(FILES systemd/kefud.service systemd/kefud.socket systemd/kefud@.service systemd/kefud@.socket
  systemd/kefud-backup.service systemd/kefud-backup.timer systemd/kefud-backup@.service systemd/kefud-backup@.timer
  systemd/kefud-report.service systemd/kefud-report.timer systemd/kefud-report@.service systemd/kefud-report@.timer DESTINATION ${units})

install(FILES ${documents}/kefud.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${documents}/kefud.yaml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
install(FILES ${documents}/kefud-catalog.7.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man7)
install(FILES ${documents}/bash DESTINATION ${data}/bash-completion/completions RENAME kefud)
install(FILES ${documents}/zsh DESTINATION ${data}/zsh/vendor-completions RENAME _kefud)
install(FILES ${documents}/fish DESTINATION ${data}/fish/vendor_completions.d RENAME kefud.fish)
install(DIRECTORY docs/ DESTINATION ${doc} FILES_MATCHING PATTERN "*.md" PATTERN "*.svg" PATTERN console EXCLUDE)  # pictures of the console are megabytes
install(FILES intents/README.md DESTINATION ${doc}/catalog RENAME intents.md)
install(FILES replies/README.md DESTINATION ${doc}/catalog RENAME replies.md)
install(FILES config/package/Containerfile docs/example-bridge.mjs DESTINATION ${doc}/examples)
install(FILES config/monitoring/alerts.yaml config/monitoring/alerts_test.yaml config/monitoring/dashboard.json DESTINATION ${doc}/examples/monitoring)
install(FILES config/package/debian/copyright ${documents}/changelog.gz DESTINATION ${doc})
install(FILES config/package/debian/lintian-overrides DESTINATION ${data}/lintian/overrides RENAME kefud)

# ./dev package has built what goes in; CPack must not build everything else too.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY TRUE)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME kefud)
set(CPACK_PACKAGE_VERSION ${KEFUD_VERSION})
set(CPACK_PACKAGE_CONTACT ${KEFUD_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "answers the customers of a shop's chat")
set(CPACK_PACKAGE_DESCRIPTION "The daemon sits behind the webhooks of LINE, Telegram, Messenger, WhatsApp,
Chatwoot and others. It journals every message before it says so, reads it
in ten languages, answers with the shop's own texts, and hands over to
people what people must decide.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "nginx | caddy, sqlite3")
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)  # takes the symbols out of kefud into kefud-dbgsym
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION TRUE)
set(control ${CMAKE_SOURCE_DIR}/config/package/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${control}/conffiles ${control}/postinst ${control}/prerm ${control}/postrm)
include(CPack)

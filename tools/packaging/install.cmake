# What `cmake --install` installs, in three components that are also the packages `cpack -G DEB` makes (tools/package.sh).
include(GNUInstallDirs)
set(DOC ${CMAKE_INSTALL_DATADIR}/doc)

# sfemu: the command and all that it needs but a guest kernel.
install(TARGETS sfemu RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT sfemu)
install(DIRECTORY tools/guest-kernel DESTINATION ${CMAKE_INSTALL_DATADIR}/sfemu/tools USE_SOURCE_PERMISSIONS
  COMPONENT sfemu)
install(DIRECTORY scenarios DESTINATION ${CMAKE_INSTALL_DATADIR}/sfemu COMPONENT sfemu
  PATTERN "*.sh" EXCLUDE PATTERN "*.c" EXCLUDE PATTERN "plugins" EXCLUDE)
install(FILES README.md tools/packaging/copyright DESTINATION ${DOC}/sfemu COMPONENT sfemu)
install(DIRECTORY docs DESTINATION ${DOC}/sfemu COMPONENT sfemu)
# What is made from the tables of --help.
install(DIRECTORY ${MANUAL}/man1 DESTINATION ${CMAKE_INSTALL_MANDIR} COMPONENT sfemu)
install(FILES ${MANUAL}/completion/sfemu.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME sfemu
  COMPONENT sfemu)
install(FILES ${MANUAL}/completion/_sfemu DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT sfemu)
# The AppArmor profile belongs to /etc, but only where the whole system is what is installed to. Debian 12's AppArmor (3.0)
# does not know the rule `userns,`, and its kernel asks for none.
cmake_host_system_information(RESULT DISTRIBUTION QUERY DISTRIB_INFO)
set(APPARMOR_PROFILE ${CMAKE_SOURCE_DIR}/tools/packaging/apparmor/sfemu)
if(DISTRIBUTION_ID STREQUAL debian AND DISTRIBUTION_VERSION_ID VERSION_LESS 13)
  install(FILES ${APPARMOR_PROFILE} DESTINATION ${DOC}/sfemu/apparmor COMPONENT sfemu)
else()
  set(APPARMOR_USERNS ON)
  install(CODE "set(folder \"\${CMAKE_INSTALL_PREFIX}/${DOC}/sfemu/apparmor\")
    if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
      set(folder /etc/apparmor.d)
    endif()
    file(INSTALL \"${APPARMOR_PROFILE}\" DESTINATION \"\${folder}\")" COMPONENT sfemu)
endif()

# sfemu-dev: experiments as programs.
install(TARGETS libsfemu ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sfemu-dev)
install(DIRECTORY emu/include/sfemu DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sfemu-dev)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/sfemu.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT sfemu-dev)
install(FILES ${EXAMPLES} ${PLUGINS} DESTINATION ${DOC}/sfemu-dev/examples COMPONENT sfemu-dev)
install(FILES tools/packaging/copyright DESTINATION ${DOC}/sfemu-dev COMPONENT sfemu-dev)

# sfemu-guest-kernel: built if it is not yet, which takes minutes; so only where this component is asked for.
install(CODE "execute_process(COMMAND ${CMAKE_SOURCE_DIR}/tools/guest-kernel/install.sh \"\$ENV{DESTDIR}\" \"\${CMAKE_INSTALL_PREFIX}\"
    COMMAND_ERROR_IS_FATAL ANY)" COMPONENT sfemu-guest-kernel EXCLUDE_FROM_ALL)
install(FILES tools/packaging/copyright DESTINATION ${DOC}/sfemu-guest-kernel COMPONENT sfemu-guest-kernel EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sfemu)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_VENDOR "the sfemu authors")
set(CPACK_PACKAGE_CONTACT "the sfemu authors <sfemu@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON) # the program; the guest kernel's bytes are those of its digest
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ
  WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL sfemu sfemu-dev sfemu-guest-kernel)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Packages of one release need libraries of that release.
set(CPACK_DEBIAN_PACKAGE_RELEASE 1+${DISTRIBUTION_ID}${DISTRIBUTION_VERSION_ID})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(SAME "(= ${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})")

set(CPACK_DEBIAN_SFEMU_PACKAGE_NAME sfemu)
set(CPACK_DEBIAN_SFEMU_DESCRIPTION "lab bench for stateful serverless functions at the network edge
 Builds an edge network out of network namespaces and netem-shaped links, replays a workload of function chains on it, and
 measures what each way of moving the application's state costs in response time and traffic, on Linux's own TCP/IP.")
set(CPACK_DEBIAN_SFEMU_PACKAGE_DEPENDS "sfemu-guest-kernel ${SAME}, bash, coreutils, libc-bin, util-linux")
set(CPACK_DEBIAN_SFEMU_PACKAGE_SUGGESTS "user-mode-linux, sfemu-dev, tcpdump, tshark, iproute2, iputils-ping, graphviz")
set(CPACK_DEBIAN_SFEMU_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/tools/packaging/postinst ${CMAKE_SOURCE_DIR}/tools/packaging/postrm)
if(APPARMOR_USERNS)
  file(WRITE ${CMAKE_BINARY_DIR}/conffiles "/etc/apparmor.d/sfemu\n")
  list(APPEND CPACK_DEBIAN_SFEMU_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/conffiles)
endif()

if(SFE_HTTP_LIBRARY STREQUAL llhttp)
  set(HTTP_DEV libllhttp-dev)
else()
  set(HTTP_DEV libhttp-parser-dev)
endif()
set(CPACK_DEBIAN_SFEMU-DEV_PACKAGE_NAME sfemu-dev)
set(CPACK_DEBIAN_SFEMU-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_SFEMU-DEV_DESCRIPTION "lab bench for stateful serverless functions (library)
 Headers and static library for experiments that are programs.")
set(CPACK_DEBIAN_SFEMU-DEV_PACKAGE_DEPENDS "sfemu ${SAME}, libnl-3-dev, libnl-route-3-dev, libevent-dev, liburing-dev, \
${HTTP_DEV}, libcyaml-dev, libyaml-dev, libxxhash-dev, libkmod-dev, libjson-c-dev, libpcap-dev, libseccomp-dev, \
libcap-ng-dev, libssl-dev")
set(CPACK_DEBIAN_SFEMU-GUEST-KERNEL_PACKAGE_NAME sfemu-guest-kernel)
set(CPACK_DEBIAN_SFEMU-GUEST-KERNEL_PACKAGE_SECTION kernel)
set(CPACK_DEBIAN_SFEMU-GUEST-KERNEL_DESCRIPTION "lab bench for stateful serverless functions (guest kernel)
 Linux as an ordinary program (User-Mode Linux) with a clock that jumps, in which sfemu runs its networks.")
include(CPack)

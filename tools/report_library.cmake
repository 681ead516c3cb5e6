# Installs what the report is drawn with into OUT, as the lock file in SOURCE pins it.
cmake_minimum_required(VERSION 3.25)
find_program(NPM npm)
if(NOT NPM)
  message(FATAL_ERROR "npm is missing: tools/bootstrap.sh installs it (or give the build "
    "-DSFE_REPORT_LIBRARY=FOLDER, a node_modules with d3 and @observablehq/plot)")
endif()
file(MAKE_DIRECTORY ${OUT})
configure_file(${SOURCE}/package.json ${OUT}/package.json COPYONLY)
configure_file(${SOURCE}/package-lock.json ${OUT}/package-lock.json COPYONLY)
execute_process(
  COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --no-update-notifier
  WORKING_DIRECTORY ${OUT} RESULT_VARIABLE bad OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(bad)
  message(FATAL_ERROR "npm cannot install what the report is drawn with:\n${said}\n"
    "It needs the npm registry once (`npm config get registry` says which); on a machine without one give the build "
    "-DSFE_REPORT_LIBRARY=FOLDER, the node_modules that `npm ci` makes of emu/report/library elsewhere")
endif()
file(TOUCH ${OUT}/installed)

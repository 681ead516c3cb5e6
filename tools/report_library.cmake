# Installs what the report is drawn with into OUT, as the lock file in SOURCE pins it: by npm where it is, else (npm brings 400
# packages with it) the two packages that are embedded, by the versions and digests in the lock file.
cmake_minimum_required(VERSION 3.25)
set(ELSEWHERE "on a machine without access give the build -DSFE_REPORT_LIBRARY=FOLDER, the node_modules that `npm ci` makes \
of emu/report/library elsewhere")

function(by_npm)
  configure_file(${SOURCE}/package.json ${OUT}/package.json COPYONLY)
  configure_file(${SOURCE}/package-lock.json ${OUT}/package-lock.json COPYONLY)
  execute_process(
    COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --prefer-offline --no-update-notifier
    WORKING_DIRECTORY ${OUT} RESULT_VARIABLE bad OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(bad)
    message(FATAL_ERROR "npm cannot install what the report is drawn with:\n${said}\n"
      "It needs the npm registry once (`npm config get registry` says which); ${ELSEWHERE}")
  endif()
endfunction()

function(by_lock_file name)
  file(READ ${SOURCE}/package-lock.json lock)
  string(JSON version GET "${lock}" packages node_modules/${name} version)
  string(JSON integrity GET "${lock}" packages node_modules/${name} integrity)
  string(REGEX REPLACE "^sha512-" "" digest "${integrity}")
  get_filename_component(base ${name} NAME)
  set(address https://registry.npmjs.org/${name}/-/${base}-${version}.tgz)
  execute_process(COMMAND sh -c "printf %s '${digest}' | base64 -d | od -An -v -tx1 | tr -d ' \n'" OUTPUT_VARIABLE digest)
  file(DOWNLOAD ${address} ${OUT}/package.tgz TLS_VERIFY ON STATUS status)
  file(SHA512 ${OUT}/package.tgz found)
  if(NOT found STREQUAL digest)
    message(FATAL_ERROR "${address} cannot be fetched, or is not what package-lock.json pins (${status}): "
      "it needs the npm registry once; ${ELSEWHERE}")
  endif()
  file(ARCHIVE_EXTRACT INPUT ${OUT}/package.tgz DESTINATION ${OUT}/node_modules/${name})
  file(GLOB parts ${OUT}/node_modules/${name}/package/*)
  file(COPY ${parts} DESTINATION ${OUT}/node_modules/${name})
  file(REMOVE_RECURSE ${OUT}/package.tgz ${OUT}/node_modules/${name}/package)
endfunction()

file(MAKE_DIRECTORY ${OUT})
find_program(NPM npm)
if(NPM)
  by_npm()
else()
  by_lock_file(d3)
  by_lock_file(@observablehq/plot)
endif()
file(TOUCH ${OUT}/installed)

cmake_minimum_required(VERSION 3.25)
# Writes OUT with the commit of the checkout SOURCE; leaves it alone when it says so already, so that nothing is built anew.
execute_process(COMMAND git describe --always --dirty --abbrev=12
  WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT commit)
  set(commit "not built from a checkout")
endif()
file(CONFIGURE OUTPUT ${OUT} CONTENT "/* Written by tools/build_header.cmake. */\n#define SFE_BUILD_COMMIT \"@commit@\"\n" @ONLY)

# The module rule: a folder under src/ is one module, one namespace, one build target, and may use only modules of an
# earlier step. tests/architecture/module_edges.py holds the real includes against what is declared here.

# One line per step; `|` opens a step. (CMake flattens lists of lists, so the steps are one list with marks.)
set(WEIR_STEPS
  | base
  | event wire match io yaml
  | log state formats traffic
  | dataflow sigma kafka
  | connectors detect stream sql alerts catalog broker
  | console report python
  | app)

# Sets `out` to the number of the step that `module` stands in, -1 if in none.
function(weir_step_of module out)
  set(${out} -1 PARENT_SCOPE)
  set(step 0)
  foreach(name IN LISTS WEIR_STEPS)
    if(name STREQUAL "|")
      math(EXPR step "${step} + 1")
    elseif(name STREQUAL module)
      set(${out} ${step} PARENT_SCOPE)
    endif()
  endforeach()
endfunction()

# Stops the configuration if `module` or one of the modules it names stands in no step, or in no earlier one.
# Creates nothing, so that tests/architecture/module_rule_test.py can call it from a script.
function(weir_check_steps module)
  weir_step_of(${module} own_step)
  if(own_step LESS 0)
    message(FATAL_ERROR "module '${module}' stands in no step of WEIR_STEPS (cmake/modules.cmake)")
  endif()
  foreach(used IN LISTS ARGN)
    weir_step_of(${used} used_step)
    if(used_step LESS 0)
      message(FATAL_ERROR "module '${module}' uses '${used}', which stands in no step of WEIR_STEPS")
    endif()
    if(NOT used_step LESS own_step)
      message(FATAL_ERROR "module '${module}' must not use '${used}': includes point only to an earlier step")
    endif()
  endforeach()
endfunction()

# Stops the configuration if a file of `folder` includes a header of a module that is neither `module` itself nor among
# the declared ones. Only names that stand in a step count, so "third_party.h" is nobody's module.
function(weir_check_includes module folder)
  file(GLOB_RECURSE files ${folder}/*.h ${folder}/*.cc)
  foreach(file IN LISTS files)
    file(STRINGS ${file} includes REGEX "^#include \"[a-z_]+/")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE "^#include \"([a-z_]+)/.*" "\\1" used "${include}")
      weir_step_of(${used} used_step)
      if(used_step GREATER_EQUAL 0 AND NOT used STREQUAL module AND NOT used IN_LIST ARGN)
        message(FATAL_ERROR "${file} includes a header of module '${used}', which add_module(${module} USES …) "
                            "does not name")
      endif()
    endforeach()
  endforeach()
endfunction()

# add_module(name SOURCES … [TESTS …] [FUZZ …] [BENCH …] [USES modules…] [TEST_USES modules…] [LINKS libraries…]
#            [THREADED])
# TESTS become one GoogleTest binary `<name>_test`; each FUZZ file one libFuzzer binary `<name>_<file>` in `fuzz/`;
# BENCH files one Google Benchmark binary `<name>_bench`. TEST_USES are what only tests, fuzzers and benchmarks include.
# THREADED says that the tests start threads: they run under the thread sanitizer too.
function(add_module module)
  cmake_parse_arguments(ARG "THREADED" "" "SOURCES;TESTS;FUZZ;BENCH;USES;TEST_USES;LINKS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_module(${module}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  weir_check_steps(${module} ${ARG_USES} ${ARG_TEST_USES})
  weir_check_includes(${module} ${CMAKE_CURRENT_SOURCE_DIR} ${ARG_USES} ${ARG_TEST_USES})
  set_property(GLOBAL APPEND_STRING PROPERTY WEIR_MODULE_TABLE
    "${module}|${ARG_USES}|${ARG_TEST_USES}|${ARG_SOURCES};${ARG_TESTS};${ARG_FUZZ};${ARG_BENCH}\n")

  add_library(${module} STATIC ${ARG_SOURCES})
  target_include_directories(${module} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${module} PUBLIC ${ARG_USES} ${ARG_LINKS} fmt::fmt Threads::Threads)

  if(ARG_TESTS)
    weir_add_module_test(${module} "${ARG_TESTS}" "${ARG_TEST_USES}" ${ARG_THREADED})
  endif()
  if(WEIR_FUZZ)
    foreach(file IN LISTS ARG_FUZZ)
      weir_add_module_fuzzer(${module} ${file} "${ARG_TEST_USES}")
    endforeach()
  endif()
  if(ARG_BENCH)
    add_executable(${module}_bench ${ARG_BENCH})
    target_link_libraries(${module}_bench PRIVATE ${module} ${ARG_TEST_USES} benchmark::benchmark_main)
    set_target_properties(${module}_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
    add_dependencies(benchmarks ${module}_bench)
  endif()
endfunction()

# `./dev` builds these by name; `threaded_tests` is all that the thread sanitizer has to see.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  add_custom_target(fuzzers)
  add_custom_target(benchmarks)
  add_custom_target(threaded_tests)
endif()

function(weir_add_module_test module files test_uses threaded)
  add_executable(${module}_test ${files})
  target_link_libraries(${module}_test PRIVATE ${module} ${test_uses} GTest::gmock GTest::gtest_main)
  set(label ${module})
  if(threaded)
    set(label threads)
    add_dependencies(threaded_tests ${module}_test)
  endif()
  gtest_discover_tests(${module}_test TEST_PREFIX "${module}." DISCOVERY_TIMEOUT 60
    PROPERTIES TIMEOUT 300 LABELS ${label})
endfunction()

function(weir_add_module_fuzzer module file test_uses)
  get_filename_component(name ${file} NAME_WE)
  set(fuzzer ${module}_${name})
  add_executable(${fuzzer} ${file})
  target_link_libraries(${fuzzer} PRIVATE ${module} ${test_uses})
  target_link_options(${fuzzer} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${fuzzer} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
  add_dependencies(fuzzers ${fuzzer})
endfunction()

# Writes what add_module was told, one module a line, for tests/architecture/module_edges.py.
function(weir_write_module_table file)
  get_property(table GLOBAL PROPERTY WEIR_MODULE_TABLE)
  file(CONFIGURE OUTPUT ${file} CONTENT "${table}" @ONLY)
endfunction()

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

# add_module(name SOURCES … [TESTS …] [FUZZ …] [BENCH …] [USES modules…] [LINKS libraries…])
# TESTS become one GoogleTest binary `<name>_test`; each FUZZ file one libFuzzer binary named after the file;
# BENCH files one Google Benchmark binary `<name>_bench`.
function(add_module module)
  cmake_parse_arguments(ARG "" "" "SOURCES;TESTS;FUZZ;BENCH;USES;LINKS" ${ARGN})
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_module(${module}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  weir_step_of(${module} own_step)
  if(own_step LESS 0)
    message(FATAL_ERROR "module '${module}' stands in no step of WEIR_STEPS (cmake/modules.cmake)")
  endif()
  foreach(used IN LISTS ARG_USES)
    weir_step_of(${used} used_step)
    if(used_step LESS 0)
      message(FATAL_ERROR "module '${module}' uses '${used}', which stands in no step of WEIR_STEPS")
    endif()
    if(NOT used_step LESS own_step)
      message(FATAL_ERROR "module '${module}' must not use '${used}': includes point only to an earlier step")
    endif()
  endforeach()

  add_library(${module} STATIC ${ARG_SOURCES})
  target_include_directories(${module} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${module} PUBLIC ${ARG_USES} ${ARG_LINKS} fmt::fmt Threads::Threads)
  set_property(GLOBAL APPEND PROPERTY WEIR_EDGES "${module}:${ARG_USES}")

  if(ARG_TESTS)
    add_executable(${module}_test ${ARG_TESTS})
    target_link_libraries(${module}_test PRIVATE ${module} GTest::gmock GTest::gtest_main)
    gtest_discover_tests(${module}_test TEST_PREFIX "${module}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 300)
  endif()
  if(WEIR_FUZZ)
    foreach(file IN LISTS ARG_FUZZ)
      get_filename_component(fuzzer ${file} NAME_WE)
      add_executable(${module}_${fuzzer} ${file})
      target_link_libraries(${module}_${fuzzer} PRIVATE ${module})
      target_link_options(${module}_${fuzzer} PRIVATE -fsanitize=fuzzer)
      set_target_properties(${module}_${fuzzer} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    endforeach()
  endif()
  if(ARG_BENCH)
    add_executable(${module}_bench ${ARG_BENCH})
    target_link_libraries(${module}_bench PRIVATE ${module} benchmark::benchmark_main)
  endif()
endfunction()

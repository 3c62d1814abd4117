# weir_embed(target symbol folder glob…): packs the files of `folder` that match into the target as
#   extern const char <symbol>_data[]; extern const std::size_t <symbol>_size;
# in the form that base/embedded.h reads: for each file "<path length> <byte count>\n<path><bytes>".
function(weir_embed target symbol folder)
  set(pack ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.pack)
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${ARGN})
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.list)
  file(CONFIGURE OUTPUT ${list} CONTENT "${files}")
  list(TRANSFORM files PREPEND ${folder}/ OUTPUT_VARIABLE paths)
  add_custom_command(OUTPUT ${pack}
    COMMAND Python3::Interpreter ${CMAKE_SOURCE_DIR}/cmake/pack_files.py ${folder} ${list} ${pack}
    DEPENDS ${paths} ${list} ${CMAKE_SOURCE_DIR}/cmake/pack_files.py)
  file(CONFIGURE OUTPUT ${source} CONTENT
".section .rodata
.global @symbol@_data
.balign 16
@symbol@_data:
.incbin \"@pack@\"
.set @symbol@_end, .
.global @symbol@_size
.balign 8
@symbol@_size:
.quad @symbol@_end - @symbol@_data
.section .note.GNU-stack,\"\",%progbits
" @ONLY)
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS ${pack})
  target_sources(${target} PRIVATE ${source})
endfunction()

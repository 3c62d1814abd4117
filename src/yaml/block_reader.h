#pragma once

// Reads the part of YAML that rules and configuration are mostly written in (block maps and lists, scalars on one line,
// literal blocks, comments) about ten times as fast as libyaml. Whatever is outside that part, or wrong, or beyond the
// limits, is declined, and libyaml reads the whole file; so what this reader accepts must come out exactly as libyaml
// would have it. A test and a fuzzer hold the two against each other. Pure.

#include <string_view>
#include <vector>

#include "yaml/node.h"

namespace weir::yaml {

// False: declined, `roots` is as it was.
bool read_blocks(std::string_view text, const Limits& limits, std::vector<Node>& roots);

// The same by libyaml, for everything. `parse` tries read_blocks first.
Documents parse_fully(std::string_view text, const Limits& limits);

}  // namespace weir::yaml

"""Writes fold_table.h: Unicode simple case folding (CaseFolding.txt, statuses C and S) as ranges.

    python3 src/match/fold_table.py > src/match/fold_table.h

Python knows full folding (statuses C and F). Where that is one character it is status C. Where it is several, the simple
folding (status S), if there is one, is the simple lower case, which str.lower() gives wherever it is a single character.
"""
import sys
import unicodedata


def simple_fold(code):
    text = chr(code)
    full = text.casefold()
    if len(full) == 1:
        return ord(full)
    lower = text.lower()
    return ord(lower) if len(lower) == 1 else code


def ranges():
    """Runs (first, last, step, delta) of characters at an even distance that fold by the same delta."""
    runs = []
    for code in range(0x80, sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000:
            continue
        delta = simple_fold(code) - code
        if delta == 0:
            continue
        if runs:
            first, last, step, run_delta = runs[-1]
            gap = code - last
            if delta == run_delta and gap <= 2 and (first == last or gap == step):
                runs[-1] = (first, code, gap, delta)
                continue
        runs.append((code, code, 1, delta))
    return runs


def main():
    runs = ranges()
    print("// Written by fold_table.py; do not edit.")
    print("#pragma once\n")
    print("#include <cstdint>\n")
    print("namespace weir::match {\n")
    print(f"// Unicode {unicodedata.unidata_version}, without ASCII. Sorted; the ranges do not overlap.")
    print("struct FoldRange {\n  std::uint32_t first;\n  std::uint32_t last;\n  std::uint32_t step;  // Only every step-th one folds.")
    print("  std::int32_t delta;\n};\n")
    print("// clang-format off")
    print(f"inline constexpr FoldRange kFoldRanges[{len(runs)}] = {{")
    line = "   "
    for first, last, step, delta in runs:
        item = f" {{0x{first:X}, 0x{last:X}, {step}, {delta}}},"
        if len(line) + len(item) > 120:
            print(line)
            line = "   "
        line += item
    print(line)
    print("};\n// clang-format on\n")
    print("}  // namespace weir::match")


main()

// Any bytes through any text format, in whole and in pieces: the rows must be the same. The first byte chooses the
// format, the second the size of the pieces; names that rules read are given, so that derived cells are made too.

#include "base/check.h"
#include "formats/testing/printed_rows.h"
#include "formats/text_formats.h"

namespace {

using namespace weir::formats;

const Format kFormats[] = {cef_format(),        leef_format(),   zeek_tsv_format(), w3c_format(),      squid_format(),
                           access_log_format(), syslog_format(), csv_format(),      key_value_format()};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const Format& format = kFormats[data[0] % std::size(kFormats)];
  const std::string_view input(reinterpret_cast<const char*>(data) + 2, size - 2);
  // A sample has padding behind it, as a chunk has.
  std::string sample(input);
  sample.append(kPadding, '\0');
  format.detect(std::string_view(sample).substr(0, input.size()), "log.csv");
  Reading reading;
  reading.read_fields = {"c-uri",  "cs-uri", "cs-uri-query",    "cs-uri-stem",  "c-useragent",
                         "src_ip", "dst_ip", "c-uri-extension", "cs-user-agent"};
  const Printed whole = print_rows(format, input, reading);
  reading.piece_bytes = std::size_t{data[1]} + 1;
  const Printed pieces = print_rows(format, input, reading);
  CHECK_EQ(whole.text, pieces.text);
  CHECK_EQ(whole.records, pieces.records);
  CHECK_LE(whole.rows + whole.rejects, whole.records);
  return 0;
}

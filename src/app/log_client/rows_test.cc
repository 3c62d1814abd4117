#include "app/log_client/rows.h"

#include <gtest/gtest.h>

namespace weir::app {
namespace {

Rows rows() {
  Rows rows({{"name", true}, {"lag_seconds"}, {"is_new"}, {"hidden", false, false}});
  rows.add({"a,b", 1.5, true, std::int64_t{7}});
  rows.add({"=x\x1b", Cell(), false, std::int64_t{-7}});
  return rows;
}

TEST(Rows, AreATableJsonLinesOrCsv) {
  const Terminal terminal(stdin);
  EXPECT_EQ(rows().text(OutputFormat::table, terminal),
            "NAME    LAG SECONDS  IS NEW\n"
            "a,b           1.500  yes\n"
            "=x\\x1b            -  no\n");
  EXPECT_EQ(rows().text(OutputFormat::json, terminal),
            "{\"name\":\"a,b\",\"lag_seconds\":1.500,\"is_new\":true,\"hidden\":7}\n"
            "{\"name\":\"=x\\u001b\",\"lag_seconds\":null,\"is_new\":false,\"hidden\":-7}\n");
  EXPECT_EQ(rows().text(OutputFormat::csv, terminal),
            "name,lag_seconds,is_new,hidden\r\n\"a,b\",1.500,yes,7\r\n\"'=x\x1b\",,no,-7\r\n");
}

TEST(Rows, NoneAreAnEmptyTableAndCsvWithAHeading) {
  const Rows none({{"a"}, {"b"}});
  EXPECT_EQ(none.text(OutputFormat::table, Terminal(stdin)), "");
  EXPECT_EQ(none.text(OutputFormat::json, Terminal(stdin)), "");
  EXPECT_EQ(none.text(OutputFormat::csv, Terminal(stdin)), "a,b\r\n");
}

}  // namespace
}  // namespace weir::app

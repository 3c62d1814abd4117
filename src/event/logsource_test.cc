#include "event/logsource.h"

#include <gtest/gtest.h>

namespace weir::event {
namespace {

TEST(Logsource, EveryNamedPartMustBeTheEvents) {
  const Logsource sshd{"linux", {}, {"sshd", "auth"}};
  EXPECT_TRUE((LogsourceSelector{"linux", "", "sshd"}.selects(sshd)));
  EXPECT_TRUE((LogsourceSelector{"linux", "", ""}.selects(sshd)));
  EXPECT_FALSE((LogsourceSelector{"linux", "process_creation", ""}.selects(sshd)));
  EXPECT_FALSE((LogsourceSelector{"windows", "", "sshd"}.selects(sshd)));
}

TEST(Logsource, IsReadFromAnOption) {
  const auto source = parse_logsource("product=Windows, category=process_creation");
  ASSERT_TRUE(source.has_value());
  EXPECT_EQ(to_string(*source), "windows/process_creation/*");
  EXPECT_FALSE(parse_logsource("produkt=windows").has_value());
  EXPECT_FALSE(parse_logsource("windows").has_value());
}

}  // namespace
}  // namespace weir::event

#include "event/field.h"

#include <gtest/gtest.h>

namespace weir::event {
namespace {

TEST(FieldTable, NumbersNamesOnce) {
  FieldTable table;
  const FieldId image = table.intern("Image");
  EXPECT_NE(image, kUnread);
  EXPECT_EQ(table.intern("Image"), image);
  EXPECT_NE(table.intern("image"), image);
  EXPECT_EQ(table.find("CommandLine"), nullptr);
}

TEST(FieldNames, DropsBlanksAndKeepsUnreadNames) {
  FieldTable table;
  const FieldId threat = table.intern("ThreatName");
  FieldNames names(table);
  EXPECT_EQ(names.resolve("Threat Name")->id, threat);
  EXPECT_EQ(names.resolve("Other")->id, kUnread);
  EXPECT_EQ(names.resolve("Other")->name, "Other");
  EXPECT_EQ(names.resolve("Other"), names.resolve("Other"));
}

TEST(FieldNames, MemoryIsBoundedWhateverTheInputNames) {
  FieldTable table;
  const FieldId image = table.intern("Image");
  FieldNames names(table);
  for (std::size_t i = 0; i < FieldNames::kNamesMax + 10; ++i) names.resolve("field" + std::to_string(i));
  EXPECT_EQ(names.resolve("one more"), names.resolve("and another"));
  EXPECT_EQ(names.resolve("Image")->id, image);
}

}  // namespace
}  // namespace weir::event

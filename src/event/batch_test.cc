#include "event/batch.h"

#include <gtest/gtest.h>

namespace weir::event {
namespace {

TEST(Batch, UnescapesACellOnce) {
  FieldTable table;
  FieldNames names(table);
  Batch batch;
  batch.begin_row();
  batch.add(names.resolve("a"), ValueKind::string, R"(C:\\x)", true);
  batch.finish_row(0, nullptr, "");
  Cell& cell = batch.cells(batch.rows()[0])[0];
  EXPECT_EQ(batch.text(cell), R"(C:\x)");
  EXPECT_EQ(batch.text(cell), R"(C:\x)");
}

TEST(Batch, ADroppedRowLeavesNoCells) {
  FieldTable table;
  FieldNames names(table);
  Batch batch;
  batch.begin_row();
  batch.add(names.resolve("a"), ValueKind::string, "1");
  batch.drop_row();
  batch.begin_row();
  batch.add(names.resolve("b"), ValueKind::string, "2");
  batch.finish_row(1, nullptr, "");
  ASSERT_EQ(batch.rows().size(), 1U);
  ASSERT_EQ(batch.cells(batch.rows()[0]).size(), 1U);
  EXPECT_EQ(batch.cells(batch.rows()[0])[0].field->name, "b");
}

}  // namespace
}  // namespace weir::event

#pragma once

// Consumer groups as rows of __consumer_offsets, in the form that Kafka 4 stores them in (docs/formats/groups.md).

#include <map>
#include <string>
#include <vector>

#include "broker/groups/consumer_group.h"
#include "broker/internal_topic.h"

namespace weir::broker {

// What has to be written so that the table says what the group is now.
std::vector<Row> rows_of(const ConsumerGroup& group, const ConsumerGroup::Changes& changes);
// The group's rows go, with those of the members that it still has.
std::vector<Row> forgotten_rows(const ConsumerGroup& group);

// By group id. An entry without an epoch is of a group that is gone.
using StoredConsumerGroups = std::map<std::string, ConsumerGroup::Stored>;

// Adds what the row says to `stored`; does nothing with rows of other kinds. Rows of one key come in the order in which
// they were written, the last one holds.
Status read_consumer_group_row(const StoredRow& row, StoredConsumerGroups& stored);

}  // namespace weir::broker

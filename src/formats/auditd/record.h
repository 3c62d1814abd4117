#pragma once

// The body of an audit record to cells: key=value pairs, values quoted or in hexadecimal digits where a program could
// have chosen their bytes, messages of user-space programs with pairs of their own inside, and the interpreted part
// that auditd's enriched format puts behind a 0x1D. The keys are the field names, as in SigmaHQ's auditd rules. Where a
// rule reads it, an event that has them also gets command_line: the arguments of EXECVE in a row, else the process
// title, which the kernel cuts at 128 bytes. One RecordReader belongs to one parser.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "event/batch.h"
#include "event/field.h"
#include "formats/auditd/line.h"

namespace weir::formats::auditd {

class RecordReader {
 public:
  explicit RecordReader(const event::FieldTable& table);

  // Adds the records of one event to the open row, between begin_event and end_event. `has_arguments`: one of them is
  // an EXECVE record, so that a0, a1 … are the arguments, and the system call's registers of these names become
  // SYSCALL_a0 ….
  void begin_event(event::Batch& batch, bool has_arguments);
  void add(const Line& line);
  void end_event();

 private:
  struct Pair {
    std::string_view key;
    std::string_view value;
    bool is_quoted = false;
  };

  void add_type(std::string_view type);
  void add_pairs(std::string_view text, bool is_message);
  bool take_pair(std::string_view& text, bool is_message, Pair& pair);
  void add_pair(const Pair& pair, bool is_message);
  void add_decision(std::string_view& text);
  void add_argument(const Pair& pair);
  void flush_argument();
  void add_argument_text(std::string_view name, std::string_view text);
  void add_command_line();
  std::string_view joined_arguments();
  void add_keys(std::string_view keys);
  void add_address(std::string_view hex);
  void add_call_name(std::string_view body);
  void add_cell(std::string_view name, std::string_view value);
  std::string_view decoded(const Pair& pair);

  event::FieldNames names_;
  const event::Field* type_;
  const event::Field* command_line_;  // Null: no rule reads it.
  event::Batch* batch_ = nullptr;
  bool has_arguments_ = false;
  std::string_view record_type_;
  std::vector<std::string_view> types_;  // That the event has shown so far.
  // Long arguments come in pieces: a2[0]=… a2[1]=…
  std::string argument_name_;
  std::string argument_;
  // What the command line is made of.
  struct Argument {
    std::uint32_t number;
    std::string_view text;
  };
  std::vector<Argument> arguments_;
  std::string_view title_;
};

}  // namespace weir::formats::auditd

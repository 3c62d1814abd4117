#pragma once

// What well-known programs say in syslog, as named cells: sshd, sudo, su, PAM, cron and the account tools. A message
// that is none of these adds nothing: it stands whole in the cell `message`. docs/formats.md lists the fields.

#include <array>
#include <string_view>

#include "event/batch.h"
#include "event/field.h"
#include "event/logsource.h"

namespace weir::formats {

enum class SyslogProgram : std::uint8_t {
  other,
  sshd,
  sudo,
  su,
  auth,
  account,
  cron,
  vsftpd,
  clamav,
  guacamole,
  nginx,
  apache
};
inline constexpr std::size_t kSyslogProgramCount = 12;

// "/usr/sbin/CRON", "sshd(pam_unix)", "sshd-session" → which program speaks.
SyslogProgram syslog_program(std::string_view name);

// The logsources of syslog, made once: product linux, service syslog, and by program sshd, sudo, auth, cron, …
class SyslogLogsources {
 public:
  SyslogLogsources();

  // auth: the message belongs to the authentication log whatever its program (facility auth, a PAM message).
  const event::Logsource* find(SyslogProgram program, bool auth) const {
    return &sources_[static_cast<std::size_t>(program)][auth ? 1 : 0];
  }

 private:
  std::array<std::array<event::Logsource, 2>, kSyslogProgramCount> sources_;
};

struct SshdForm;  // How one kind of sshd's messages is written.

class SyslogMessages {
 public:
  explicit SyslogMessages(event::FieldNames& names);

  // Adds the cells of a message; whether it came from PAM.
  bool add_cells(SyslogProgram program, std::string_view program_name, std::string_view message, event::Batch& batch);

 private:
  void add_sshd(std::string_view message, event::Batch& batch) const;
  void add_sshd_login(std::string_view action, std::string_view rest, event::Batch& batch) const;
  void add_sshd_form(const SshdForm& form, std::string_view message, event::Batch& batch) const;
  void add_sudo(std::string_view message, event::Batch& batch) const;
  void add_su(std::string_view message, event::Batch& batch) const;
  void add_cron(std::string_view message, event::Batch& batch) const;
  void add_account(std::string_view message, event::Batch& batch);
  void add_pam(std::string_view message, event::Batch& batch);
  void add_pam_session(std::string_view action, std::string_view message, event::Batch& batch) const;
  void add_source(std::string_view address, std::string_view rest, event::Batch& batch) const;
  void add_text(const event::Field* field, std::string_view text, event::Batch& batch) const;

  event::FieldNames& names_;
  const event::Field* action_;
  const event::Field* user_;
  const event::Field* auth_method_;
  const event::Field* src_ip_;
  const event::Field* src_host_;
  const event::Field* src_port_;
  const event::Field* protocol_;
  const event::Field* key_;
  const event::Field* reason_;
  const event::Field* tty_;
  const event::Field* target_user_;
  const event::Field* group_;
  const event::Field* command_;
  const event::Field* pam_module_;
  const event::Field* pam_service_;
  const event::Field* pam_type_;
  const event::Field* by_user_;
  const event::Field* repeated_;  // How often the message stands for itself.
};

}  // namespace weir::formats

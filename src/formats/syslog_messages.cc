#include "formats/syslog_messages.h"

#include "base/text.h"
#include "formats/lines.h"

namespace weir::formats {
namespace {

constexpr std::string_view kPamSuffix = "(pam_unix)";  // Red Hat before 2006: "sshd(pam_unix)[123]: …"

struct Known {
  std::string_view name;
  SyslogProgram program;
};

using enum SyslogProgram;

constexpr Known kPrograms[] = {{"sshd", sshd},
                               {"sshd-session", sshd},
                               {"sshd-auth", sshd},
                               {"sudo", sudo},
                               {"su", su},
                               {"su-l", su},
                               {"login", auth},
                               {"passwd", account},
                               {"chpasswd", account},
                               {"useradd", account},
                               {"usermod", account},
                               {"userdel", account},
                               {"groupadd", account},
                               {"groupmod", account},
                               {"groupdel", account},
                               {"gpasswd", account},
                               {"chage", account},
                               {"chfn", account},
                               {"chsh", account},
                               {"pkexec", auth},
                               {"polkitd", auth},
                               {"systemd-logind", auth},
                               {"gdm", auth},
                               {"gdm-password", auth},
                               {"lightdm", auth},
                               {"sddm", auth},
                               {"pam_unix", auth},
                               {"doas", auth},
                               {"newgrp", auth},
                               {"remote", auth},
                               {"klogind", auth},
                               {"rlogind", auth},
                               {"rshd", auth},
                               {"cron", cron},
                               {"crond", cron},
                               {"crontab", cron},
                               {"anacron", cron},
                               {"atd", cron},
                               {"fcron", cron},
                               {"vsftpd", vsftpd},
                               {"clamd", clamav},
                               {"clamav", clamav},
                               {"clamscan", clamav},
                               {"clamdscan", clamav},
                               {"freshclam", clamav},
                               {"clamav-daemon", clamav},
                               {"clamonacc", clamav},
                               {"guacd", guacamole},
                               {"guacamole", guacamole},
                               {"nginx", nginx},
                               {"apache", apache},
                               {"apache2", apache},
                               {"httpd", apache}};

// The word behind `mark`, up to a blank; empty if `mark` does not occur.
std::string_view word_after(std::string_view text, std::string_view mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + mark.size());
  skip_blanks(text);
  return text.substr(0, text.find(' '));
}

// "bob(uid=1000)" → "bob".
std::string_view without_uid(std::string_view user) {
  const std::size_t open = user.find("(uid=");
  return user.substr(0, open);
}

// "'bob'" or "bob," → "bob".
std::string_view bare(std::string_view word) {
  while (!word.empty() && std::string_view("'\",;.").find(word.front()) != std::string_view::npos)
    word.remove_prefix(1);
  while (!word.empty() && std::string_view("'\",;.").find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  return word;
}

}  // namespace

SyslogProgram syslog_program(std::string_view name) {
  if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  if (name.ends_with(kPamSuffix)) name.remove_suffix(kPamSuffix.size());
  for (const Known& known : kPrograms) {
    if (known.name.size() == name.size() && equals_ignoring_case(known.name, name)) return known.program;
  }
  return other;
}

SyslogLogsources::SyslogLogsources() {
  static constexpr std::string_view kServices[kSyslogProgramCount] = {
      "", "sshd", "sudo", "", "", "", "cron", "vsftpd", "clamav", "guacamole", "nginx", "apache"};
  for (std::size_t program = 0; program < kSyslogProgramCount; ++program) {
    const auto which = static_cast<SyslogProgram>(program);
    const bool always_auth = which == sshd || which == sudo || which == su || which == auth || which == account;
    for (std::size_t auth_message = 0; auth_message < 2; ++auth_message) {
      event::Logsource& source = sources_[program][auth_message];
      source.product = "linux";
      source.services = {"syslog"};
      if (!kServices[program].empty()) source.services.emplace_back(kServices[program]);
      if (always_auth || auth_message == 1) source.services.emplace_back("auth");
    }
  }
}

SyslogMessages::SyslogMessages(event::FieldNames& names)
    : names_(names),
      action_(names.resolve("action")),
      user_(names.resolve("user")),
      auth_method_(names.resolve("auth_method")),
      src_ip_(names.resolve("src_ip")),
      src_host_(names.resolve("src_host")),
      src_port_(names.resolve("src_port")),
      protocol_(names.resolve("protocol")),
      key_(names.resolve("key_fingerprint")),
      reason_(names.resolve("reason")),
      tty_(names.resolve("tty")),
      target_user_(names.resolve("target_user")),
      group_(names.resolve("group")),
      command_(names.resolve("command")),
      pam_module_(names.resolve("pam_module")),
      pam_service_(names.resolve("pam_service")),
      pam_type_(names.resolve("pam_type")),
      by_user_(names.resolve("by_user")),
      repeated_(names.resolve("repeated")) {}

bool SyslogMessages::add_cells(SyslogProgram program, std::string_view program_name, std::string_view message,
                               event::Batch& batch) {
  if (program_name.ends_with(kPamSuffix)) {
    add_text(pam_module_, "pam_unix", batch);
    add_pam(message, batch);
    return true;
  }
  std::string_view repeated = message;
  if (take(repeated, "message repeated ")) {
    // rsyslog's "message repeated 5 times: [ Failed password …]".
    batch.add(repeated_, event::ValueKind::number, repeated.substr(0, repeated.find(' ')));
    const std::size_t open = repeated.find('[');
    if (open != std::string_view::npos && repeated.ends_with(']')) {
      message = repeated.substr(open + 1, repeated.size() - open - 2);
    }
  }
  if (program == sshd && message.starts_with("PAM ") &&
      message.find("authentication failure") != std::string_view::npos) {
    // "PAM 5 more authentication failures; logname= …"
    batch.add(repeated_, event::ValueKind::number, word_after(message, "PAM "));
    add_pam(message, batch);
    return true;
  }
  if (message.starts_with("pam_")) {
    std::string_view rest = message;
    const std::string_view module = take_until(rest, '(');
    const std::size_t close = rest.find("): ");
    if (close < 64 && module.size() < 32) {
      std::string_view where = rest.substr(0, close);
      add_text(pam_module_, module, batch);
      add_text(pam_service_, take_until(where, ':'), batch);
      add_text(pam_type_, where, batch);
      add_pam(rest.substr(close + 3), batch);
      return true;
    }
  }
  switch (program) {
    case sshd: add_sshd(message, batch); break;
    case sudo: add_sudo(message, batch); break;
    case su: add_su(message, batch); break;
    case cron: add_cron(message, batch); break;
    case account: add_account(message, batch); break;
    default: break;
  }
  return false;
}

void SyslogMessages::add_text(const event::Field* field, std::string_view text, event::Batch& batch) const {
  if (!text.empty()) batch.add(field, event::ValueKind::string, text);
}

void SyslogMessages::add_source(std::string_view address, std::string_view rest, event::Batch& batch) const {
  if (looks_like_address(address))
    add_text(src_ip_, address, batch);
  else
    add_text(src_host_, address, batch);
  std::string_view port = word_after(rest, "port ");
  port = port.substr(0, port.find_first_not_of("0123456789"));
  if (!port.empty()) batch.add(src_port_, event::ValueKind::number, port);
}

// The beginnings of sshd's messages (OpenSSH auth.c, sshd.c, packet.c) and what `action` calls them. The user stands
// behind `user_mark`, the address behind `address_mark`.
struct SshdForm {
  std::string_view start;
  std::string_view action;
  std::string_view user_mark;
  std::string_view address_mark;
};

namespace {

constexpr SshdForm kSshdForms[] = {
    {"Invalid user ", "invalid_user", "Invalid user ", " from "},
    {"Illegal user ", "invalid_user", "Illegal user ", " from "},
    {"Connection closed by authenticating user ", "connection_closed", "authenticating user ", ""},
    {"Connection closed by invalid user ", "connection_closed", "invalid user ", ""},
    {"Connection reset by authenticating user ", "connection_reset", "authenticating user ", ""},
    {"Connection reset by invalid user ", "connection_reset", "invalid user ", ""},
    {"Connection closed by ", "connection_closed", "", "closed by "},
    {"Connection reset by ", "connection_reset", "", "reset by "},
    {"Connection from ", "connection", "", "from "},
    {"Disconnected from authenticating user ", "disconnected", "authenticating user ", ""},
    {"Disconnected from invalid user ", "disconnected", "invalid user ", ""},
    {"Disconnected from user ", "disconnected", "from user ", ""},
    {"Disconnected from ", "disconnected", "", "from "},
    {"Received disconnect from ", "disconnect_received", "", "from "},
    {"Disconnecting authenticating user ", "disconnecting", "authenticating user ", ""},
    {"Disconnecting invalid user ", "disconnecting", "invalid user ", ""},
    {"Did not receive identification string from ", "no_identification", "", "from "},
    {"Bad protocol version identification ", "bad_protocol", "", " from "},
    {"Unable to negotiate with ", "negotiation_failed", "", "with "},
    {"reverse mapping checking getaddrinfo for ", "reverse_mapping_failed", "", "["},
    {"maximum authentication attempts exceeded for ", "too_many_failures", "exceeded for ", " from "},
    {"error: maximum authentication attempts exceeded for ", "too_many_failures", "exceeded for ", " from "},
};

struct SshdOutcome {
  std::string_view start;
  std::string_view action;
};

constexpr SshdOutcome kSshdOutcomes[] = {{"Failed ", "login_failed"},
                                         {"Accepted ", "login_accepted"},
                                         {"Postponed ", "login_partial"},
                                         {"Partial ", "login_partial"}};

}  // namespace

void SyslogMessages::add_sshd(std::string_view message, event::Batch& batch) const {
  skip_blanks(message);
  for (const SshdOutcome& outcome : kSshdOutcomes) {
    if (take(message, outcome.start)) return add_sshd_login(outcome.action, message, batch);
  }
  for (const SshdForm& form : kSshdForms) {
    if (message.starts_with(form.start)) return add_sshd_form(form, message, batch);
  }
}

// What follows the outcome: "password for [invalid user] bob from 10.0.0.1 port 4711 ssh2[: RSA SHA256:…]". A user name
// may hold blanks, even " from ", so the last " from " counts: what follows it is the server's.
void SyslogMessages::add_sshd_login(std::string_view action, std::string_view rest, event::Batch& batch) const {
  const std::size_t user_at = rest.find(" for ");
  const std::size_t from_at = rest.rfind(" from ");
  if (user_at == std::string_view::npos || from_at == std::string_view::npos || from_at < user_at + 4) return;
  std::string_view user = rest.substr(user_at + 5, from_at > user_at + 5 ? from_at - user_at - 5 : 0);
  const bool invalid = take(user, "invalid user ") || take(user, "illegal user ");
  add_text(action_, action, batch);
  add_text(auth_method_, rest.substr(0, user_at), batch);
  add_text(user_, user, batch);
  if (invalid) add_text(reason_, "invalid user", batch);
  std::string_view source = rest.substr(from_at + 6);
  const std::string_view address = take_until(source, ' ');
  add_source(address, source, batch);
  const std::size_t ssh = source.find("ssh");
  if (ssh != std::string_view::npos)
    add_text(protocol_, source.substr(ssh, source.find_first_of(" :", ssh) - ssh), batch);
  if (const std::size_t key = source.find(": "); key != std::string_view::npos)
    add_text(key_, source.substr(key + 2), batch);
}

void SyslogMessages::add_sshd_form(const SshdForm& form, std::string_view message, event::Batch& batch) const {
  add_text(action_, form.action, batch);
  std::string_view rest = message;
  if (!form.user_mark.empty()) {
    rest.remove_prefix(form.start.size());
    // Between the user and the address stands " from ", or only a blank.
    const std::size_t from = form.address_mark.empty() ? rest.find(' ') : rest.rfind(form.address_mark);
    std::string_view user = rest.substr(0, from);
    take(user, "invalid user ");
    add_text(user_, user, batch);
    if (from == std::string_view::npos) return;
    rest.remove_prefix(from + std::max<std::size_t>(form.address_mark.size(), 1));
  } else {
    const std::size_t at = rest.rfind(form.address_mark);
    rest.remove_prefix(at + form.address_mark.size());
  }
  std::string_view address = take_until(rest, ' ');
  address = address.substr(0, address.find(']'));
  while (address.ends_with(':') && !address.ends_with("::")) address.remove_suffix(1);
  add_source(address, rest, batch);
}

// "bob : [reason ; ]TTY=pts/6 ; PWD=/root ; USER=root ; [GROUP=… ;] [ENV=… ;] COMMAND=/bin/ls -l" (sudo, logging.c).
// The command is last and may hold anything.
void SyslogMessages::add_sudo(std::string_view message, event::Batch& batch) const {
  skip_blanks(message);
  const std::size_t colon = message.find(" : ");
  if (colon == std::string_view::npos) return;
  add_text(user_, message.substr(0, colon), batch);
  std::string_view rest = message.substr(colon + 3);
  while (!rest.empty()) {
    const bool last = rest.starts_with("COMMAND=");
    const std::size_t end = last ? std::string_view::npos : rest.find(" ; ");
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 3);
    const std::size_t equals = part.find('=');
    bool name = equals != std::string_view::npos && equals > 0 && equals < 16;
    for (const char c : part.substr(0, name ? equals : 0)) name = name && c >= 'A' && c <= 'Z';
    if (name)
      add_text(names_.resolve(part.substr(0, equals)), part.substr(equals + 1), batch);
    else
      add_text(reason_, part, batch);
  }
}

// "(to root) bob on pts/0", "FAILED SU (to root) bob on pts/0" (util-linux); "Successful su for root by bob",
// "FAILED su for root by bob", "+ pts/0 bob:root", "- pts/0 bob:root" (shadow).
void SyslogMessages::add_su(std::string_view message, event::Batch& batch) const {
  const bool failed = message.starts_with("FAILED") || message.starts_with("- ");
  if (const std::size_t to = message.find("(to "); to != std::string_view::npos) {
    std::string_view rest = message.substr(to + 4);
    const std::string_view target = take_until(rest, ')');
    skip_blanks(rest);
    add_text(action_, failed ? "su_failed" : "su_succeeded", batch);
    add_text(target_user_, target, batch);
    add_text(user_, rest.substr(0, rest.find(" on ")), batch);
    add_text(tty_, word_after(rest, " on "), batch);
  } else if (const std::size_t at = message.find(" su for "); at != std::string_view::npos) {
    add_text(action_, failed ? "su_failed" : "su_succeeded", batch);
    add_text(target_user_, word_after(message, " su for "), batch);
    add_text(user_, word_after(message, " by "), batch);
  } else if (message.starts_with("+ ") || message.starts_with("- ")) {
    std::string_view rest = message.substr(2);
    const std::string_view tty = take_until(rest, ' ');
    const std::size_t colon = rest.rfind(':');
    if (colon == std::string_view::npos) return;
    add_text(action_, failed ? "su_failed" : "su_succeeded", batch);
    add_text(tty_, tty, batch);
    add_text(user_, rest.substr(0, colon), batch);
    add_text(target_user_, rest.substr(colon + 1), batch);
  }
}

// "(root) CMD (run-parts /etc/cron.hourly)" (Vixie cron, misc.c: log_it).
void SyslogMessages::add_cron(std::string_view message, event::Batch& batch) const {
  skip_blanks(message);
  if (!take(message, '(')) return;
  const std::string_view user = take_until(message, ')');
  skip_blanks(message);
  const std::string_view action = take_until(message, '(');
  if (message.empty()) return;
  add_text(user_, user, batch);
  add_text(action_, trim(action), batch);
  if (message.ends_with(')')) message.remove_suffix(1);
  add_text(command_, trim(message), batch);
}

// "new user: name=bob, UID=1000, GID=0, home=/home/bob, shell=/bin/bash" and "add 'bob' to group 'sudo'" (shadow).
void SyslogMessages::add_account(std::string_view message, event::Batch& batch) {
  constexpr std::size_t kPairsMax = 16;
  skip_blanks(message);
  if (message.starts_with("new user: ") || message.starts_with("new group: ")) {
    std::string_view rest = message;
    add_text(action_, take_until(rest, ':'), batch);
    for (std::size_t count = 0; !rest.empty() && count < kPairsMax; ++count) {
      std::string_view value = trim(take_until(rest, ','));
      const std::string_view key = take_until(value, '=');
      if (!value.empty()) add_text(names_.resolve(key), value, batch);
      if (key == "name" && message.starts_with("new user")) add_text(user_, value, batch);
    }
    return;
  }
  std::string_view rest = message;
  const std::string_view verb = take_until(rest, ' ');
  if (verb == "add" || verb == "remove" || verb == "delete" || verb == "change" || verb == "removed" ||
      verb == "lock" || verb == "unlock") {
    add_text(action_, verb, batch);
    take(rest, "user ");
    const bool group_first = take(rest, "group ") || take(rest, "shadow group ");
    add_text(group_first ? group_ : user_, bare(rest.substr(0, rest.find(' '))), batch);
    if (!group_first) add_text(group_, bare(word_after(rest, "group ")), batch);
  } else if (const std::size_t changed = message.find("password changed for "); changed != std::string_view::npos) {
    add_text(action_, "password changed", batch);
    add_text(user_, bare(word_after(message, "password changed for ")), batch);
  }
}

// What pam_unix and its like say (Linux-PAM, modules/pam_unix/support.c and pam_unix_sess.c).
void SyslogMessages::add_pam(std::string_view message, event::Batch& batch) {
  constexpr std::size_t kPairsMax = 16;
  if (message.starts_with("session opened")) return add_pam_session("session_opened", message, batch);
  if (message.starts_with("session closed")) return add_pam_session("session_closed", message, batch);
  if (message.starts_with("password changed for ")) {
    add_text(action_, "password_changed", batch);
    return add_text(user_, word_after(message, "password changed for "), batch);
  }
  if (message.starts_with("check pass; user unknown")) return add_text(action_, "user_unknown", batch);
  const std::size_t semicolon = message.find(';');
  const std::string_view what = message.substr(0, semicolon);
  if (what.find("authentication failure") == std::string_view::npos) return;
  add_text(action_, "authentication_failure", batch);
  std::string_view rest = semicolon == std::string_view::npos ? std::string_view() : message.substr(semicolon + 1);
  for (std::size_t count = 0; !rest.empty() && count < kPairsMax; ++count) {
    std::string_view value = take_token(rest);
    if (value.find('=') == std::string_view::npos) continue;
    const std::string_view key = take_until(value, '=');
    if (value.empty()) continue;
    add_text(names_.resolve(key), value, batch);
    if (key == "rhost" && looks_like_address(value)) add_text(src_ip_, value, batch);
  }
}

// "session opened for user root(uid=0) by bob(uid=1000)", "session closed for user root".
void SyslogMessages::add_pam_session(std::string_view action, std::string_view message, event::Batch& batch) const {
  add_text(action_, action, batch);
  add_text(user_, without_uid(word_after(message, "for user ")), batch);
  add_text(by_user_, without_uid(word_after(message, " by ")), batch);
}

}  // namespace weir::formats

// TLS by OpenSSL, over a socket that never blocks: each call is repeated when the socket is ready for what it wants.

#include <climits>
#include <memory>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "io/client_stream.h"
#include "io/dial.h"

namespace weir::io {

namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;

std::string openssl_message() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

Memory reading(const std::string& text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without a password the callback answers an empty one: OpenSSL's own would ask on the terminal.
int give_password(char* out, int size, int, void* password) {
  const auto& text = *static_cast<const std::string*>(password);
  if (text.size() > static_cast<std::size_t>(size)) return -1;
  text.copy(out, text.size());
  return static_cast<int>(text.size());
}

Status trust(SSL_CTX* context, const std::string& authorities) {
  if (authorities.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return {};
  }
  const Memory source = reading(authorities);
  int count = 0;
  while (const Certificate certificate{PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate.get());
    ++count;
  }
  ERR_clear_error();  // The last read found no more.
  if (count == 0) return fail(ErrorKind::user, "the trusted certificates hold none in PEM form");
  return {};
}

Status present(SSL_CTX* context, const TlsSettings& settings) {
  if (settings.certificates.empty()) return {};
  const Memory source = reading(settings.certificates);
  const Certificate own(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) {
    return fail(ErrorKind::user, "the client certificate cannot be read: {}", openssl_message());
  }
  while (X509* signer = PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, signer);  // Takes it over.
  }
  ERR_clear_error();
  auto password = settings.private_key_password;
  const Memory key_source = reading(settings.private_key);
  const Key key(PEM_read_bio_PrivateKey(key_source.get(), nullptr, &give_password, &password));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return fail(ErrorKind::user, "the client's private key cannot be used: {}", openssl_message());
  }
  return {};
}

bool is_numeric(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

void expect_host(SSL* session, const std::string& host, bool checks) {
  const bool numeric = is_numeric(host);
  if (!numeric) SSL_set_tlsext_host_name(session, host.c_str());
  if (!checks) return;
  X509_VERIFY_PARAM* parameters = SSL_get0_param(session);
  if (numeric) {
    X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str());
  } else {
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size());
  }
}

class TlsStream final : public ClientStream {
 public:
  TlsStream(Socket socket, Context context, Session session)
      : socket_(std::move(socket)), context_(std::move(context)), session_(std::move(session)) {}

  Status shake_hands(Deadline deadline) {
    return until_done(deadline, "TLS", [&] { return SSL_connect(session_.get()); });
  }

  Status send(std::string_view bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      const int size = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
      int sent = 0;
      TRY(until_done(deadline, "sending", [&] { return sent = SSL_write(session_.get(), bytes.data(), size); }));
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return {};
  }

  Status receive(std::span<char> into, Deadline deadline) override {
    while (!into.empty()) {
      const int size = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
      int received = 0;
      TRY(until_done(deadline, "receiving", [&] { return received = SSL_read(session_.get(), into.data(), size); }));
      into = into.subspan(static_cast<std::size_t>(received));
    }
    return {};
  }

 private:
  template <typename Call>
  Status until_done(Deadline deadline, std::string_view doing, Call call) {
    while (true) {
      ERR_clear_error();
      const int code = call();
      if (code > 0) return {};
      switch (SSL_get_error(session_.get(), code)) {
        case SSL_ERROR_WANT_READ: TRY(wait_for(socket_.number(), Wait::read, deadline)); break;
        case SSL_ERROR_WANT_WRITE: TRY(wait_for(socket_.number(), Wait::write, deadline)); break;
        case SSL_ERROR_SSL: return failure(doing);
        default: return fail(ErrorKind::external, "{}: the server closed the connection", doing);
      }
    }
  }

  Status failure(std::string_view doing) {
    const long verified = SSL_get_verify_result(session_.get());
    if (verified != X509_V_OK) {
      ERR_clear_error();
      return fail(ErrorKind::external, "{}: the server's certificate is refused: {}", doing,
                  X509_verify_cert_error_string(verified));
    }
    return fail(ErrorKind::external, "{}: {}", doing, openssl_message());
  }

  Socket socket_;
  Context context_;
  Session session_;
};

}  // namespace

Result<std::unique_ptr<ClientStream>> connect_tls(const Address& address, const TlsSettings& settings,
                                                  Deadline deadline) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return fail(ErrorKind::external, "TLS cannot be used: {}", openssl_message());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  TRY(trust(context.get(), settings.authorities));
  TRY(present(context.get(), settings));
  TRY(auto socket, dial(address, deadline));
  Session session(SSL_new(context.get()));
  if (!session) return fail(ErrorKind::external, "TLS cannot be used: {}", openssl_message());
  SSL_set_fd(session.get(), socket.number());
  expect_host(session.get(), address.host, settings.checks_host_name);
  auto stream = std::make_unique<TlsStream>(std::move(socket), std::move(context), std::move(session));
  TRY(stream->shake_hands(deadline));
  return stream;
}

}  // namespace weir::io

#include "kafka/connection_settings.h"

#include <map>

#include <gtest/gtest.h>

namespace weir::kafka {
namespace {

constexpr std::string_view kPem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

// Reads `text` as the file "client.properties"; "ca.pem" is there, too.
Result<ConnectionSettings> read(const std::string& text) {
  const std::map<std::string, std::string> files{
      {"client.properties", text}, {"ca.pem", std::string(kPem)}, {"store.jks", "\xFE\xED\xFE\xED"}};
  SettingsReader reader([&](const std::string& path) -> Result<std::string> {
    const auto file = files.find(path);
    if (file == files.end()) return fail(ErrorKind::user, "{}: no such file", path);
    return file->second;
  });
  TRY(reader.set_all("client.properties"));
  return reader.finish();
}

std::string error_of(const std::string& text) {
  const auto settings = read(text);
  if (settings) return "(fine)";
  EXPECT_EQ(settings.error().kind, ErrorKind::user);
  return settings.error().message;
}

TEST(ConnectionSettings, AreAKafkaClientsProperties) {
  const auto settings = read(
      "bootstrap.servers=a:1, PLAINTEXT://b:2 ,[::1]:3\n"
      "security.protocol=SASL_SSL\n"
      "sasl.mechanism=SCRAM-SHA-256\n"
      "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\\n"
      "  username=\"alice\" password=\"secret\";\n"
      "ssl.truststore.type=PEM\nssl.truststore.location=ca.pem\n"
      "ssl.endpoint.identification.algorithm=\nclient.id=me\nrequest.timeout.ms=1500\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->bootstrap, (std::vector<io::Address>{{"a", 1}, {"b", 2}, {"::1", 3}}));
  EXPECT_TRUE(settings->uses_tls);
  EXPECT_EQ(settings->tls.authorities, kPem);
  EXPECT_FALSE(settings->tls.checks_host_name);
  EXPECT_EQ(settings->mechanism, SaslMechanism::scram_sha256);
  EXPECT_EQ(settings->user, "alice");
  EXPECT_EQ(settings->password, "secret");
  EXPECT_EQ(settings->client_id, "me");
  EXPECT_EQ(settings->request_timeout, std::chrono::milliseconds(1500));
}

TEST(ConnectionSettings, WithoutAnyReachWeirItself) {
  const auto settings = read("");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->bootstrap, (std::vector<io::Address>{{"127.0.0.1", 9092}}));
  EXPECT_FALSE(settings->uses_tls);
  EXPECT_EQ(settings->mechanism, SaslMechanism::none);
}

TEST(ConnectionSettings, AProtocolWithoutSaslLogsNobodyIn) {
  const auto settings = read("security.protocol=PLAINTEXT\nsasl.username=u\nsasl.password=p\nsasl.mechanism=PLAIN\n");
  ASSERT_TRUE(settings);
  EXPECT_EQ(settings->mechanism, SaslMechanism::none);
}

TEST(ConnectionSettings, ErrorsNameTheKeyAndItsLine) {
  EXPECT_EQ(error_of("\nbootstrap.server=a:1"),
            "client.properties:2: unknown property 'bootstrap.server'; did you mean 'bootstrap.servers'?");
  EXPECT_EQ(error_of("bootstrap.servers=a"),
            "client.properties:1: bootstrap.servers: 'a' is no address: write HOST:PORT, for example 127.0.0.1:9092");
  EXPECT_EQ(error_of("security.protocol=TLS"),
            "client.properties:1: security.protocol: 'TLS' is not known; it is one "
            "of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL");
  EXPECT_EQ(
      error_of("sasl.mechanism=GSSAPI"),
      "client.properties:1: sasl.mechanism: 'GSSAPI' is not known; it is one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512");
  EXPECT_NE(error_of("ssl.truststore.location=store.jks").find("is not in PEM form"), std::string::npos);
  EXPECT_NE(error_of("ssl.truststore.type=JKS").find("convert the store to PEM"), std::string::npos);
  EXPECT_EQ(error_of("ssl.ca=absent.pem"), "client.properties:1: absent.pem: no such file");
  EXPECT_NE(error_of("request.timeout.ms=0").find("request.timeout.ms"), std::string::npos);
}

TEST(ConnectionSettings, WhatDoesNotFitTogetherIsAnError) {
  EXPECT_NE(error_of("security.protocol=SASL_SSL").find("a user is missing"), std::string::npos);
  EXPECT_NE(error_of("sasl.username=u\nsasl.password=p").find("set sasl.mechanism"), std::string::npos);
  EXPECT_NE(error_of("sasl.mechanism=PLAIN\nsasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule "
                     "required username=u password=p;")
                .find("does not fit"),
            std::string::npos);
  EXPECT_NE(error_of("security.protocol=SSL\nssl.certificate.location=ca.pem").find("private key"), std::string::npos);
}

}  // namespace
}  // namespace weir::kafka

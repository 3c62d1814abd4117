#pragma once

// How seldom four bytes stand side by side in command lines, paths and scripts (folded). Only a guess that makes scans
// fast: any numbers give the same matches. The table is written by piece_rarity.py.

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace weir::match {

// What one doubling of the literals that share a piece costs, in half bits.
inline constexpr int kSharingWeight = 8;

// Classes: letters, digits as one, these signs each, other ASCII, all beyond ASCII.
inline constexpr std::string_view kRaritySigns = " \\/.-_:\"'=,;()$%&+{}[]<>|@*?#!^~`";
inline constexpr std::size_t kRarityClasses = 26 + 1 + kRaritySigns.size() + 2;

// Row: class of the first byte; column: of the second. Rarity in half bits, base 36.
// clang-format off
inline constexpr std::string_view kPairRarity =
    "ljhhjigmnnniijphmfifjlnpommtjyrltzyyzvzzzzyzzzpzzzzzzzzyzzzzzz"
    "iknlkmoqjnqlrqqosrppnpmtormurzrlwzzzzzzzzzzzzzpzzzzzzzzzzzzzzz"
    "fnllfnpilwllnrfnpgmkfwqyoznnpymltfyztzzwzyvzzzuzzzzzzzzyzzuzzz"
    "immlhmssiwthmtelsllpmprvrzmmozmkpvszyyywzzzzzzpzzzzzzzzzzzzzzz"
    "iljiljkqotnkeeplpdeepmmhppnjfylknqmwwsysmzyzzrqzzzzzzzzzqzzzzz"
    "jknnlkuvhzuqpylwrnoeqttuqzmstzrktzzzzzzzzzzzzzqzzzzzzzzzzzwzzz"
    "lmptjwqslzptpnsttjlpnyqzszuqjwpwqzvzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "kvptityrlzfprulupomnpwtztyzpmyrwtwywuwzzzzzzzzzzzzzzzzzzzzzzzz"
    "jpelijmozzskkdhmzmhjwmuuzowusymvtyyzzzzzzzzzzzzzzzzzyzzzzzuzzz"
    "nzzyrsyzyzwwzwszuspyusrzwzzzzzuzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "luotmystsyzgwutzsrjniqrynzzsowtvszzzwzzzzzzzzzzzzzzzzzzzzzzzzz"
    "jumohuquhuvggtirvtglmyszozwmizmyqvuwzwzyzzzzzzzzyzzzzzzzwzzzzz"
    "ioklivqzfzyonylkurmvtztzuzomeqnwswyzzzzzyzzzwzzzzzzzzzzzyzzzzz"
    "irmehljqlqqmqolntrkdpntstzwmitnqrztzstzywzzzzzzzzzzzzzzzzzzzzw"
    "lrkkuekzrvrfkemiuggkkmeruwwtottwzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "iuomiorrnuyjpsjjshllnustpuqnkyntrruzyzzzzzzztzzzzzzzyzzzzzzzzz"
    "kkzzvvtzzzzuvzyypyzzozrzzzzwzzttzzyzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "hsnmdosvjvjmmndopgghjitwjtunismulvtyzzyznvwzzzyzzzzzzzzzyzzzzy"
    "jujtersjhzkronenpnhdrnlqeuxlcrlinqsywzyzzzuyzzzzzzyzzzzzzzvzzz"
    "hqgpdprjfysmosintflkjjgrnuvkeyjqrquwzzvumzzzzzzzwzzzzzwzzzzzzz"
    "knqrntrzozzilkzizfimvzqwzwztjztzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "mrmzhwtyhzzzwwmuuwjyyzvwzwurvysvzzyzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "gkwtjwzsezwummirulewtypzuwroyvqywywzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "qzrwiywwtzzypwpmrzqozzwzrzwuvzsyzzyzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "onpputtvuzwtsqrorueqyzpztzznkzpwuzwzyzzzzzzzzzzzzzzzzzzzwzzzzz"
    "mwzypzvztzzzzurzotzyrtrwzzzvzzvzzzyzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "mmmnnmzzzzzzzwyzyvzyzztzzzkvlxoirwzzzzzzxzzxzzozzzzzzzzzzzzzzz"
    "oqlqsmppqzyqqnpmtqlstsmzzzvlskvlzymruzzkzryytuywzzzuywzzzzzzzz"
    "hjehkmnmlrpkgiogujcjjieozrpzpzozsztzzzzmzzzzzgzzzzzzywyzzzzzzz"
    "qtopsptuvzwwsrwuwqqourtzyyyyzpzzzzyzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "rsnhiwtvsrzsrownzrpnrsnqwwpwuzwzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "jllimlutuvtrsqqszqprswqvyyizzzzpzzzzzzzzzzzzzyzzzzzzzzzzzzzzzz"
    "rroqspuruzuuorwpysoswppszzrytzuzjzzzzzzztzzzzqzzzzzzzzzzzzzzzz"
    "wzsyvyvzzzzwtwzyzwwyzzyzzvvufpzzttuzzzzzzzyzzzzzzzzzzzzzzzzzzz"
    "zzltvzyqvyzzvuzvzttuyztzzzzlwzzzzyszzyzwuwvzzzzyzzzzzzzzzzzzzz"
    "vzzyzzzzzzzzwzzwzzzuwyyzzzztwzzzzztzzwyztzwzzzzzzzzzzzzzzzzzzz"
    "vzvzzzzyzzzvzyzyzzuuyzzzzzztyzzzzzuvzzzzzzyzzzzzzzzzzzzzzzzzzz"
    "zzstwzzzwzzzzzyyzzyzzwzzzzzwzzzzzzzzzzzzzzzzzzzzzzzzzzzyzzzzzz"
    "zzyzzzzzzzzzzzzzzzzzyzzzzzzszzzzzzyyzzzzzzzzzzwzzzzzzzzzzzzzzz"
    "uwsmnzzzzzznyzwzzzrzzzztzzzzzzzzzzwtzzzzwyzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzurzvzzztzzztzwzzzzzzzzzzzzzzzzzzzzz"
    "zzzzuzzzvzzvzzzzzzzzvzzzzzzvyzzzvzzzzzzuzzzzzzzzzzzzzzzzzzzzzz"
    "yzzzzzzzzzzzzyzzzzvzzzzzzzzzzzzzzzvuzzzzzzqzzzzzzzzzzzzzzzzzzz"
    "zzzzzwyzzzzyzzzzzzzzzzzzzzxyzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzyszzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "kqmnpozzzzzwzzzzyzzzzzzzzzqwzzzzzzzzzzzzzyzzzzzzzzzzzzzzzzzzzz"
    "wzwwwzzzzzzzzzzuzzwzzzzzzzzwhzzqzzvzzzzzzzzzzzyzzzzzzzzzzzzzzz"
    "zzzzwzzzzzzzzzzzzzzzzzzyzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzwzzzzzzzyzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzyzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzyzzzzzzzzzzzzzzzzzzuzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "yzzzzzyzzzzzzzzzzzyzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzyzzyzzzyzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzyzzzzzzzzzzzzzzwzzzzzzzzzzyzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzszzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "qzwzzzzzzzzzzyzwzzzzzzzzzzzyzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzuzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
    "zzzzzywzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzt";
// clang-format on
static_assert(kPairRarity.size() == kRarityClasses * kRarityClasses);

inline constexpr auto kRarityClassOf = [] {
  std::array<unsigned char, 256> classes{};
  for (std::size_t byte = 0; byte < 256; ++byte) classes[byte] = byte < 128 ? kRarityClasses - 2 : kRarityClasses - 1;
  for (std::size_t i = 0; i < 26; ++i) classes['a' + i] = classes['A' + i] = static_cast<unsigned char>(i);
  for (std::size_t i = 0; i < 10; ++i) classes['0' + i] = 26;
  for (std::size_t i = 0; i < kRaritySigns.size(); ++i) {
    classes[static_cast<unsigned char>(kRaritySigns[i])] = static_cast<unsigned char>(27 + i);
  }
  return classes;
}();

inline int pair_rarity(char first, char second) {
  const std::size_t row = kRarityClassOf[static_cast<unsigned char>(first)];
  const char digit = kPairRarity[row * kRarityClasses + kRarityClassOf[static_cast<unsigned char>(second)]];
  return digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

// Of four bytes.
inline int piece_rarity(const char* bytes) {
  return pair_rarity(bytes[0], bytes[1]) + pair_rarity(bytes[1], bytes[2]) + pair_rarity(bytes[2], bytes[3]);
}

}  // namespace weir::match

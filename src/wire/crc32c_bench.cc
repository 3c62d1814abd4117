// CRC-32C over the sizes of small and large batches; the rate is bytes per second.
//
//   wire_bench --benchmark_filter=Crc32c

#include <string>

#include <benchmark/benchmark.h>

#include "wire/crc32c.h"

namespace weir::wire {
namespace {

template <std::uint32_t (*Function)(std::string_view, std::uint32_t)>
void BM_Crc32c(benchmark::State& state) {
  const std::string bytes(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(Function(bytes, 0));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Crc32c<crc32c>)->Name("Crc32c")->Arg(64)->Arg(1024)->Arg(16'384)->Arg(1 << 20);
BENCHMARK(BM_Crc32c<crc32c_by_table>)->Name("Crc32cByTable")->Arg(64)->Arg(1024)->Arg(16'384)->Arg(1 << 20);

}  // namespace
}  // namespace weir::wire

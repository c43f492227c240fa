/* The only C++ of the project: what of Google Benchmark's interface C cannot call.
 *
 * Settings are passed as the library's own command line, because that is where it takes repetitions
 * and random interleaving from. Results reach C through a reporter that forwards each repetition,
 * and, where JSON is wanted, hands everything to the library's JSON reporter as well.
 */
#include "harness/microbench/benchmark_shim.h"

#include <benchmark/benchmark.h>
#include <cstring>
#include <fstream>
#include <iostream>
#include <memory>
#include <regex>
#include <string>
#include <vector>

namespace {

struct Registration {
  std::string name;
  unsigned thread_count;
  size_t index;
  bench_body *body;
  void *argument;
};

std::vector<Registration> &registrations() {
  static std::vector<Registration> list;
  return list;
}

void run_passes(benchmark::State &state, const Registration &entry) {
  uint64_t items = 0;
  uint64_t bytes = 0;
  for (auto _ : state) {
    bench_pass pass = {};
    entry.body(entry.argument, &pass);
    if (pass.failure != nullptr) {
      state.SkipWithError(pass.failure);
      break;
    }
    state.SetIterationTime(static_cast<double>(pass.elapsed_ns) * 1e-9);
    items += pass.items;
    bytes += pass.bytes;
  }
  state.SetItemsProcessed(static_cast<int64_t>(items));
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
  state.counters["threads_of_kernel"] = entry.thread_count;
}

class ForwardingReporter : public benchmark::BenchmarkReporter {
public:
  ForwardingReporter(bench_receive *receive, void *argument, std::ostream *json)
      : receive_(receive), argument_(argument) {
    if (json != nullptr) {
      json_ = std::make_unique<benchmark::JSONReporter>();
      json_->SetOutputStream(json);
      json_->SetErrorStream(&std::cerr);
    }
  }

  bool ReportContext(const Context &context) override {
    return json_ == nullptr || json_->ReportContext(context);
  }

  void ReportRuns(const std::vector<Run> &runs) override {
    if (json_ != nullptr) {
      json_->ReportRuns(runs);
    }
    for (const Run &run : runs) {
      for (const Registration &known : registrations()) {
        if (run.run_type == Run::RT_Iteration && known.name == run.run_name.function_name) {
          forward(run, known.index);
        }
      }
    }
  }

  void Finalize() override {
    if (json_ != nullptr) {
      json_->Finalize();
    }
  }

private:
  void forward(const Run &run, size_t index) {
    bench_repetition repetition = {};
    repetition.index = index;
    repetition.passes = static_cast<uint64_t>(run.iterations);
    if (run.error_occurred) {
      repetition.failure = run.error_message.c_str();
    } else {
      repetition.seconds_per_pass = run.real_accumulated_time / static_cast<double>(run.iterations);
      repetition.items_per_second = counter(run, "items_per_second");
      repetition.bytes_per_second = counter(run, "bytes_per_second");
    }
    receive_(argument_, &repetition);
  }

  static double counter(const Run &run, const char *name) {
    auto found = run.counters.find(name);
    return found == run.counters.end() ? 0 : found->second.value;
  }

  bench_receive *receive_;
  void *argument_;
  std::unique_ptr<benchmark::JSONReporter> json_;
};

/* Registers with the library what the filter selects. The library's own filter would see names with
 * suffixes, so that
 * `$` meant something else there. Returns how many that were; 0 also where the filter is no
 * expression. */
size_t select(const std::string &filter, void (*announce)(const char *)) {
  std::regex expression;
  try {
    expression = std::regex(filter, std::regex_constants::extended);
  } catch (const std::regex_error &) {
    return 0;
  }
  size_t count = 0;
  for (const Registration &entry : registrations()) {
    if (!filter.empty() && !std::regex_search(entry.name, expression)) {
      continue;
    }
    count++;
    benchmark::RegisterBenchmark(entry.name.c_str(),
                                 [&entry, announce](benchmark::State &state) {
                                   if (announce != nullptr) {
                                     announce(entry.name.c_str());
                                   }
                                   run_passes(state, entry);
                                 })
        ->UseManualTime()
        ->Unit(benchmark::kMillisecond);
  }
  return count;
}

void initialize(const bench_settings *settings) {
  std::vector<std::string> arguments = {
      "tricolor-bench",
      "--benchmark_enable_random_interleaving=true",
      "--benchmark_repetitions=" + std::to_string(settings->repetitions),
      "--benchmark_min_time=" + std::to_string(settings->repetition_seconds),
  };
  std::vector<char *> texts;
  for (std::string &argument : arguments) {
    texts.push_back(argument.data());
  }
  texts.push_back(nullptr);
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, texts.data());
}

} // namespace

void bench_shim_register(const char *name, unsigned thread_count, size_t index, bench_body *body,
                         void *argument) {
  registrations().push_back({name, thread_count, index, body, argument});
}

bench_status bench_shim_run(const bench_settings *settings, bench_receive *receive,
                            void *argument) {
  if (select(settings->filter, settings->announce) == 0) {
    return BENCH_BAD_FILTER;
  }
  std::ofstream file;
  std::ostream *json = nullptr;
  if (settings->json_path != nullptr && std::strcmp(settings->json_path, "-") == 0) {
    json = &std::cout;
  } else if (settings->json_path != nullptr) {
    file.open(settings->json_path);
    json = &file;
  }
  if (json != nullptr && !json->good()) {
    return BENCH_UNWRITABLE;
  }
  initialize(settings);
  ForwardingReporter reporter(receive, argument, json);
  benchmark::RunSpecifiedBenchmarks(&reporter);
  benchmark::Shutdown();
  if (json != nullptr) {
    json->flush();
  }
  return json == nullptr || json->good() ? BENCH_DONE : BENCH_UNWRITABLE;
}

// Runs an exported chip of cores that Verilator has made a class of: memories and a host's packets from a file, what
// is seen of the chip into another one. Both files are whole numbers of 64 bits. The same rules as those of
// `AmaranthCoreEngine` say when a tick ends.
#include "circuit.h"  // made for the chip

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

namespace {

using Words = std::vector<uint64_t>;

Words read_file(const char *name) {
    std::FILE *file = std::fopen(name, "rb");
    if (!file) std::exit(3);
    std::fseek(file, 0, SEEK_END);
    Words words(size_t(std::ftell(file)) / sizeof(uint64_t));
    std::rewind(file);
    if (std::fread(words.data(), sizeof(uint64_t), words.size(), file) != words.size()) std::exit(3);
    std::fclose(file);
    return words;
}

// A value of any width that Verilator has, from and to words of 64 bits, the lowest first.
template <typename T> size_t put(T &value, const uint64_t *words) {
    value = T(words[0]);
    return 1;
}
template <size_t N> size_t put(VlWide<N> &value, const uint64_t *words) {
    for (size_t i = 0; i < N; i++) value[i] = uint32_t(words[i / 2] >> (i % 2 * 32));
    return (N + 1) / 2;
}
template <typename T> void get(const T &value, Words &words) { words.push_back(uint64_t(value)); }
template <size_t N> void get(const VlWide<N> &value, Words &words) {
    for (size_t i = 0; i < N; i += 2) {
        words.push_back(uint64_t(value[i]) | (i + 1 < N ? uint64_t(value[i + 1]) << 32 : 0));
    }
}

struct Run {
    std::unique_ptr<VerilatedContext> context{new VerilatedContext};
    std::unique_ptr<Chip> chip{new Chip{context.get()}};
    uint64_t cycle = 0, tick = 0, overruns = 0, faults = 0;
    int64_t sent = -2;
    const uint64_t *offer, *end;  // packets of the host: tick, low word, high word
    Words lengths, fired, reported;

    void one_cycle(bool ticking) {
        // The host offers what it has from the cycle after that in which a tick began.
        const bool offers = offer != end && offer[0] < tick + !ticking;
        if (offers && chip->host_in_ready) sent = int64_t(cycle);
        chip->tick = ticking;
        chip->host_in_valid = offers;
        if (offers) put(chip->host_in_payload, offer + 1);
        if (chip->host_out_valid) {
            reported.push_back(tick);
            get(chip->host_out_payload, reported);
            reported.push_back(cycle);
        }
        overruns += uint64_t(__builtin_popcountll(uint64_t(chip->overrun)));
        faults += chip->error != 0;
        each_firing(*chip, [&](uint64_t tile, uint64_t group, uint64_t lanes) {
            for (; lanes; lanes &= lanes - 1) {
                const uint64_t lane = uint64_t(__builtin_ctzll(lanes));
                fired.insert(fired.end(), {tick, tile, group * LANES + lane, cycle});
            }
        });
        if (offers && sent == int64_t(cycle)) offer += 3;
        chip->clk = 1;
        chip->eval();
        chip->clk = 0;
        chip->eval();
        cycle++;
    }

    bool is_still() const {
        return (offer == end || offer[0] > tick) && int64_t(cycle) >= sent + 2 && !chip->busy;
    }

    void run(uint64_t ticks, uint64_t cycles) {
        for (uint64_t number = 0; number < ticks; number++, tick++) {
            const uint64_t begun = cycle, before = overruns;
            one_cycle(true);
            while (cycles ? cycle != begun + cycles : !is_still()) one_cycle(false);
            lengths.insert(lengths.end(), {cycle - begun, overruns - before});
        }
    }
};

void write(std::FILE *file, const Words &words) {
    const uint64_t count = words.size();
    if (std::fwrite(&count, sizeof count, 1, file) != 1) std::exit(3);
    if (std::fwrite(words.data(), sizeof(uint64_t), words.size(), file) != words.size()) std::exit(3);
}

}  // namespace

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    const Words given = read_file(argv[1]);  // ticks, cycles (0: until all is still), memories, packets
    Run run;
    run.chip->clk = run.chip->rst = run.chip->tick = run.chip->host_in_valid = 0;
    run.chip->host_out_ready = 1;
    run.chip->eval();
    const uint64_t *next = given.data() + 2;
    each_memory(*run.chip, [&](auto &memory) {
        for (size_t word = 0; word < sizeof memory / sizeof memory[0]; word++) next += put(memory[word], next);
    });
    run.offer = next;
    run.end = given.data() + given.size();
    run.chip->eval();

    const std::clock_t begin = std::clock();
    run.run(given[0], given[1]);
    const double taken = double(std::clock() - begin) / CLOCKS_PER_SEC;

    Words memories;
    each_memory(*run.chip, [&](auto &memory) {
        for (size_t word = 0; word < sizeof memory / sizeof memory[0]; word++) get(memory[word], memories);
    });
    std::FILE *file = std::fopen(argv[2], "wb");
    if (!file) return 3;
    write(file, {uint64_t(taken * 1e9), run.faults});
    for (const Words &words : {run.lengths, run.fired, run.reported, memories}) write(file, words);
    return std::fclose(file) ? 3 : 0;
}

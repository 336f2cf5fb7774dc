// The chip as Python sees it: a C interface.

namespace {

// An exception must not cross the C interface: it becomes the fault's text.
template <class Body>
int guarded(Chip *chip, Body body) {
    try {
        return body();
    } catch (const std::exception &error) {
        chip->fault = std::string("out of memory or broken engine: ") + error.what();
        return Chip::faulty;
    }
}

}  // namespace

extern "C" {

Chip *chip_new(int rows, int cols, int recycle, int threads) {
    try {
        return new Chip(rows, cols, recycle != 0, unsigned(threads));
    } catch (const std::exception &) {
        return nullptr;
    }
}

void chip_free(Chip *chip) { delete chip; }

int chip_set_ready(Chip *chip, const uint8_t *pattern, int64_t period) {
    return guarded(chip, [&] { return chip->set_ready(pattern, period), 0; });
}

int chip_configure(Chip *chip, int64_t n, const int64_t *node, const int64_t *hub, const int64_t *key,
                   const int64_t *ports) {
    return guarded(chip, [&] {
        for (int64_t i = 0; i < n; i++) chip->configure(node[i], hub[i] != 0, key[i], ports[i]);
        return 0;
    });
}

int chip_inject(Chip *chip, int64_t n, const int64_t *cycle, const int64_t *source, const int64_t *destination,
                const int64_t *neuron, const int64_t *stamp, const int64_t *key, const int64_t *more) {
    return guarded(
        chip, [&] { return chip->inject(size_t(n), cycle, source, destination, neuron, stamp, key, more), 0; });
}

int chip_run(Chip *chip, int64_t until, int stop_when_empty, int milliseconds) {
    return guarded(chip, [&] { return chip->run(until, stop_when_empty != 0, milliseconds); });
}

// Cycle, packets given, packets delivered, deliveries in the log, evaluations.
void chip_status(const Chip *chip, int64_t *into) {
    into[0] = chip->cycle;
    into[1] = chip->count;
    into[2] = chip->delivered;
    into[3] = int64_t(chip->log.size());
    into[4] = chip->evaluations;
}

// Move the log out: rows of nine numbers.
void chip_take_log(Chip *chip, int64_t *into) {
    static_assert(sizeof(Delivery) == 9 * sizeof(int64_t), "a delivery is nine numbers");
    if (!chip->log.empty()) std::memcpy(into, chip->log.data(), chip->log.size() * sizeof(Delivery));
    chip->taken += int64_t(chip->log.size());
    chip->log.clear();
}

// Rows of a log in an order, as ten columns one after the other: those of the log, and what `table` has for source and
// destination, of so many tiles.
void chip_sort_log(const int64_t *rows, int64_t n, const int64_t *order, const int64_t *table, int64_t tiles,
                   int64_t *into) {
    constexpr int width = sizeof(Delivery) / sizeof(int64_t);
    // Some rows at a time, so that the columns are written one by one while the rows are near.
    for (int64_t first = 0; first < n; first += 256) {
        const int64_t last = std::min(n, first + 256);
        for (int column = 0; column < width; column++) {
            for (int64_t i = first; i < last; i++) into[column * n + i] = rows[order[i] * width + column];
        }
        for (int64_t i = first; i < last; i++) into[width * n + i] = table[into[n + i] * tiles + into[2 * n + i]];
    }
}

void chip_counters(Chip *chip, uint64_t *into) {
    const auto &totals = chip->totals();
    if (!totals.empty()) std::memcpy(into, totals.data(), totals.size() * sizeof(uint64_t));
}

int chip_watch(Chip *chip, const int64_t *nodes, int64_t n, int64_t from, int64_t to) {
    return guarded(chip, [&] { return chip->watch(std::vector<uint32_t>(nodes, nodes + n), from, to), 0; });
}

int64_t chip_seen(const Chip *chip) { return int64_t(chip->seen_cycles.size()); }

void chip_take_seen(Chip *chip, int64_t *cycles, uint64_t *words) {
    std::copy(chip->seen_cycles.begin(), chip->seen_cycles.end(), cycles);
    std::copy(chip->seen_words.begin(), chip->seen_words.end(), words);
    chip->seen_cycles.clear();
    chip->seen_words.clear();
}

const char *chip_fault(const Chip *chip) { return chip->fault.c_str(); }

}  // extern "C"

// A chip of cores as Python sees it: a C interface, besides that of its network.

namespace {

template <class Row>
inline void take_rows(std::vector<Row> &rows, int64_t *into) {
    static_assert(sizeof(Row) % sizeof(int64_t) == 0, "a row is whole numbers");
    if (!rows.empty()) std::memcpy(into, rows.data(), rows.size() * sizeof(Row));
    rows.clear();
}

}  // namespace

extern "C" {

CoreChip *cores_new(int rows, int cols, int threads, int64_t host_tile) {
    try {
        return new CoreChip(rows, cols, unsigned(threads), host_tile);
    } catch (const std::exception &) {
        return nullptr;
    }
}

void cores_free(CoreChip *chip) { delete chip; }

// The network of the chip, for the functions that take one.
Chip *cores_network(CoreChip *chip) { return chip; }

int cores_set_reach(CoreChip *chip, int64_t keys, int64_t n, const int64_t *places, const int64_t *ends,
                    int64_t reached, const int64_t *tiles) {
    return guarded(chip, [&] { return chip->set_reach(keys, {places, places + n}, {ends, ends + n}, {tiles, tiles + reached}), 0; });
}

const char *cores_memories() { return core::memory_table; }

void cores_load(CoreChip *chip, int64_t tile, int64_t memory, const uint64_t *from) {
    chip->load(size_t(tile), size_t(memory), from);
}

void cores_look_into(CoreChip *chip, int64_t tile, int64_t memory, uint64_t *into) {
    chip->look_into(size_t(tile), size_t(memory), into);
}

int cores_schedule(CoreChip *chip, int64_t ticks, int64_t period, int64_t n, const int64_t *tick, const uint64_t *low,
                   const uint64_t *high) {
    return guarded(chip, [&] { return chip->schedule(ticks, period, size_t(n), tick, low, high), 0; });
}

int cores_go(CoreChip *chip, int milliseconds) {
    return guarded(chip, [&] { return chip->go(milliseconds); });
}

// Offers, fired neurons, words for the host, ticks that have ended, evaluations of a core.
void cores_status(const CoreChip *chip, int64_t *into) {
    into[0] = int64_t(chip->offers.size());
    into[1] = int64_t(chip->fired.size());
    into[2] = int64_t(chip->words.size());
    into[3] = int64_t(chip->lengths.size());
    into[4] = chip->core_evaluations;
}

void cores_take_offers(CoreChip *chip, int64_t *into) { take_rows(chip->offers, into); }
void cores_take_fired(CoreChip *chip, int64_t *into) { take_rows(chip->fired, into); }
void cores_take_words(CoreChip *chip, int64_t *into) { take_rows(chip->words, into); }
void cores_take_lengths(CoreChip *chip, int64_t *into) { take_rows(chip->lengths, into); }
void cores_take_overruns(CoreChip *chip, int64_t *into) { take_rows(chip->overruns, into); }

void cores_counts(const CoreChip *chip, int64_t *into) {
    std::vector<CoreCounts> counts = chip->counts();
    take_rows(counts, into);
}

}  // extern "C"

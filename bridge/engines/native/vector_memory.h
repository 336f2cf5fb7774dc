// Memories and comparisons of the values of vectors.h. Each core has memories of its own: large ones, of which a clock
// edge touches only the words that are read or written.

// What the words of a memory are made of: as narrow as will do, so that more of them fit into a processor's caches.
template <size_t Width>
using stored = std::conditional_t<Width <= 8, uint8_t, std::conditional_t<Width <= 16, uint16_t,
               std::conditional_t<Width <= 32, uint32_t, uint64_t>>>;

template <size_t Width, size_t Depth>
struct bank {
    static constexpr size_t words = (Width + 63) / 64, depth = Depth;
    stored<Width> data[words * Depth];
};

// An address, as CXXRTL looks at it. Where it names no word, what is read is 0.
template <size_t Bits>
struct memory_index {
    static_assert(Bits <= 32, "an address fits a lane");
    static constexpr bool valid = true;
    const narrow index;

    memory_index(const value<Bits> &address, size_t offset, size_t) : index(address.data[0] - uint32_t(offset)) {}
};

// What was last read of a memory. Looking up a word for each core takes long, and most memories rest most of the time.
template <size_t Width>
struct last_read {
    narrow index = ~narrow{};  // of no word
    value<Width> word;
};

inline bool any(const narrow &a) {
#ifdef __AVX__
    return !_mm256_testz_si256(__m256i(a), __m256i(a));
#else
    uint64_t halves[lanes / 2];
    std::memcpy(halves, &a, sizeof(a));
    uint64_t all = 0;
    for (const uint64_t half : halves) all |= half;
    return all != 0;
#endif
}

// The same memory of all cores.
template <size_t Width, size_t Depth>
struct memory {
    bank<Width, Depth> *const (&banks)[lanes];
    last_read<Width> &last;

    const value<Width> &operator[](const narrow &index) const {
        if (any(index ^ last.index)) {
            last.index = index;
            constexpr size_t words = bank<Width, Depth>::words;
            alignas(64) typename value<Width>::element read[words][lanes];
            for (size_t k = 0; k < lanes; k++) {
                const bool exists = index[k] < Depth;
                const auto *word = banks[k]->data + (exists ? index[k] : 0) * words;
                for (size_t i = 0; i < words; i++) read[i][k] = exists ? word[i] : 0;
            }
            std::memcpy(last.word.data, read, sizeof(read));
        }
        return last.word;
    }
};

// In which lanes something has changed: not 0 there.
using flags = narrow;

// Not 0 where two values differ.
template <size_t Bits>
inline flags difference(const value<Bits> &a, const value<Bits> &b) {
    typename value<Bits>::word bits{};
    for (size_t i = 0; i < a.words; i++) bits |= a.data[i] ^ b.data[i];
    if constexpr (Bits <= 32) return bits;
    else return as<narrow>(bits | bits >> 32);
}

// Write to a memory, all of a word or the bits that are enabled. Returns the lanes in which that changes something.
template <size_t Width, size_t Depth, size_t Bits, size_t Enables>
inline flags write(bank<Width, Depth> *const (&banks)[lanes], last_read<Width> &last, const value<Bits> &address,
                   const value<Width> &data, const value<Enables> &enable) {
    static_assert(Enables == 1 || Enables == Width, "one bit for all or one for each");
    static_assert(Bits <= 32, "an address fits a lane");
    flags changed{};
    const flags enabled = difference(enable, value<Enables>{});
    if (!any(enabled)) return changed;
    last.index = ~narrow{};
    constexpr size_t words = bank<Width, Depth>::words;
    for (size_t k = 0; k < lanes; k++) {
        if (!enabled[k] || address.data[0][k] >= Depth) continue;
        auto *word = banks[k]->data + address.data[0][k] * words;
        for (size_t i = 0; i < words; i++) {
            const uint64_t mask = Enables == 1 ? ~uint64_t(0) : uint64_t(enable.data[Enables == 1 ? 0 : i][k]);
            const uint64_t flipped = (word[i] ^ uint64_t(data.data[i][k])) & mask;
            word[i] = stored<Width>(word[i] ^ flipped);
            changed[k] |= flipped != 0;
        }
    }
    return changed;
}

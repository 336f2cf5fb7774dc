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
    struct place {
        narrow word;
        static constexpr bool all(size_t depth) { return Bits < 32 && depth >> Bits != 0; }
    };
    const place index;

    memory_index(const value<Bits> &address, size_t offset, size_t) : index{address.data[0] - uint32_t(offset)} {}
};

// What was last read of a memory. Looking up a word for each core takes long, and most memories rest most of the time.
template <size_t Width>
struct last_read {
    narrow index = ~narrow{};  // of no word
    value<Width> word;
};

// Whether any lane is not 0, and which: one bit each.
inline bool any(const narrow &a) {
#ifdef __AVX__
    return !_mm256_testz_si256(__m256i(a), __m256i(a));
#else
    narrow all = a;
    uint32_t bits = 0;
    for (size_t k = 0; k < lanes; k++) bits |= all[k];
    return bits != 0;
#endif
}

inline uint32_t which(const narrow &a) {
    const auto differs = a != 0;
#ifdef __AVX__
    return uint32_t(_mm256_movemask_ps(__m256(differs)));
#else
    uint32_t bits = 0;
    for (size_t k = 0; k < lanes; k++) bits |= uint32_t(differs[k] != 0) << k;
    return bits;
#endif
}

// For each lane, ones in it and zeros in the others.
template <class Word>
struct masks_of_lanes {
    Word masks[lanes] = {};
    masks_of_lanes() {
        for (size_t k = 0; k < lanes; k++) masks[k][k] = ~element_of<Word>(0);
    }
};
template <class Word>
const masks_of_lanes<Word> lane_masks;

// The same memory of all cores.
template <size_t Width, size_t Depth>
struct memory {
    bank<Width, Depth> *const (&banks)[lanes];
    last_read<Width> &last;

    template <class Place>
    const value<Width> &operator[](const Place &place) const {
        const narrow &index = place.word;
        constexpr size_t words = bank<Width, Depth>::words;
        using word = typename value<Width>::word;
        if (any(index ^ last.index)) {
            const uint32_t moved = which(index ^ last.index);
            last.index = index;
            // Where every address exists, there is nothing to look at.
            const auto at = [&](size_t k, size_t i) -> typename value<Width>::element {
                return Place::all(Depth) || index[k] < Depth ? banks[k]->data[index[k] * words + i] : 0;
            };
            for (size_t i = 0; i < words; i++) {
                word &read = last.word.data[i];
                if (__builtin_popcount(moved) <= 3) {
                    for (uint32_t left = moved; left; left &= left - 1) {
                        const size_t k = size_t(__builtin_ctz(left));
                        const word here = lane_masks<word>.masks[k];
                        read = (read & ~here) | (at(k, i) & here);
                    }
                } else {
                    read = word{at(0, i), at(1, i), at(2, i), at(3, i), at(4, i), at(5, i), at(6, i), at(7, i)};
                }
            }
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

// Write to a memory, all of a word or the bits that are enabled. Returns the lanes if that changes something.
template <size_t Width, size_t Depth, size_t Bits, size_t Enables>
inline flags write(bank<Width, Depth> *const (&banks)[lanes], last_read<Width> &last, const value<Bits> &address,
                   const value<Width> &data, const value<Enables> &enable) {
    static_assert(Enables == 1 || Enables == Width, "one bit for all or one for each");
    static_assert(Bits <= 32, "an address fits a lane");
    const flags enabled = difference(enable, value<Enables>{});
    if (!any(enabled)) return flags{};
    last.index |= flags(enabled != 0);  // of no word
    constexpr size_t words = bank<Width, Depth>::words;
    bool changed = false;
    for (uint32_t left = which(enabled); left; left &= left - 1) {
        const size_t k = size_t(__builtin_ctz(left));
        if (address.data[0][k] >= Depth) continue;
        auto *word = banks[k]->data + address.data[0][k] * words;
        for (size_t i = 0; i < words; i++) {
            const uint64_t mask = Enables == 1 ? ~uint64_t(0) : uint64_t(enable.data[Enables == 1 ? 0 : i][k]);
            const uint64_t flipped = (word[i] ^ uint64_t(data.data[i][k])) & mask;
            word[i] = stored<Width>(word[i] ^ flipped);
            changed |= flipped != 0;
        }
    }
    return changed ? enabled : flags{};
}

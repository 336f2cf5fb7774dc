// Memories and comparisons of the values of words.h.

// CXXRTL's memories own their words and queue writes. These look at words that the state of a node holds.
template <size_t Width>
struct memory {
    const value<Width> *const data;
    const size_t depth;
    const value<Width> &operator[](size_t index) const { return data[index]; }
};

struct memory_index {
    bool valid;
    size_t index;

    template <size_t Bits>
    memory_index(const value<Bits> &address, size_t offset, size_t depth) {
        static_assert(Bits <= 64, "an address fits a word");
        index = address.data[0] - offset;
        // Where every address exists, there is nothing to look at.
        valid = (Bits < 64 && offset == 0 && depth >> Bits != 0) || index < depth;
    }
};

// Whether something has changed: not 0 then.
using flags = uint64_t;

inline bool any(flags a) { return a != 0; }

// Not 0 where two values differ.
template <size_t Bits>
inline flags difference(const value<Bits> &a, const value<Bits> &b) {
    uint64_t bits = 0;
    for (size_t i = 0; i < a.words; i++) bits |= a.data[i] ^ b.data[i];
    return bits;
}

// Write to a memory, all of a word or the bits that are enabled. Returns what that changes.
template <size_t Depth, size_t Width, size_t Bits, size_t Enables>
inline flags write(value<Width> (&words)[Depth], const value<Bits> &address, const value<Width> &data,
                   const value<Enables> &enable) {
    static_assert(Enables == 1 || Enables == Width, "one bit for all or one for each");
    if (!bool(enable) || address.data[0] >= Depth) return 0;
    value<Width> &word = words[address.data[0]];
    uint64_t changed = 0;
    for (size_t i = 0; i < word.words; i++) {
        const uint64_t flipped = (word.data[i] ^ data.data[i]) & (Enables == 1 ? ~uint64_t(0) : enable.data[i]);
        word.data[i] ^= flipped;
        changed |= flipped;
    }
    return changed;
}

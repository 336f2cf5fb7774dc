// Memories of the values of slices.h.

// The lanes in which an address is `word`.
template <class A>
inline lanes addressed(const A &address, size_t word) {
    lanes all = ~lanes{};
    for (size_t i = 0; i < A::bits; i++) all &= word >> i & 1 ? address.bit(i) : ~address.bit(i);
    return all;
}

// An address, as CXXRTL looks at it. Where it names no word, what is read is 0: no word is in any of its lanes.
template <class A>
struct memory_index {
    static constexpr bool valid = true;
    value<A::bits> index;

    memory_index(const expression<A> &address, size_t, size_t) : index(address) {}
};
template <class A>
memory_index(const expression<A> &, size_t, size_t) -> memory_index<A>;

template <size_t Width, size_t Bits>
struct word_of : expression<word_of<Width, Bits>> {
    static constexpr size_t bits = Width;
    const value<Width> *words;
    size_t depth;
    lanes here[size_t(1) << Bits];

    lanes bit(size_t i) const {
        lanes all = words[0].data[i] & here[0];
        for (size_t word = 1; word < size_t(1) << Bits && word < depth; word++) all |= words[word].data[i] & here[word];
        return all;
    }
};

// A memory, whose words the state of the nodes holds.
template <size_t Width>
struct memory {
    const value<Width> *const data;
    const size_t depth;
    template <size_t Bits>
    word_of<Width, Bits> operator[](const value<Bits> &address) const {
        word_of<Width, Bits> result;
        result.words = data;
        result.depth = depth;
        for (size_t word = 0; word < size_t(1) << Bits; word++) result.here[word] = addressed(address, word);
        return result;
    }
};

// Write to a memory, all of a word or the bits that are enabled. Returns the lanes in which that happens.
template <size_t Depth, size_t Width, size_t Bits, size_t Enables>
inline lanes write(value<Width> (&words)[Depth], const value<Bits> &address, const value<Width> &data,
                   const value<Enables> &enable) {
    static_assert(Enables == 1 || Enables == Width, "one bit for all or one for each");
    lanes all{}, here[Depth];
    for (size_t i = 0; i < Enables; i++) all |= enable.data[i];
    for (size_t word = 0; word < Depth; word++) here[word] = addressed(address, word) & all;
    for (size_t word = 0; word < Depth; word++) {
        if (!any(here[word])) continue;
        for (size_t i = 0; i < Width; i++) {
            lanes &old = words[word].data[i];
            old ^= (old ^ data.data[i]) & (Enables == 1 ? here[word] : here[word] & enable.data[i]);
        }
    }
    return all;
}

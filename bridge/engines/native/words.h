// The values that CXXRTL's code computes with, in 64-bit words and without branches.
//
// CXXRTL's own values are made of 32-bit chunks, which it adds, compares and joins with loops and carries; where values
// are narrow, that costs several times what the operation does. These have the same interface, as far as the code that
// CXXRTL generates uses it, and stand in the same namespace as that code, so that it finds them first. What is rare or
// intricate is left to CXXRTL's own operations.

template <size_t Bits>
struct value;

template <size_t Bits>
inline cxxrtl_yosys::value<Bits> chunked(const value<Bits> &a) {
    cxxrtl_yosys::value<Bits> result;
    for (size_t i = 0; i < result.chunks; i++) result.data[i] = uint32_t(a.data[i / 2] >> (i % 2 * 32));
    return result;
}

template <size_t Bits>
inline value<Bits> worded(const cxxrtl_yosys::value<Bits> &a) {
    value<Bits> result;
    for (size_t i = 0; i < a.chunks; i++) result.data[i / 2] |= uint64_t(a.data[i]) << (i % 2 * 32);
    return result;
}

// What parts of values and joined ones have in common with values. They refer to what can be assigned to.
template <class Self>
struct place {
    template <size_t High, size_t Low = High>
    auto slice() const {
        const auto all = static_cast<const Self &>(*this).val();
        return all.template slice<High, Low>();
    }
    template <class Low>
    auto concat(Low &&low) const;
    template <size_t Times>
    auto repeat() const {
        return static_cast<const Self &>(*this).val().template repeat<Times>();
    }
    explicit operator bool() const { return bool(static_cast<const Self &>(*this).val()); }
};

// Part of a value.
template <size_t Bits, size_t High, size_t Low>
struct part : place<part<Bits, High, Low>> {
    static constexpr size_t bits = High - Low + 1;
    value<Bits> &whole;

    explicit part(value<Bits> &whole) : whole(whole) {}

    value<High - Low + 1> val() const { return const_cast<const value<Bits> &>(whole).template slice<High, Low>(); }

    part &operator=(const value<High - Low + 1> &from) {
        for (size_t i = Low / 64; i <= High / 64; i++) {
            // The bits of this word that belong to the part, and those of `from` that belong there.
            const size_t first = i == Low / 64 ? Low % 64 : 0, last = i == High / 64 ? High % 64 : 63;
            const uint64_t mask = (~uint64_t(0) >> (63 - last)) & (~uint64_t(0) << first);
            const size_t at = i * 64 + first - Low;
            uint64_t bits = from.data[at / 64] >> (at % 64);
            if (at % 64 && at / 64 + 1 < from.words) bits |= from.data[at / 64 + 1] << (64 - at % 64);
            whole.data[i] = (whole.data[i] & ~mask) | ((bits << first) & mask);
        }
        return *this;
    }
};

// One place above another.
template <class High, class Low>
struct joined : place<joined<High, Low>> {
    static constexpr size_t bits = High::bits + Low::bits;
    High high;
    Low low;

    joined(const High &high, const Low &low) : high(high), low(low) {}

    value<bits> val() const { return high.val().above(low.val()); }

    joined &operator=(const value<bits> &from) {
        low = from.template slice<Low::bits - 1, 0>();
        high = from.template slice<bits - 1, Low::bits>();
        return *this;
    }
};

// What `joined` keeps of its operands: of variables the place, of everything else a copy.
template <size_t Bits>
part<Bits, Bits - 1, 0> kept(value<Bits> &variable) {
    return part<Bits, Bits - 1, 0>(variable);
}
template <class Other>
Other kept(const Other &other) {
    return other;
}

template <class Self>
template <class Low>
auto place<Self>::concat(Low &&low) const {
    const auto below = kept(low);
    return joined<Self, std::decay_t<decltype(below)>>(static_cast<const Self &>(*this), below);
}

template <size_t Bits>
struct value {
    static_assert(Bits > 0, "a value has at least one bit");
    static constexpr size_t bits = Bits;
    static constexpr size_t words = (Bits + 63) / 64;
    static constexpr uint64_t top = ~uint64_t(0) >> (words * 64 - Bits);  // the bits of the last word that exist

    uint64_t data[words] = {};

    value() = default;

    // From 32-bit chunks, the lowest first.
    template <class... Chunks, class = std::enable_if_t<(std::is_integral_v<Chunks> && ...)>>
    explicit constexpr value(Chunks... chunks) {
        size_t i = 0;
        ((data[i / 2] |= uint64_t(uint32_t(chunks)) << (i % 2 * 32), i++), ...);
    }

    const value &val() const { return *this; }

    explicit operator bool() const {
        uint64_t any = 0;
        for (size_t i = 0; i < words; i++) any |= data[i];
        return any != 0;
    }

    bool operator==(const value &other) const { return !(*this != other); }
    bool operator!=(const value &other) const {
        uint64_t any = 0;
        for (size_t i = 0; i < words; i++) any |= data[i] ^ other.data[i];
        return any != 0;
    }

    template <size_t High, size_t Low = High>
    value<High - Low + 1> slice() const {
        static_assert(High < Bits && Low <= High, "the slice lies inside");
        value<High - Low + 1> result;
        for (size_t i = 0; i < result.words; i++) {
            const size_t at = Low + i * 64;
            result.data[i] = data[at / 64] >> (at % 64);
            if (at % 64 && at / 64 + 1 < words) result.data[i] |= data[at / 64 + 1] << (64 - at % 64);
        }
        result.data[result.words - 1] &= result.top;
        return result;
    }

    template <size_t High, size_t Low = High>
    part<Bits, High, Low> slice() {
        return part<Bits, High, Low>(*this);
    }

    template <class Low>
    auto concat(Low &&low) & {
        return kept(*this).concat(low);
    }
    template <class Low>
    auto concat(Low &&low) const & {
        return above(low.val());
    }
    template <class Low>
    auto concat(Low &&low) && {
        return above(low.val());
    }

    // This above `low`.
    template <size_t below>
    value<Bits + below> above(const value<below> &low) const {
        value<Bits + below> result;
        for (size_t i = 0; i < low.words; i++) result.data[i] = low.data[i];
        for (size_t i = 0; i < words; i++) {
            const size_t at = below + i * 64;
            result.data[at / 64] |= data[i] << (at % 64);
            if (at % 64 && at / 64 + 1 < result.words) result.data[at / 64 + 1] |= data[i] >> (64 - at % 64);
        }
        return result;
    }

    template <size_t Times>
    value<Bits * Times> repeat() const {
        static_assert(Bits == 1, "CXXRTL repeats single bits only");
        value<Times> result;
        for (size_t i = 0; i < result.words; i++) result.data[i] = -data[0];
        result.data[result.words - 1] &= result.top;
        return result;
    }

    template <size_t BitsY, size_t BitsS>
    value<BitsY> bmux(const value<BitsS> &select) const {
        return worded(chunked(*this).template bmux<BitsY>(chunked(select)));
    }
    template <size_t BitsY, size_t BitsS>
    value<BitsY> demux(const value<BitsS> &select) const {
        return worded(chunked(*this).template demux<BitsY>(chunked(select)));
    }
};

// Word `i` of a value, zero- or sign-extended.
template <size_t Bits>
inline uint64_t zero_word(const value<Bits> &a, size_t i) {
    return i < a.words ? a.data[i] : 0;
}

template <size_t Bits>
inline uint64_t sign_word(const value<Bits> &a, size_t i) {
    const uint64_t sign = -(a.data[a.words - 1] >> ((Bits - 1) % 64) & 1);
    if (i >= a.words) return sign;
    return i == a.words - 1 ? a.data[i] | (sign & ~a.top) : a.data[i];
}

template <size_t BitsY>
inline value<BitsY> from_word(uint64_t word) {
    value<BitsY> result;
    result.data[0] = BitsY < 64 ? word & result.top : word;
    return result;
}

// The values that CXXRTL's code computes with, of eight cores at a time: in each word a lane for each of them.
//
// As in words.h, these have the interface of CXXRTL's own values as far as its code uses it. Values of up to 32 bits lie
// in half as many vector registers as wider ones, which are most often made up of several narrow ones.

constexpr size_t lanes = 8;
using narrow = uint32_t __attribute__((vector_size(4 * lanes)));
using wide = uint64_t __attribute__((vector_size(8 * lanes)));

// Another type's lanes: extended by zeros, or cut off.
template <class To, class From>
inline To as(const From &from) {
    if constexpr (std::is_same_v<To, From>) return from;
    else return __builtin_convertvector(from, To);
}

template <size_t Bits>
using lanes_of = std::conditional_t<Bits <= 32, narrow, wide>;

template <class Word>
using element_of = std::conditional_t<std::is_same_v<Word, narrow>, uint32_t, uint64_t>;

template <size_t Bits>
struct value;

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
};

// Part of a value.
template <size_t Bits, size_t High, size_t Low>
struct part : place<part<Bits, High, Low>> {
    static constexpr size_t bits = High - Low + 1;
    value<Bits> &whole;

    explicit part(value<Bits> &whole) : whole(whole) {}

    value<High - Low + 1> val() const { return const_cast<const value<Bits> &>(whole).template slice<High, Low>(); }

    part &operator=(const value<High - Low + 1> &from) {
        using word = typename value<Bits>::word;
        using element = element_of<word>;
        constexpr size_t unit = 8 * sizeof(element);
        for (size_t i = Low / unit; i <= High / unit; i++) {
            // The bits of this word that belong to the part, and those of `from` that belong there.
            const size_t first = i == Low / unit ? Low % unit : 0, last = i == High / unit ? High % unit : unit - 1;
            const element mask = element(~element(0) >> (unit - 1 - last)) & element(~element(0) << first);
            const size_t at = i * unit + first - Low;
            word bits = as<word>(from.data[at / 64]) >> (at % 64);
            if (at % 64 && at / 64 + 1 < from.words) bits |= as<word>(from.data[at / 64 + 1]) << (64 - at % 64);
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
    using word = lanes_of<Bits>;
    using element = element_of<word>;
    // The bits of the last word that exist.
    static constexpr element top = element(~element(0)) >> (words * 8 * sizeof(element) - Bits);

    word data[words] = {};

    value() = default;

    // The same in all lanes, from 32-bit chunks, the lowest first.
    template <class... Chunks, class = std::enable_if_t<(std::is_integral_v<Chunks> && ...)>>
    explicit constexpr value(Chunks... chunks) {
        size_t i = 0;
        ((data[i / 2] |= element(uint64_t(uint32_t(chunks)) << (i % 2 * 32)), i++), ...);
    }

    const value &val() const { return *this; }

    template <size_t High, size_t Low = High>
    value<High - Low + 1> slice() const {
        static_assert(High < Bits && Low <= High, "the slice lies inside");
        value<High - Low + 1> result;
        using into = typename value<High - Low + 1>::word;
        for (size_t i = 0; i < result.words; i++) {
            const size_t at = Low + i * 64;
            word bits = data[at / 64] >> (at % 64);
            if (at % 64 && at / 64 + 1 < words && at % 64 + (High - at) >= 64) bits |= data[at / 64 + 1] << (64 - at % 64);
            result.data[i] = as<into>(bits);
        }
        if (High + 1 < Bits) result.data[result.words - 1] &= result.top;
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
        using into = typename value<Bits + below>::word;
        for (size_t i = 0; i < low.words; i++) result.data[i] = as<into>(low.data[i]);
        for (size_t i = 0; i < words; i++) {
            const size_t at = below + i * 64;
            result.data[at / 64] |= as<into>(data[i]) << (at % 64);
            if (at % 64 && at / 64 + 1 < result.words) result.data[at / 64 + 1] |= as<into>(data[i]) >> (64 - at % 64);
        }
        return result;
    }

    template <size_t Times>
    value<Bits * Times> repeat() const {
        static_assert(Bits == 1, "CXXRTL repeats single bits only");
        value<Times> result;
        for (size_t i = 0; i < result.words; i++) result.data[i] = -as<typename value<Times>::word>(data[0]);
        result.data[result.words - 1] &= result.top;
        return result;
    }

    // One lane, as CXXRTL has it.
    cxxrtl_yosys::value<Bits> lane(size_t k) const {
        cxxrtl_yosys::value<Bits> result;
        for (size_t i = 0; i < result.chunks; i++) result.data[i] = uint32_t(uint64_t(data[i / 2][k]) >> (i % 2 * 32));
        return result;
    }
    void set_lane(size_t k, const cxxrtl_yosys::value<Bits> &from) {
        for (size_t i = 0; i < words; i++) data[i][k] = 0;
        for (size_t i = 0; i < from.chunks; i++) data[i / 2][k] |= element(uint64_t(from.data[i]) << (i % 2 * 32));
    }
};

// Word `i` of a value, zero- or sign-extended.
template <class Word, size_t Bits>
inline Word zero_word(const value<Bits> &a, size_t i) {
    return i < a.words ? as<Word>(a.data[i]) : Word{};
}

template <class Word, size_t Bits>
inline Word sign_word(const value<Bits> &a, size_t i) {
    constexpr size_t unit = 8 * sizeof(typename value<Bits>::element);
    const Word sign = -as<Word>(a.data[a.words - 1] >> ((Bits - 1) % unit) & 1);
    if (i >= a.words) return sign;
    return i == a.words - 1 ? as<Word>(a.data[i]) | (sign & ~element_of<Word>(a.top)) : as<Word>(a.data[i]);
}

template <size_t BitsY, class Word>
inline value<BitsY> from_word(const Word &word) {
    value<BitsY> result;
    result.data[0] = as<typename value<BitsY>::word>(word);
    if (BitsY < 64) result.data[0] &= result.top;
    return result;
}

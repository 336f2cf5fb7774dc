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

// Operations word by word, whatever the width.
#define UNARY_WORDS(name, extended, expression)                                  \
    template <size_t BitsY, size_t BitsA>                                        \
    inline value<BitsY> name(const value<BitsA> &a) {                            \
        value<BitsY> result;                                                     \
        for (size_t i = 0; i < result.words; i++) {                              \
            const uint64_t x = extended(a, i);                                   \
            result.data[i] = expression;                                         \
        }                                                                        \
        result.data[result.words - 1] &= result.top;                             \
        return result;                                                           \
    }
UNARY_WORDS(not_u, zero_word, ~x)
UNARY_WORDS(not_s, sign_word, ~x)
UNARY_WORDS(pos_u, zero_word, x)
UNARY_WORDS(pos_s, sign_word, x)
#undef UNARY_WORDS

#define BINARY_WORDS(name, extended, expression)                                 \
    template <size_t BitsY, size_t BitsA, size_t BitsB>                          \
    inline value<BitsY> name(const value<BitsA> &a, const value<BitsB> &b) {     \
        value<BitsY> result;                                                     \
        for (size_t i = 0; i < result.words; i++) {                              \
            const uint64_t x = extended(a, i), y = extended(b, i);               \
            result.data[i] = expression;                                         \
        }                                                                        \
        result.data[result.words - 1] &= result.top;                             \
        return result;                                                           \
    }
BINARY_WORDS(and_uu, zero_word, x & y)
BINARY_WORDS(and_ss, sign_word, x & y)
BINARY_WORDS(or_uu, zero_word, x | y)
BINARY_WORDS(or_ss, sign_word, x | y)
BINARY_WORDS(xor_uu, zero_word, x ^ y)
BINARY_WORDS(xor_ss, sign_word, x ^ y)
BINARY_WORDS(xnor_uu, zero_word, ~(x ^ y))
BINARY_WORDS(xnor_ss, sign_word, ~(x ^ y))
#undef BINARY_WORDS

// Operations on all bits of a value, with a result of 0 or 1.
#define REDUCTION(name, start, step, finish)                                     \
    template <size_t BitsY, size_t BitsA>                                        \
    inline value<BitsY> name(const value<BitsA> &a) {                            \
        uint64_t bits = start;                                                   \
        for (size_t i = 0; i < a.words; i++) bits step;                          \
        return from_word<BitsY>(finish);                                         \
    }
REDUCTION(reduce_or, 0, |= a.data[i], bits != 0)
REDUCTION(reduce_bool, 0, |= a.data[i], bits != 0)
REDUCTION(logic_not, 0, |= a.data[i], bits == 0)
REDUCTION(reduce_and, 0, |= a.data[i] ^ (i == a.words - 1 ? a.top : ~uint64_t(0)), bits == 0)
REDUCTION(reduce_xor, 0, ^= a.data[i], uint64_t(__builtin_parityll(bits)))
REDUCTION(reduce_xnor, 1, ^= a.data[i], uint64_t(__builtin_parityll(bits)))
#undef REDUCTION

template <size_t BitsY, size_t BitsA, size_t BitsB>
inline value<BitsY> logic_and(const value<BitsA> &a, const value<BitsB> &b) {
    return from_word<BitsY>(uint64_t(bool(a)) & uint64_t(bool(b)));
}

template <size_t BitsY, size_t BitsA, size_t BitsB>
inline value<BitsY> logic_or(const value<BitsA> &a, const value<BitsB> &b) {
    return from_word<BitsY>(uint64_t(bool(a)) | uint64_t(bool(b)));
}

// Operations that are one instruction on one word; on more, CXXRTL's own.
#define UNARY_NARROW(name, extended, expression)                                 \
    template <size_t BitsY, size_t BitsA>                                        \
    inline value<BitsY> name(const value<BitsA> &a) {                            \
        if constexpr (BitsY <= 64 && BitsA <= 64) {                              \
            const uint64_t x = extended(a, 0);                                   \
            return from_word<BitsY>(expression);                                 \
        } else {                                                                 \
            return worded(cxxrtl_yosys::name<BitsY>(chunked(a)));                \
        }                                                                        \
    }
UNARY_NARROW(neg_u, zero_word, -x)
UNARY_NARROW(neg_s, sign_word, -x)
#undef UNARY_NARROW

#define BINARY_NARROW(name, extended, expression)                                \
    template <size_t BitsY, size_t BitsA, size_t BitsB>                          \
    inline value<BitsY> name(const value<BitsA> &a, const value<BitsB> &b) {     \
        if constexpr (BitsY <= 64 && BitsA <= 64 && BitsB <= 64) {               \
            const uint64_t x = extended(a, 0), y = extended(b, 0);               \
            return from_word<BitsY>(expression);                                 \
        } else {                                                                 \
            return worded(cxxrtl_yosys::name<BitsY>(chunked(a), chunked(b)));    \
        }                                                                        \
    }
BINARY_NARROW(add_uu, zero_word, x + y)
BINARY_NARROW(add_ss, sign_word, x + y)
BINARY_NARROW(sub_uu, zero_word, x - y)
BINARY_NARROW(sub_ss, sign_word, x - y)
BINARY_NARROW(mul_uu, zero_word, x * y)
BINARY_NARROW(mul_ss, sign_word, x * y)
BINARY_NARROW(eq_uu, zero_word, x == y)
BINARY_NARROW(eq_ss, sign_word, x == y)
BINARY_NARROW(ne_uu, zero_word, x != y)
BINARY_NARROW(ne_ss, sign_word, x != y)
BINARY_NARROW(eqx_uu, zero_word, x == y)
BINARY_NARROW(eqx_ss, sign_word, x == y)
BINARY_NARROW(nex_uu, zero_word, x != y)
BINARY_NARROW(nex_ss, sign_word, x != y)
BINARY_NARROW(lt_uu, zero_word, x < y)
BINARY_NARROW(lt_ss, sign_word, int64_t(x) < int64_t(y))
BINARY_NARROW(le_uu, zero_word, x <= y)
BINARY_NARROW(le_ss, sign_word, int64_t(x) <= int64_t(y))
BINARY_NARROW(gt_uu, zero_word, x > y)
BINARY_NARROW(gt_ss, sign_word, int64_t(x) > int64_t(y))
BINARY_NARROW(ge_uu, zero_word, x >= y)
BINARY_NARROW(ge_ss, sign_word, int64_t(x) >= int64_t(y))
BINARY_NARROW(shl_uu, zero_word, y < 64 ? x << (y & 63) : 0)
BINARY_NARROW(sshl_uu, zero_word, y < 64 ? x << (y & 63) : 0)
BINARY_NARROW(shr_uu, zero_word, y < 64 ? x >> (y & 63) : 0)
BINARY_NARROW(sshr_uu, zero_word, y < 64 ? x >> (y & 63) : 0)
#undef BINARY_NARROW

// Operations that are left to CXXRTL altogether.
#define BINARY(name)                                                             \
    template <size_t BitsY, size_t BitsA, size_t BitsB>                          \
    inline value<BitsY> name(const value<BitsA> &a, const value<BitsB> &b) {     \
        return worded(cxxrtl_yosys::name<BitsY>(chunked(a), chunked(b)));        \
    }
BINARY(shl_su)
BINARY(sshl_su)
BINARY(shr_su)
BINARY(sshr_su)
BINARY(shift_uu)
BINARY(shift_su)
BINARY(shift_us)
BINARY(shift_ss)
BINARY(shiftx_uu)
BINARY(shiftx_su)
BINARY(shiftx_us)
BINARY(shiftx_ss)
BINARY(div_uu)
BINARY(div_ss)
BINARY(mod_uu)
BINARY(mod_ss)
BINARY(modfloor_uu)
BINARY(modfloor_ss)
BINARY(divfloor_uu)
BINARY(divfloor_ss)
#undef BINARY

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

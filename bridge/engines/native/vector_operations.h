// The operations of CXXRTL's code on the values of vectors.h.

// What a comparison gives is -1 where it holds.
template <class Word, class Mask>
inline Word holds(const Mask &mask) {
    return Word(mask) & 1;
}

// Operations word by word, whatever the width.
#define UNARY_WORDS(name, extended, expression)                                  \
    template <size_t BitsY, size_t BitsA>                                        \
    inline value<BitsY> name(const value<BitsA> &a) {                            \
        value<BitsY> result;                                                     \
        using word = typename value<BitsY>::word;                                \
        for (size_t i = 0; i < result.words; i++) {                              \
            const word x = extended<word>(a, i);                                 \
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
        using word = typename value<BitsY>::word;                                \
        for (size_t i = 0; i < result.words; i++) {                              \
            const word x = extended<word>(a, i), y = extended<word>(b, i);       \
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
#define REDUCTION(name, step, finish)                                            \
    template <size_t BitsY, size_t BitsA>                                        \
    inline value<BitsY> name(const value<BitsA> &a) {                            \
        using word = typename value<BitsA>::word;                                \
        word bits{};                                                             \
        for (size_t i = 0; i < a.words; i++) bits step;                          \
        return from_word<BitsY>(finish);                                         \
    }
template <class Word>
inline Word parity(Word bits) {
    for (size_t shift = 4 * sizeof(element_of<Word>); shift; shift /= 2) bits ^= bits >> shift;
    return bits & 1;
}
REDUCTION(reduce_or, |= a.data[i], holds<word>(bits != 0))
REDUCTION(reduce_bool, |= a.data[i], holds<word>(bits != 0))
REDUCTION(logic_not, |= a.data[i], holds<word>(bits == 0))
REDUCTION(reduce_and, |= a.data[i] ^ (i == a.words - 1 ? a.top : ~element_of<word>(0)), holds<word>(bits == 0))
REDUCTION(reduce_xor, ^= a.data[i], parity(bits))
REDUCTION(reduce_xnor, ^= a.data[i], parity(bits) ^ 1)
#undef REDUCTION

template <size_t BitsY, size_t BitsA, size_t BitsB>
inline value<BitsY> logic_and(const value<BitsA> &a, const value<BitsB> &b) {
    return and_uu<BitsY>(reduce_bool<1>(a), reduce_bool<1>(b));
}

template <size_t BitsY, size_t BitsA, size_t BitsB>
inline value<BitsY> logic_or(const value<BitsA> &a, const value<BitsB> &b) {
    return or_uu<BitsY>(reduce_bool<1>(a), reduce_bool<1>(b));
}

// Operations that CXXRTL does, lane by lane.
#define UNARY_LANES(name)                                                        \
    value<BitsY> result;                                                         \
    for (size_t k = 0; k < lanes; k++) result.set_lane(k, cxxrtl_yosys::name<BitsY>(a.lane(k))); \
    return result;
#define BINARY_LANES(name)                                                       \
    value<BitsY> result;                                                         \
    for (size_t k = 0; k < lanes; k++) result.set_lane(k, cxxrtl_yosys::name<BitsY>(a.lane(k), b.lane(k))); \
    return result;

// Operations on one word; on more, CXXRTL's own.
#define UNARY_NARROW(name, extended, expression)                                 \
    template <size_t BitsY, size_t BitsA>                                        \
    inline value<BitsY> name(const value<BitsA> &a) {                            \
        if constexpr (BitsY <= 64 && BitsA <= 64) {                              \
            using word = lanes_of<std::max(BitsY, BitsA)>;                       \
            const word x = extended<word>(a, 0);                                 \
            return from_word<BitsY>(expression);                                 \
        } else {                                                                 \
            UNARY_LANES(name)                                                    \
        }                                                                        \
    }
UNARY_NARROW(neg_u, zero_word, -x)
UNARY_NARROW(neg_s, sign_word, -x)
#undef UNARY_NARROW

using signed_narrow = int32_t __attribute__((vector_size(4 * lanes)));
using signed_wide = int64_t __attribute__((vector_size(8 * lanes)));
template <class Word>
using signed_of = std::conditional_t<std::is_same_v<Word, narrow>, signed_narrow, signed_wide>;

// What is shifted out of a word is gone, also where y is its width or more.
template <class Word>
inline Word shifted_up(const Word &x, const Word &y) {
    constexpr element_of<Word> unit = 8 * sizeof(element_of<Word>);
    return (x << (y & (unit - 1))) & Word(y < unit);
}
template <class Word>
inline Word shifted_down(const Word &x, const Word &y) {
    constexpr element_of<Word> unit = 8 * sizeof(element_of<Word>);
    return (x >> (y & (unit - 1))) & Word(y < unit);
}

#define BINARY_NARROW(name, extended, expression)                                \
    template <size_t BitsY, size_t BitsA, size_t BitsB>                          \
    inline value<BitsY> name(const value<BitsA> &a, const value<BitsB> &b) {     \
        if constexpr (BitsY <= 64 && BitsA <= 64 && BitsB <= 64) {               \
            using word = lanes_of<std::max({BitsY, BitsA, BitsB})>;              \
            using number = signed_of<word>;                                      \
            const word x = extended<word>(a, 0), y = extended<word>(b, 0);       \
            return from_word<BitsY>(expression);                                 \
        } else {                                                                 \
            BINARY_LANES(name)                                                   \
        }                                                                        \
    }
BINARY_NARROW(add_uu, zero_word, x + y)
BINARY_NARROW(add_ss, sign_word, x + y)
BINARY_NARROW(sub_uu, zero_word, x - y)
BINARY_NARROW(sub_ss, sign_word, x - y)
BINARY_NARROW(mul_uu, zero_word, x * y)
BINARY_NARROW(mul_ss, sign_word, x * y)
BINARY_NARROW(eq_uu, zero_word, holds<word>(x == y))
BINARY_NARROW(eq_ss, sign_word, holds<word>(x == y))
BINARY_NARROW(ne_uu, zero_word, holds<word>(x != y))
BINARY_NARROW(ne_ss, sign_word, holds<word>(x != y))
BINARY_NARROW(eqx_uu, zero_word, holds<word>(x == y))
BINARY_NARROW(eqx_ss, sign_word, holds<word>(x == y))
BINARY_NARROW(nex_uu, zero_word, holds<word>(x != y))
BINARY_NARROW(nex_ss, sign_word, holds<word>(x != y))
BINARY_NARROW(lt_uu, zero_word, holds<word>(x < y))
BINARY_NARROW(lt_ss, sign_word, holds<word>(number(x) < number(y)))
BINARY_NARROW(le_uu, zero_word, holds<word>(x <= y))
BINARY_NARROW(le_ss, sign_word, holds<word>(number(x) <= number(y)))
BINARY_NARROW(gt_uu, zero_word, holds<word>(x > y))
BINARY_NARROW(gt_ss, sign_word, holds<word>(number(x) > number(y)))
BINARY_NARROW(ge_uu, zero_word, holds<word>(x >= y))
BINARY_NARROW(ge_ss, sign_word, holds<word>(number(x) >= number(y)))
BINARY_NARROW(shl_uu, zero_word, shifted_up(x, y))
BINARY_NARROW(sshl_uu, zero_word, shifted_up(x, y))
BINARY_NARROW(shr_uu, zero_word, shifted_down(x, y))
BINARY_NARROW(sshr_uu, zero_word, shifted_down(x, y))
#undef BINARY_NARROW

// Operations that are left to CXXRTL altogether.
#define BINARY(name)                                                             \
    template <size_t BitsY, size_t BitsA, size_t BitsB>                          \
    inline value<BitsY> name(const value<BitsA> &a, const value<BitsB> &b) {     \
        BINARY_LANES(name)                                                       \
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
#undef UNARY_LANES
#undef BINARY_LANES

// The operations of CXXRTL's code on the values of words.h.

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

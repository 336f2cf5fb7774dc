// The operations of CXXRTL's code on the values of slices.h.

// Operations bit by bit.
#define UNARY_BITS(name, extended, operation)                                    \
    template <size_t BitsY, class A>                                             \
    struct name##_of : expression<name##_of<BitsY, A>> {                         \
        static constexpr size_t bits = BitsY;                                    \
        const A &a;                                                              \
        explicit name##_of(const A &a) : a(a) {}                                 \
        lanes bit(size_t i) const {                                              \
            const lanes x = extended(a, i);                                      \
            return operation;                                                    \
        }                                                                        \
    };                                                                           \
    template <size_t BitsY, class A>                                             \
    inline name##_of<BitsY, A> name(const expression<A> &a) {                    \
        return name##_of<BitsY, A>(a.val());                                     \
    }
UNARY_BITS(not_u, zero_bit, ~x)
UNARY_BITS(not_s, sign_bit, ~x)
UNARY_BITS(pos_u, zero_bit, x)
UNARY_BITS(pos_s, sign_bit, x)
#undef UNARY_BITS

#define BINARY_BITS(name, extended, operation)                                   \
    template <size_t BitsY, class A, class B>                                    \
    struct name##_of : expression<name##_of<BitsY, A, B>> {                      \
        static constexpr size_t bits = BitsY;                                    \
        const A &a;                                                              \
        const B &b;                                                              \
        name##_of(const A &a, const B &b) : a(a), b(b) {}                        \
        lanes bit(size_t i) const {                                              \
            const lanes x = extended(a, i), y = extended(b, i);                  \
            return operation;                                                    \
        }                                                                        \
    };                                                                           \
    template <size_t BitsY, class A, class B>                                    \
    inline name##_of<BitsY, A, B> name(const expression<A> &a, const expression<B> &b) { \
        return name##_of<BitsY, A, B>(a.val(), b.val());                         \
    }
BINARY_BITS(and_uu, zero_bit, x & y)
BINARY_BITS(and_ss, sign_bit, x & y)
BINARY_BITS(or_uu, zero_bit, x | y)
BINARY_BITS(or_ss, sign_bit, x | y)
BINARY_BITS(xor_uu, zero_bit, x ^ y)
BINARY_BITS(xor_ss, sign_bit, x ^ y)
BINARY_BITS(xnor_uu, zero_bit, ~(x ^ y))
BINARY_BITS(xnor_ss, sign_bit, ~(x ^ y))
#undef BINARY_BITS

// A single bit as a value.
template <size_t BitsY>
inline value<BitsY> single(lanes bit) {
    value<BitsY> result{};
    result.data[0] = bit;
    return result;
}

// Operations on all bits, with a result of 0 or 1.
#define REDUCTION(name, start, step, finish)                                     \
    template <size_t BitsY, class A>                                             \
    inline value<BitsY> name(const expression<A> &a) {                           \
        lanes all = start;                                                       \
        for (size_t i = 0; i < A::bits; i++) all step a.val().bit(i);            \
        return single<BitsY>(finish);                                            \
    }
REDUCTION(reduce_or, lanes{}, |=, all)
REDUCTION(reduce_bool, lanes{}, |=, all)
REDUCTION(logic_not, lanes{}, |=, ~all)
REDUCTION(reduce_and, ~lanes{}, &=, all)
REDUCTION(reduce_xor, lanes{}, ^=, all)
REDUCTION(reduce_xnor, lanes{}, ^=, ~all)
#undef REDUCTION

template <size_t BitsY, class A, class B>
inline value<BitsY> logic_and(const expression<A> &a, const expression<B> &b) {
    return single<BitsY>(reduce_or<1>(a).data[0] & reduce_or<1>(b).data[0]);
}
template <size_t BitsY, class A, class B>
inline value<BitsY> logic_or(const expression<A> &a, const expression<B> &b) {
    return single<BitsY>(reduce_or<1>(a).data[0] | reduce_or<1>(b).data[0]);
}

// Sums, with the carry rippling from bit to bit.
#define SUM(name, extended, start, invert)                                       \
    template <size_t BitsY, class A, class B>                                    \
    inline value<BitsY> name(const expression<A> &a, const expression<B> &b) {   \
        value<BitsY> result;                                                     \
        lanes carry = start;                                                     \
        for (size_t i = 0; i < BitsY; i++) {                                     \
            const lanes x = extended(a.val(), i), y = invert extended(b.val(), i); \
            const lanes either = x ^ y;                                          \
            result.data[i] = either ^ carry;                                     \
            carry = (x & y) | (either & carry);                                  \
        }                                                                        \
        return result;                                                           \
    }
SUM(add_uu, zero_bit, lanes{}, )
SUM(add_ss, sign_bit, lanes{}, )
SUM(sub_uu, zero_bit, ~lanes{}, ~)
SUM(sub_ss, sign_bit, ~lanes{}, ~)
#undef SUM

template <size_t BitsY, class A>
inline value<BitsY> neg_u(const expression<A> &a) {
    return sub_uu<BitsY>(value<1>{}, a);
}
template <size_t BitsY, class A>
inline value<BitsY> neg_s(const expression<A> &a) {
    return sub_ss<BitsY>(value<1>{}, a);
}

template <class A, class B>
constexpr size_t wider = A::bits > B::bits ? A::bits : B::bits;

// Lanes in which two differ.
#define DIFFERENCE(name, extended)                                               \
    template <class A, class B>                                                  \
    inline lanes name(const expression<A> &a, const expression<B> &b) {          \
        lanes any{};                                                             \
        for (size_t i = 0; i < wider<A, B>; i++) any |= extended(a.val(), i) ^ extended(b.val(), i); \
        return any;                                                              \
    }
DIFFERENCE(difference, zero_bit)
DIFFERENCE(signed_difference, sign_bit)
#undef DIFFERENCE

// Lanes in which one number is less than another: those in which a subtraction borrows.
template <class A, class B>
inline lanes less(const expression<A> &a, const expression<B> &b) {
    lanes borrow{};
    for (size_t i = 0; i < wider<A, B>; i++) {
        const lanes x = zero_bit(a.val(), i), y = zero_bit(b.val(), i);
        borrow = (~x & y) | (~(x ^ y) & borrow);
    }
    return borrow;
}
template <class A, class B>
inline lanes signed_less(const expression<A> &a, const expression<B> &b) {
    lanes borrow{};
    for (size_t i = 0; i < wider<A, B> + 1; i++) {  // with one bit more, the sign of the difference is right
        const lanes x = sign_bit(a.val(), i), y = sign_bit(b.val(), i);
        if (i == wider<A, B>) return x ^ y ^ borrow;
        borrow = (~x & y) | (~(x ^ y) & borrow);
    }
    return borrow;
}

#define COMPARISON(name, result)                                                 \
    template <size_t BitsY, class A, class B>                                    \
    inline value<BitsY> name(const expression<A> &a, const expression<B> &b) {   \
        return single<BitsY>(result);                                            \
    }
COMPARISON(eq_uu, ~difference(a, b))
COMPARISON(eq_ss, ~signed_difference(a, b))
COMPARISON(ne_uu, difference(a, b))
COMPARISON(ne_ss, signed_difference(a, b))
COMPARISON(eqx_uu, ~difference(a, b))
COMPARISON(eqx_ss, ~signed_difference(a, b))
COMPARISON(nex_uu, difference(a, b))
COMPARISON(nex_ss, signed_difference(a, b))
COMPARISON(lt_uu, less(a, b))
COMPARISON(lt_ss, signed_less(a, b))
COMPARISON(ge_uu, ~less(a, b))
COMPARISON(ge_ss, ~signed_less(a, b))
COMPARISON(gt_uu, less(b, a))
COMPARISON(gt_ss, signed_less(b, a))
COMPARISON(le_uu, ~less(b, a))
COMPARISON(le_ss, ~signed_less(b, a))
#undef COMPARISON

// Shifts by a number that differs from lane to lane, one bit of the number after the other.
template <size_t BitsY, size_t Bits, class B>
inline value<BitsY> shifted(value<Bits> work, const B &by, bool left) {
    for (size_t s = 0; s < B::bits; s++) {
        const lanes move = by.bit(s);
        const size_t step = s < 32 ? size_t(1) << s : Bits;
        value<Bits> next;
        for (size_t i = 0; i < Bits; i++) {
            const lanes from = left ? (i >= step ? work.data[i - step] : lanes{})
                                    : (step < Bits - i ? work.data[i + step] : lanes{});
            next.data[i] = work.data[i] ^ ((work.data[i] ^ from) & move);
        }
        work = next;
    }
    value<BitsY> result{};
    for (size_t i = 0; i < BitsY && i < Bits; i++) result.data[i] = work.data[i];
    return result;
}
#define SHIFT(name, width, left)                                                 \
    template <size_t BitsY, class A, class B>                                    \
    inline value<BitsY> name(const expression<A> &a, const expression<B> &b) {   \
        constexpr size_t room = width;                                           \
        value<room> work;                                                        \
        for (size_t i = 0; i < room; i++) work.data[i] = zero_bit(a.val(), i);   \
        return shifted<BitsY>(work, b.val(), left);                              \
    }
SHIFT(shl_uu, BitsY, true)
SHIFT(sshl_uu, BitsY, true)
SHIFT(shr_uu, (A::bits > BitsY ? A::bits : BitsY), false)
SHIFT(sshr_uu, (A::bits > BitsY ? A::bits : BitsY), false)
#undef SHIFT

// The values that CXXRTL's code computes with, for many nodes at a time.
//
// A word holds the same bit of 64 nodes, one in each of its lanes, so that one instruction evaluates a gate of all of
// them, or the gates for some neighbouring bits where the processor has registers for several words. What CXXRTL
// generates is straight-line code without branches on values, so that these can stand in place of the values for one
// node: the interface is the same. Bitwise operations are not done before their result is assigned: a chain of them
// becomes one loop over the bits, with nothing stored in between. They refer to their operands, which live as long as
// the statement that CXXRTL has written does.

typedef uint64_t lanes;

template <class E, size_t High, size_t Low>
struct window;
template <class A, class B>
struct joined;
template <size_t Times>
struct repeated;
template <size_t Bits>
struct value;

// One flag of each node.
using flags = lanes;

inline bool any(lanes a) { return a != 0; }

// What everything has in common of which each bit can be asked for.
template <class Self>
struct expression {
    const Self &val() const { return static_cast<const Self &>(*this); }
    template <size_t High, size_t Low = High>
    window<Self, High, Low> slice() const {
        return {val()};
    }
    template <class Below>
    joined<Self, Below> concat(const expression<Below> &low) const {
        return {val(), low.val()};
    }
    template <size_t Times>
    repeated<Times> repeat() const {
        static_assert(Self::bits == 1, "CXXRTL repeats single bits only");
        return {val().bit(0)};
    }
};

// Part of something.
template <class E, size_t High, size_t Low>
struct window : expression<window<E, High, Low>> {
    static constexpr size_t bits = High - Low + 1;
    const E &whole;
    window(const E &whole) : whole(whole) {}
    lanes bit(size_t i) const { return whole.bit(i + Low); }
};

// One thing above another.
template <class A, class B>
struct joined : expression<joined<A, B>> {
    static constexpr size_t bits = A::bits + B::bits;
    const A &high;
    const B &low;
    joined(const A &high, const B &low) : high(high), low(low) {}
    lanes bit(size_t i) const { return i < B::bits ? low.bit(i) : high.bit(i - B::bits); }
};

// The same bit again and again.
template <size_t Times>
struct repeated : expression<repeated<Times>> {
    static constexpr size_t bits = Times;
    lanes all;
    repeated(lanes all) : all(all) {}
    lanes bit(size_t) const { return all; }
};

template <size_t Bits, size_t High, size_t Low>
struct part;
template <class A, class B>
struct places;

// What can be assigned to, besides values.
template <class Self>
struct place : expression<Self> {
    using expression<Self>::concat;
    template <size_t Bits, size_t High, size_t Low>
    places<Self, part<Bits, High, Low>> concat(const part<Bits, High, Low> &low) const {
        return {this->val(), low};
    }
    template <size_t Bits>
    places<Self, part<Bits, Bits - 1, 0>> concat(value<Bits> &low) const {
        return {this->val(), part<Bits, Bits - 1, 0>(low)};
    }
};

// Part of a value.
template <size_t Bits, size_t High, size_t Low>
struct part : place<part<Bits, High, Low>> {
    static constexpr size_t bits = High - Low + 1;
    value<Bits> &whole;
    explicit part(value<Bits> &whole) : whole(whole) {}
    lanes bit(size_t i) const { return whole.data[i + Low]; }
    template <class E>
    part &operator=(const expression<E> &from) {
        static_assert(E::bits == bits, "as many bits as there is room for");
        for (size_t i = 0; i < bits; i++) whole.data[i + Low] = from.val().bit(i);
        return *this;
    }
    part &operator=(const part &from) { return operator=(static_cast<const expression<part> &>(from)); }
};

// One place above another.
template <class A, class B>
struct places : place<places<A, B>> {
    static constexpr size_t bits = A::bits + B::bits;
    A high;
    B low;
    places(const A &high, const B &low) : high(high), low(low) {}
    lanes bit(size_t i) const { return i < B::bits ? low.bit(i) : high.bit(i - B::bits); }
    template <class E>
    places &operator=(const expression<E> &from) {
        low = from.template slice<B::bits - 1, 0>();
        high = from.template slice<bits - 1, B::bits>();
        return *this;
    }
    places &operator=(const places &from) { return operator=(static_cast<const expression<places> &>(from)); }
};

template <size_t Bits>
struct value : expression<value<Bits>> {
    static_assert(Bits > 0, "a value has at least one bit");
    static constexpr size_t bits = Bits;

    lanes data[Bits];

    // Copied in a loop, for which the compiler uses vector registers: what it has for whole structures is slower.
    value() = default;
    value(const value &from) { *this = from; }
    value &operator=(const value &from) {
        for (size_t i = 0; i < Bits; i++) data[i] = from.data[i];
        return *this;
    }

    // The same number in every lane, from 32-bit chunks, the lowest first.
    template <class... Chunks, class = std::enable_if_t<(sizeof...(Chunks) > 0) && (std::is_integral_v<Chunks> && ...)>>
    explicit value(Chunks... chunks) : data{} {
        const uint32_t numbers[] = {uint32_t(chunks)...};
        for (size_t i = 0; i < Bits && i / 32 < sizeof...(Chunks); i++) data[i] = lanes{} - (numbers[i / 32] >> (i % 32) & 1);
    }

    template <class E>
    value(const expression<E> &from) {
        *this = from;
    }
    template <class E>
    value &operator=(const expression<E> &from) {
        static_assert(E::bits == Bits, "as many bits as there is room for");
        for (size_t i = 0; i < Bits; i++) data[i] = from.val().bit(i);
        return *this;
    }

    lanes bit(size_t i) const { return data[i]; }

    using expression<value>::slice;
    template <size_t High, size_t Low = High>
    part<Bits, High, Low> slice() {
        return part<Bits, High, Low>(*this);
    }

    using expression<value>::concat;
    template <size_t Below>
    auto concat(value<Below> &low) {
        return slice<Bits - 1, 0>().concat(low);
    }
    template <size_t Below, size_t High, size_t Low>
    auto concat(const part<Below, High, Low> &low) {
        return slice<Bits - 1, 0>().concat(low);
    }
};

// Bit `i` of something, zero- or sign-extended.
template <class E>
inline lanes zero_bit(const E &a, size_t i) {
    return i < E::bits ? a.bit(i) : lanes{};
}
template <class E>
inline lanes sign_bit(const E &a, size_t i) {
    return a.bit(i < E::bits ? i : E::bits - 1);
}

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

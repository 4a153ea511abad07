"""Numbers of system calls: those of the kernel's own headers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from evaluators.confine import policies
from evaluators.confine.syscalls import AARCH64, NAMES, X86_64, Architecture

_DEFINITION = re.compile(r"^#define __NR(?:3264)?_(\w+)[ \t]+(\d+)$", re.MULTILINE)
# What the shared header calls differently on 64-bit machines.
_RENAMED = {"fstatat": "newfstatat"}

HEADERS = {
    X86_64: [
        "/usr/include/x86_64-linux-gnu/asm/unistd_64.h",
        "/usr/include/asm/unistd_64.h",
        "/usr/x86_64-linux-gnu/include/asm/unistd_64.h",
    ],
    AARCH64: ["/usr/include/asm-generic/unistd.h"],
}


@pytest.mark.parametrize("architecture", HEADERS, ids=lambda each: each.name)
def test_numbers_are_those_of_the_kernel_s_headers(architecture: Architecture) -> None:
    header = next((path for path in map(Path, HEADERS[architecture]) if path.exists()), None)
    if header is None:
        pytest.skip(f"no header of {architecture.name} on this machine")
    found = {name: int(number) for name, number in _DEFINITION.findall(header.read_text())}
    found |= {new: found[old] for old, new in _RENAMED.items() if old in found}
    expected = {name: found[name] for name in NAMES if name in found}
    assert architecture.numbers == expected


@pytest.mark.parametrize("architecture", HEADERS, ids=lambda each: each.name)
def test_numbers_are_distinct(architecture: Architecture) -> None:
    assert len(set(architecture.numbers.values())) == len(architecture.numbers)


@pytest.mark.parametrize("policy", ["ZYGOTE", "CHILD", "COMPILING"])
def test_policies_name_known_calls_only(policy: str) -> None:
    assert set(getattr(policies, policy).rules) <= NAMES

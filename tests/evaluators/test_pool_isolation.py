"""Every pool: what a candidate cannot see, keep, or leave behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from evaluators.verdict import Status
from evaluators.vocabulary import IMPORTABLE
from tests.evaluators.conftest import Harness, running


def value(evaluate: Harness, expression: str, modules: str = "os, sys") -> float:
    """Return what an expression is inside the sandbox."""
    verdict = evaluate(f"def f(x):\n    import {modules}\n    return {expression} if x == 0 else 0")
    assert verdict.status is Status.OK, verdict.reason
    assert verdict.score is not None
    return verdict.score


def test_environment_is_empty(evaluate: Harness) -> None:
    assert value(evaluate, "len(os.environ) + len(os.environb)") == 0


def test_arguments_are_empty(evaluate: Harness) -> None:
    assert value(evaluate, "len(''.join(sys.argv + sys.orig_argv))") == 0


def test_no_descriptor_is_open(evaluate: Harness) -> None:
    verdict = evaluate(
        """
        def f(x):
            import os
            open_ones = 0
            for number in range(2048):
                try:
                    os.fstat(number)
                    open_ones += 1
                except OSError:
                    pass
            return open_ones
        """
    )
    assert (verdict.status, verdict.score) == (Status.OK, 0.0), verdict.reason


def test_no_file_can_be_opened(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    return len(open('/etc/passwd').read())")
    assert verdict.status is Status.CRASHED
    assert verdict.reason.startswith("PermissionError: ")


def test_hash_seed_and_threads_are_fixed(evaluate: Harness) -> None:
    assert value(evaluate, "hash('a') % 1000 + sys.flags.safe_path") == value(
        evaluate, "hash('a') % 1000 + 1"
    )
    assert value(evaluate, "threading.active_count()", "threading") == 1


def test_random_numbers_are_the_same_each_time(evaluate: Harness) -> None:
    draw = "random.random() + np.random.random()"
    assert value(evaluate, draw, "random") == value(evaluate, draw, "random")


def test_every_module_that_was_promised_can_be_imported(evaluate: Harness) -> None:
    names = ", ".join(sorted(IMPORTABLE))
    verdict = evaluate(f"def f(x):\n    import {names}\n    return np is numpy", ["three"])
    assert (verdict.status, verdict.score) == (Status.OK, 3.0), verdict.reason


def test_numba_is_not_there(evaluate: Harness) -> None:
    verdict = evaluate("def f(x):\n    import numba\n    return 1")
    assert verdict.status is Status.CRASHED
    assert verdict.reason.startswith("ModuleNotFoundError: ")


def test_label_and_other_instances_stay_outside(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    construct = "return candidate.map([sorted(instance.data)])"
    with start(write_problem(construct=construct)) as evaluate:
        verdict = evaluate("def f(keys):\n    return keys == ['count']")
        assert (verdict.status, verdict.score) == (Status.OK, 1.0)


def test_output_is_swallowed(evaluate: Harness) -> None:
    verdict = evaluate(
        """
        def f(x):
            import os, sys, warnings
            print("x" * 100_000)
            print("x", file=sys.stderr, flush=True)
            sys.stdout.write("x")
            sys.__stderr__.write("x")
            warnings.warn("x")
            np.float64(1) / np.float64(0)
            return 1
        """
    )
    assert verdict.status is Status.OK, verdict.reason


def test_candidate_state_does_not_leak_to_the_next(evaluate: Harness) -> None:
    spoil = evaluate(
        """
        def f(x):
            import builtins, random
            math.pi = 3
            np.array = None
            builtins.len = None
            random.random()
            return 1
        """
    )
    assert spoil.status is Status.CRASHED  # map itself needs np.array
    assert evaluate("def f(x):\n    return len(np.array([math.pi > 3.1]))").score == 3.0


def test_earlier_certificate_does_not_leak_to_the_next(evaluate: Harness) -> None:
    assert evaluate("def f(x):\n    return 5").score == 15.0
    verdict = evaluate("def f(x):\n    import os\n    os._exit(0)")
    assert verdict.status is Status.CRASHED


def test_state_does_not_leak_between_instances_of_another_candidate(evaluate: Harness) -> None:
    counting = """
        def f(x, seen=[0]):
            seen[0] += 1
            return seen[0]
    """
    assert evaluate(counting).score == evaluate(counting).score == 6.0


def test_daemon_cannot_be_left_behind(evaluate: Harness) -> None:
    assert evaluate("def f(x):\n    return 1").score == 3.0
    verdict = evaluate(
        """
        def f(x):
            import os, time
            if x == 0 and os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    os.setsid()
                time.sleep(600)
            return 1
        """
    )
    assert verdict.status is Status.FORBIDDEN
    assert running("fs-candidate") == []
    assert evaluate("def f(x):\n    return 1").score == 3.0


def test_thread_cannot_be_started(evaluate: Harness) -> None:
    verdict = evaluate(
        """
        def f(x):
            import threading, time
            threading.Thread(target=time.sleep, args=(600,)).start()
            return 1
        """
    )
    assert verdict.status is Status.FORBIDDEN


def test_candidate_cannot_outlive_its_limit_by_ignoring_signals(
    start: Callable[..., Any], write_problem: Callable[..., str]
) -> None:
    with start(write_problem(wall_s=0.3)) as evaluate:
        verdict = evaluate(
            """
            def f(x):
                import signal
                for number in range(1, 65):
                    try:
                        signal.signal(number, signal.SIG_IGN)
                    except (OSError, ValueError):
                        pass
                while True:
                    try:
                        while True:
                            pass
                    except BaseException:
                        pass
            """
        )
        assert verdict.status is Status.TIMEOUT
        assert running("fs-candidate") == []


def test_forged_result_area_is_only_a_certificate(evaluate: Harness) -> None:
    """A candidate that finds the area and fills all of it with ones gets nothing from that."""
    verdict = evaluate(
        """
        def f(x):
            import gc, mmap, os
            for found in gc.get_objects() + [o for h in gc.get_referrers(mmap.mmap) for o in [h]]:
                area = getattr(found, '_memory', None) or getattr(
                    getattr(found, '_area', None), '_memory', None)
                if isinstance(area, mmap.mmap):
                    area[:] = bytes([255]) * len(area)
            import sys
            frame = sys._getframe()
            while frame:
                for found in list(frame.f_locals.values()):
                    area = getattr(getattr(found, '_area', None), '_memory', None)
                    if isinstance(area, mmap.mmap):
                        area[:] = bytes([255]) * len(area)
                        os._exit(0)
                frame = frame.f_back
            return 1
        """
    )
    assert verdict.status is Status.CRASHED, json.dumps(verdict.reason)
    assert verdict.reason == "ended without a result"


def test_forged_shape_is_invalid(evaluate: Harness) -> None:
    verdict = evaluate(
        """
        def f(x):
            import os, sys
            frame = sys._getframe()
            while '_area' not in dir(frame.f_locals.get('self')):
                frame = frame.f_back
            area = frame.f_locals['self']._area
            words = area._slot_words(0)
            words[0] = 1
            words[1] = 2 ** 63
            os._exit(0)
        """
    )
    assert verdict.status is Status.INVALID
    assert verdict.reason == "built more than the 8 elements that are taken"

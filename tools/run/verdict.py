"""Whether a run was good: the log's form, the tests, the guest's status, and nothing less."""

import dataclasses

PASSED, FAILED, CRASHED = "PASSED", "FAILED", "CRASHED"
TIMEOUT, QEMU_FAILED = "TIMEOUT", "QEMU-FAILED"

# arch/power.hpp, ExitStatus.
STATUS_NAMES = {0: "passed", 1: "failed", 2: "panicked"}


@dataclasses.dataclass
class Verdict:
    """The run's status and why, in sentences. `passed` is what an exit code is made of."""

    status: str
    reasons: list = dataclasses.field(default_factory=list)

    @property
    def passed(self):
        return self.status == PASSED


def judge(reader, end, options):
    """The verdict over a finished log (a LogReader) and a GuestEnd, by what `options` expect."""
    if end.timed_out:
        return Verdict(TIMEOUT, [f"no end after {end.seconds:.0f} s of wall time"])
    if qemu_failed(reader, end):
        return Verdict(QEMU_FAILED, [describe_qemu(end)])
    if options.expect_panic is not None:
        return judge_expected_panic(reader, end, options)
    if reader.panics or end.status == 2 or end.status is None:
        return Verdict(CRASHED, reader.panics[:1] + [describe_exit(end)])
    reasons = judge_log(reader, options)
    if options.expect_failed:
        reasons += [] if end.status == 1 else [f"{describe_exit(end)}, where failed was expected"]
    else:
        reasons += judge_tests(reader, end)
    return Verdict(FAILED if reasons else PASSED, reasons)


def qemu_failed(reader, end):
    """QEMU itself gave up: killed by a signal, or an error before the guest said anything."""
    if end.code < 0 and not end.stopped:
        return True
    return end.code != 0 and not reader.lines and (end.status is None or bool(end.errors))


def judge_log(reader, options):
    """What the log should hold and does not."""
    return [f'the log does not hold "{text}"' for text in options.expect_log
            if not reader.holds(text)]


def judge_expected_panic(reader, end, options):
    reasons = judge_log(reader, options)
    if not reader.panicked_with(options.expect_panic):
        reasons.append(f'no panic with "{options.expect_panic}" in the log')
        reasons += [f"but: {panic}" for panic in reader.panics[:1]]
    if end.status != 2:
        reasons.append(f"{describe_exit(end)}, where panicked was expected")
    if len(reader.panics) > 1:
        reasons.append(f"{len(reader.panics)} panics, where one was expected")
    return Verdict(FAILED if reasons else PASSED, reasons)


def judge_tests(reader, end):
    """What speaks against a run that ended by itself and was to pass."""
    reasons = list(reader.finish())
    reasons += [f"not ok {result.number} {result.name}" for result in reader.failures]
    if reader.top is None and not reader.done:
        reasons.append('neither a test plan nor the closing line "fathom: done"')
    if end.status != 0:
        reasons.append(describe_exit(end))
    return reasons


def describe_qemu(end):
    """How QEMU failed: what it ended with says nothing of the guest."""
    if end.code < 0:
        return f"QEMU was killed by signal {-end.code}"
    return f"QEMU ended with code {end.code} before the kernel had printed a line"


def describe_exit(end):
    """How the guest ended, as a sentence."""
    if end.status is not None:
        return f"the guest's exit status says {STATUS_NAMES[end.status]}"
    if end.stopped:
        return "the run was stopped"
    if end.code < 0:
        return f"QEMU was killed by signal {-end.code}"
    if end.code == 0:
        return "the machine reset or powered off without an exit status (a triple fault does that)"
    return f"QEMU ended with code {end.code}"

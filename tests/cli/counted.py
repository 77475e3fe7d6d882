"""Runs the tests of a script and ends with the line that tools/lab.sh adds up: "N passed, N failed, N skipped"."""
import sys
import unittest


def run_counted(module, names):
    """All tests of `module`, or those whose names contain one of `names`. Returns the exit status; none run is a failure."""
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    if names:
        suite = unittest.TestSuite(test for group in suite for test in group if any(name in test.id() for name in names))
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    for test, _ in result.skipped:
        print(f"skipped {test.id()}")
    failed = len(result.failures) + len(result.errors)
    print(f"{result.testsRun - failed - len(result.skipped)} passed, {failed} failed, {len(result.skipped)} skipped")
    return 1 if failed or not result.testsRun else 0

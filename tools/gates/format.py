"""The C files are as clang-format leaves them (.clang-format; `make format`)."""
import subprocess

from gate import ROOT, files, finish

names = [str(p) for p in files("src/*.c", "tests/*.c")]
done = subprocess.run(["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *names], cwd=ROOT, capture_output=True, text=True)
wrong = sorted({line.split(":")[0] for line in done.stderr.splitlines() if ": error:" in line})
finish([f"{name}: not formatted" for name in wrong], "make format")

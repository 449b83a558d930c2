"""Feed every parser of bytes from outside with atheris: `python fuzz/run.py --seconds N [NAME …]`.

Each parser gets an equal share of the seconds in a process of its own. What makes one fail is kept in build/fuzz.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KEPT = HERE.parent / "build" / "fuzz"
sys.path[:0] = [str(HERE.parent / "src"), str(HERE.parent / "tests")]


def feed_one(name: str, options: list[str]) -> None:
    """Feed one parser for ever or as libFuzzer's options say; a failure ends the process."""
    import atheris  # noqa: PLC0415 - only the child process needs it

    with atheris.instrument_imports(include=["backchannel"]):
        from parsers import feed  # noqa: PLC0415 - instrumented while imported

    def one(data: bytes) -> None:
        feed(name, data)

    atheris.Setup([sys.argv[0], *options], one)
    atheris.Fuzz()


def run(name: str, seconds: int) -> bool:
    """Feed one parser for these seconds in a process of its own; tell whether it held."""
    from parsers import seeds  # noqa: PLC0415 - the child imports it instrumented instead

    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds(name)):
            (Path(corpus) / str(number)).write_bytes(seed)
        options = [f"-max_total_time={seconds}", "-max_len=4096", "-print_final_stats=1"]
        options += ["-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={KEPT / name}-", corpus]
        done = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, __file__, "--only", name, *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds + 120,
            check=False,
        )
    runs = next(
        (line.split()[-1] for line in done.stdout.splitlines() if "number_of_executed_units" in line), "?"
    )
    print(f"  {name:<22} {runs:>9} inputs  {'held' if done.returncode == 0 else 'FAILED'}", flush=True)
    if done.returncode != 0:
        _, _, failure = done.stdout.partition(" === Uncaught Python exception: ===")
        print(failure[:3000] or done.stdout[-3000:], flush=True)
    return done.returncode == 0


def main() -> int:
    if sys.argv[1:2] == ["--only"]:
        feed_one(sys.argv[2], sys.argv[3:])
        return 0
    from parsers import PARSERS  # noqa: PLC0415 - see run

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60, help="for all parsers together (60)")
    parser.add_argument("names", nargs="*", choices=[*sorted(PARSERS), []], help="only these parsers")
    chosen = parser.parse_args()
    names = chosen.names or sorted(PARSERS)
    share = max(1, chosen.seconds // len(names))
    held = [run(name, share) for name in names]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())

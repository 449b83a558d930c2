"""The AND of three sides' answers by MPyC, as one of its processes; side 0 prints the wall seconds, start-up not counted."""

import sys
import time

from mpyc.runtime import mpc


async def main() -> None:
    options = int(sys.argv[1])
    field = mpc.SecFld(101)
    await mpc.start()
    await mpc.barrier()
    began = time.perf_counter()
    answers = mpc.input([field((option + mpc.pid) % 3 > 0) for option in range(options)])
    both = mpc.schur_prod(answers[0], answers[1])
    await mpc.output(mpc.schur_prod(both, answers[2]))
    seconds = time.perf_counter() - began
    await mpc.shutdown()
    if mpc.pid == 0:
        print(seconds)


mpc.run(main())
